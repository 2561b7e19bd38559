import { HOUR_MS, MINUTE_MS } from "../../base/durations.ts";
import { WEEKDAYS, type ArmedHours, type Camera, type Schedule } from "../../schemas/camera.ts";

const DAY_MINUTES = 24 * 60;
/** Every zone's days begin and its clocks change on a quarter of an hour, so within one only minutes pass. */
const QUARTER_MS = 15 * MINUTE_MS;
/** No day is longer, also when clocks are set back. */
const LONGEST_DAY_MS = 26 * HOUR_MS;

/** What a wall clock shows. */
interface LocalTime {
  /** `yyyy-MM-dd` */
  readonly day: string;
  readonly weekday: (typeof WEEKDAYS)[number];
  readonly minuteOfDay: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-CA", {
      timeZone,
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      weekday: "short",
    });
    formats.set(timeZone, format);
  }
  return format;
}

/** What the wall clock of an IANA time zone shows at an epoch time. */
function localTime(epochMs: number, timeZone: string): LocalTime {
  const quarterMs = Math.floor(epochMs / QUARTER_MS) * QUARTER_MS;
  const { minuteOfDay, ...date } = timeAtQuarter(quarterMs, timeZone);
  return { ...date, minuteOfDay: minuteOfDay + Math.floor((epochMs - quarterMs) / MINUTE_MS) };
}

/** Formatting takes microseconds, and a camera's decisions are about a few quarters of an hour. */
const quarters = new Map<string, LocalTime>();
const MAX_QUARTERS = 1000;

function timeAtQuarter(epochMs: number, timeZone: string): LocalTime {
  const key = `${epochMs} ${timeZone}`;
  let time = quarters.get(key);
  if (!time) {
    const parts: Record<string, string> = {};
    for (const { type, value } of formatOf(timeZone).formatToParts(epochMs)) parts[type] = value;
    time = {
      day: `${parts["year"]}-${parts["month"]}-${parts["day"]}`,
      weekday: parts["weekday"]!.toLowerCase() as LocalTime["weekday"],
      minuteOfDay: Number(parts["hour"]) * 60 + Number(parts["minute"]),
    };
    if (quarters.size >= MAX_QUARTERS) quarters.clear();
    quarters.set(key, time);
  }
  return time;
}

/** The date in a time zone, `yyyy-MM-dd`: the day on which a budget is spent. */
export const dayOf = (epochMs: number, timeZone: string): string =>
  timeZone === "UTC" ? new Date(epochMs).toISOString().slice(0, 10) : localTime(epochMs, timeZone).day;

/** When the next day begins in the time zone, epoch milliseconds. */
export function nextDayMs(epochMs: number, timeZone: string): number {
  const { day, minuteOfDay } = localTime(epochMs, timeZone);
  // The whole day is searched only if clocks change on it.
  const midnightMs = (Math.floor(epochMs / MINUTE_MS) + DAY_MINUTES - minuteOfDay) * MINUTE_MS;
  if (dayOf(midnightMs, timeZone) !== day && dayOf(midnightMs - MINUTE_MS, timeZone) === day)
    return midnightMs;
  return firstMinute(epochMs, epochMs + LONGEST_DAY_MS, (time) => time.day !== day, timeZone)!;
}

/** The schedule in effect: one that never arms while the camera is disarmed. */
export const scheduleOf = ({ armed, schedule }: Pick<Camera, "armed" | "schedule">): Schedule | undefined =>
  armed ? schedule : [];

/** Whether motion of this time is analysed; without a schedule it always is. */
export const isArmed = (schedule: Schedule | undefined, epochMs: number, timeZone: string): boolean =>
  schedule === undefined || isArmedAt(schedule, localTime(epochMs, timeZone));

/** When the camera is armed next, epoch milliseconds; undefined if that is not before `untilMs`. */
export const nextArmedMs = (
  schedule: Schedule,
  epochMs: number,
  untilMs: number,
  timeZone: string,
): number | undefined => firstMinute(epochMs, untilMs, (time) => isArmedAt(schedule, time), timeZone);

/** When the camera is no longer armed, epoch milliseconds; undefined if that is not before `untilMs`. */
export const nextDisarmedMs = (
  schedule: Schedule,
  epochMs: number,
  untilMs: number,
  timeZone: string,
): number | undefined => firstMinute(epochMs, untilMs, (time) => !isArmedAt(schedule, time), timeZone);

const isArmedAt = (schedule: Schedule, { weekday, minuteOfDay }: LocalTime): boolean =>
  schedule.some(
    ({ days, from, until }: ArmedHours) =>
      days.includes(weekday) && minutes(from) <= minuteOfDay && minuteOfDay < minutes(until),
  );

const minutes = (clock: string): number => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3));

/** The first whole minute between two times at which the wall clock fulfils a condition. */
function firstMinute(
  afterMs: number,
  beforeMs: number,
  holds: (time: LocalTime) => boolean,
  timeZone: string,
): number | undefined {
  let quarterMs = Number.NaN;
  let quarter: LocalTime | undefined;
  for (let ms = (Math.floor(afterMs / MINUTE_MS) + 1) * MINUTE_MS; ms < beforeMs; ms += MINUTE_MS) {
    if (quarterMs !== Math.floor(ms / QUARTER_MS) * QUARTER_MS) {
      quarterMs = Math.floor(ms / QUARTER_MS) * QUARTER_MS;
      quarter = timeAtQuarter(quarterMs, timeZone);
    }
    const minuteOfDay = quarter!.minuteOfDay + (ms - quarterMs) / MINUTE_MS;
    if (holds({ ...quarter!, minuteOfDay })) return ms;
  }
  return undefined;
}
