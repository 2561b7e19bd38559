import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../base/durations.ts";

const clockTime = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});
const exactTime = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});
const dayName = new Intl.DateTimeFormat("en-GB", { weekday: "long", day: "numeric", month: "long" });
const dayNameWithYear = new Intl.DateTimeFormat("en-GB", {
  weekday: "long",
  day: "numeric",
  month: "long",
  year: "numeric",
});

/** `18:04`, in the browser's time zone. */
export const timeOf = (ms: number): string => clockTime.format(ms);
/** `18:04:09` */
export const exactTimeOf = (ms: number): string => exactTime.format(ms);

/** The day's date in the browser's time zone, `2026-11-30`. */
export function dateOf(ms: number): string {
  const day = new Date(ms);
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
}

/** When the day of a date begins in the browser's time zone. @param days how many days later */
export function startOfDate(date: string, days = 0): number {
  const [year, month, day] = date.split("-").map(Number) as [number, number, number];
  return new Date(year, month - 1, day + days).getTime();
}

/** `Today`, `Yesterday`, `Saturday 28 November`, with the year if it is another. */
export function dayOf(ms: number, nowMs: number): string {
  const date = dateOf(ms);
  if (date === dateOf(nowMs)) return "Today";
  if (date === dateOf(startOfDate(dateOf(nowMs), -1))) return "Yesterday";
  return (date.slice(0, 4) === dateOf(nowMs).slice(0, 4) ? dayName : dayNameWithYear)
    .format(ms)
    .replace(",", "");
}

/** Times of day in a time zone; in UTC if the browser does not know it. */
export function clockIn(timeZone: string): {
  /** `18:04` */
  readonly short: (ms: number) => string;
  /** `18:04:09` */
  readonly exact: (ms: number) => string;
} {
  const format = (options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat => {
    const all = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", ...options } as const;
    try {
      return new Intl.DateTimeFormat(undefined, { ...all, timeZone });
    } catch {
      return new Intl.DateTimeFormat(undefined, { ...all, timeZone: "UTC" });
    }
  };
  const short = format({});
  const exact = format({ second: "2-digit" });
  return { short: (ms) => short.format(ms), exact: (ms) => exact.format(ms) };
}

/** `97 %`; never rounds to 0 or 100. */
export function percentOf(share: number): string {
  if (share > 0 && share < 0.01) return "< 1 %";
  if (share < 1 && share > 0.99) return "> 99 %";
  return `${Math.round(share * 100)} %`;
}

/** `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min` */
export function durationOf(ms: number): string {
  if (ms < 10 * SECOND_MS) return `${(ms / SECOND_MS).toFixed(ms < SECOND_MS ? 1 : 0)} s`;
  // What rounds up to the next unit is said in it.
  const rounded = Math.round(ms / SECOND_MS) * SECOND_MS;
  if (rounded < MINUTE_MS) return `${rounded / SECOND_MS} s`;
  const [big, bigUnit, small, smallUnit] =
    rounded < HOUR_MS
      ? ([MINUTE_MS, "min", SECOND_MS, "s"] as const)
      : ([HOUR_MS, "h", MINUTE_MS, "min"] as const);
  const inSmall = Math.round(ms / small);
  const rest = inSmall % (big / small);
  return `${Math.floor(inSmall / (big / small))} ${bigUnit}${rest > 0 ? ` ${rest} ${smallUnit}` : ""}`;
}

/** `just now`, `4 min ago`, `3 h ago`, `2 days ago` */
export function agoOf(ms: number, nowMs: number): string {
  const age = Math.max(0, nowMs - ms);
  if (age < MINUTE_MS) return "just now";
  if (age < HOUR_MS) return `${Math.floor(age / MINUTE_MS)} min ago`;
  if (age < 2 * DAY_MS) return `${Math.floor(age / HOUR_MS)} h ago`;
  return `${Math.floor(age / DAY_MS)} days ago`;
}

/** `310 B`, `12 kB`, `8.1 MB`, `2.0 GB` */
export function bytesOf(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  return `${(bytes / 1000 ** power).toFixed(power > 1 ? 1 : 0)} ${units[power]}`;
}

/** `PERSON` as people read it: `Person`. */
export const labelName = (label: string): string =>
  label === label.toUpperCase() ? label.charAt(0) + label.slice(1).toLowerCase() : label;

const KNOWN: Readonly<Record<string, number>> = { PERSON: 1, PET: 2, PACKAGE: 3 };

/** Number of a label's colour, 1 to 6; the same on every screen. */
export function hueOf(label: string): number {
  if (Object.hasOwn(KNOWN, label)) return KNOWN[label]!;
  let sum = 0;
  for (const character of label) sum = (sum * 31 + character.codePointAt(0)!) % 65_521;
  return 4 + (sum % 3);
}
