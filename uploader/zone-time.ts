import { HOUR_MS } from "../base/durations.ts";

/** No zone changes its offset by more within this time to both sides of a change. */
const AROUND_CHANGE_MS = 14 * HOUR_MS;

/**
 * The times at which the clocks of a zone show a wall time: one, none where clocks go forward, two where they go back.
 * @param wallMs the wall time as if it were UTC; results are epoch milliseconds, in order
 * @throws RangeError for an unknown zone
 */
export function timesInZone(wallMs: number, zone: string): number[] {
  const around = [wallMs - AROUND_CHANGE_MS, wallMs + AROUND_CHANGE_MS];
  const offsets = new Set(around.map((ms) => offsetMs(ms, zone)));
  return [...offsets]
    .map((offset) => wallMs - offset)
    .filter((ms) => ms + offsetMs(ms, zone) === wallMs)
    .toSorted((a, b) => a - b);
}

/** By how much a zone's clocks are ahead of UTC at a time. */
function offsetMs(atMs: number, zone: string): number {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  const parts: Record<string, number> = {};
  for (const { type, value } of format.formatToParts(atMs)) parts[type] = Number(value);
  const { year, month, day, hour, minute, second } = parts as Record<
    "year" | "month" | "day" | "hour" | "minute" | "second",
    number
  >;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(atMs / 1000) * 1000;
}
