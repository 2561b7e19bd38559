import { DAY_MS, HOUR_MS } from "../../base/durations.ts";

const padded = (number: number, digits: number) => String(number).padStart(digits, "0");
// Few pieces, because joining them takes most of the time.
const HOURS = Array.from({ length: 24 }, (_, hour) => padded(hour, 2));
const HOURS_AND_MINUTES = HOURS.flatMap((hour) =>
  Array.from({ length: 60 }, (_, minute) => `${hour}:${padded(minute, 2)}:`),
);
const SECONDS = Array.from({ length: 60 }, (_, second) => `${padded(second, 2)}.`);
const MILLISECONDS = Array.from({ length: 1000 }, (_, ms) => `${padded(ms, 3)}Z`);

// Rows of a batch nearly always have the same day, and formatting a date takes ten times as long as the rest.
let lastDay = Number.NaN;
let lastDate = "";

/** `yyyy-MM-ddT` of a day since the epoch. */
function dateOf(day: number): string {
  if (day !== lastDay) {
    lastDate = new Date(day * DAY_MS).toISOString().slice(0, 11);
    lastDay = day;
  }
  return lastDate;
}

/** `yyyy-MM-ddTHH:mm:ss.SSSZ` of whole epoch milliseconds: what `Date.toISOString` returns, faster. */
export function isoTimestamp(epochMs: number): string {
  const day = Math.floor(epochMs / DAY_MS);
  const ms = epochMs - day * DAY_MS;
  const seconds = Math.floor(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  return `${dateOf(day)}${HOURS_AND_MINUTES[minutes]}${SECONDS[seconds % 60]}${MILLISECONDS[ms % 1000]}`;
}

/** The lake's partition of an event time: its UTC date and hour, padded as partition projection expects them. */
export interface EventHour {
  /** `yyyy-MM-dd` */
  readonly dt: string;
  /** `00` to `23` */
  readonly hour: string;
}

let lastHour = Number.NaN;
let lastEventHour: EventHour = { dt: "", hour: "" };

export function eventHourOf(epochMs: number): EventHour {
  const hour = Math.floor(epochMs / HOUR_MS);
  if (hour !== lastHour) {
    const day = Math.floor(hour / 24);
    lastEventHour = { dt: dateOf(day).slice(0, 10), hour: HOURS[hour - day * 24]! };
    lastHour = hour;
  }
  return lastEventHour;
}

/** How far an event may lie after its arrival: clocks differ, and partition projection ends a day from now. */
export const MAX_AHEAD_MS = DAY_MS;
