const DAY_MS = 86_400_000;
const TWO_DIGITS = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, "0"));

// Rows of a batch nearly always share their day, and formatting a date costs ten times the rest.
let lastDay = Number.NaN;
let lastDate = "";

/** `yyyy-MM-ddTHH:mm:ss.SSSZ` of whole epoch milliseconds: what `Date.toISOString` gives, faster. */
export function isoTimestamp(epochMs: number): string {
  const day = Math.floor(epochMs / DAY_MS);
  if (day !== lastDay) {
    lastDate = new Date(day * DAY_MS).toISOString().slice(0, 11);
    lastDay = day;
  }
  const ms = epochMs - day * DAY_MS;
  const seconds = Math.floor(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const fraction = String(1000 + (ms % 1000)).slice(1);
  return `${lastDate}${TWO_DIGITS[hours]}:${TWO_DIGITS[minutes % 60]}:${TWO_DIGITS[seconds % 60]}.${fraction}Z`;
}

/** The lake's partition of an event time: its UTC date and hour, padded as partition projection expects them. */
export interface EventHour {
  /** `yyyy-MM-dd` */
  dt: string;
  /** `00` to `23` */
  hour: string;
}

export function eventHourOf(epochMs: number): EventHour {
  const timestamp = isoTimestamp(epochMs);
  return { dt: timestamp.slice(0, 10), hour: timestamp.slice(11, 13) };
}

/** How far an event may lie after its arrival: clocks err, and partition projection ends a day from now. */
export const MAX_AHEAD_MS = DAY_MS;
