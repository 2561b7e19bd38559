import type { CameraView } from "../../../schemas/console/cameras.ts";

export type Hours = NonNullable<CameraView["schedule"]>[number];
export type Weekday = Hours["days"][number];

export const WEEKDAYS: readonly Weekday[] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

const DAY_NAMES: Readonly<Record<Weekday, string>> = {
  mon: "Mon",
  tue: "Tue",
  wed: "Wed",
  thu: "Thu",
  fri: "Fri",
  sat: "Sat",
  sun: "Sun",
};
export const dayName = (day: Weekday): string => DAY_NAMES[day];

const dayAfter = (day: Weekday): Weekday => WEEKDAYS[(WEEKDAYS.indexOf(day) + 1) % WEEKDAYS.length]!;
const inOrder = (days: readonly Weekday[]): Weekday[] => WEEKDAYS.filter((day) => days.includes(day));

/** Hours as a reader enters them, as the registry wants them: a night becomes two entries, one of the next day. */
export const splitNights = (entries: readonly Hours[]): Hours[] =>
  entries.flatMap(({ days, from, until }) => {
    if (from < until) return [{ days: inOrder(days), from, until }];
    const evening: Hours = { days: inOrder(days), from, until: "24:00" };
    if (until === "00:00") return [evening];
    return [evening, { days: inOrder(days.map(dayAfter)), from: "00:00", until }];
  });

/** The registry's entries as a reader enters them: an evening and the morning after it become one night. */
export function joinNights(entries: readonly Hours[]): Hours[] {
  const left = [...entries];
  const joined: Hours[] = [];
  while (left.length > 0) {
    const entry = left.shift()!;
    const isEvening = entry.until === "24:00" && entry.from !== "00:00";
    const morning = isEvening
      ? left.findIndex(
          ({ days, from, until }) =>
            from === "00:00" &&
            until < entry.from &&
            until !== "24:00" &&
            inOrder(days).join() === inOrder(entry.days.map(dayAfter)).join(),
        )
      : -1;
    joined.push(morning < 0 ? entry : { ...entry, until: left.splice(morning, 1)[0]!.until });
  }
  return joined;
}

/** `Mon to Fri, 18:00 to 24:00` */
export function hoursInWords({ days, from, until }: Hours): string {
  const at = inOrder(days).map((day) => WEEKDAYS.indexOf(day));
  const isRun = at.every((day, index) => index === 0 || day === at[index - 1]! + 1);
  const names = inOrder(days).map(dayName);
  const shown =
    names.length === 7
      ? "Every day"
      : isRun && names.length > 2
        ? `${names[0]} to ${names.at(-1)}`
        : names.join(", ");
  return `${shown}, ${from} to ${until}`;
}
