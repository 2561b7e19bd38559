import { DAY_MS, HOUR_MS } from "../../base/durations.ts";

const MAX_BINS = 400;

/** Width of a bin in time charts. Bins are named as SQL returns them: `2026-11-21T09`, `2026-11-21`, the week's Monday, `2026-11`. */
export type BinUnit = "hour" | "day" | "week" | "month";

/** Epoch milliseconds, the end excluded. */
export interface TimeRange {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The smallest unit that divides the range into a readable number of bins. */
export function binUnitOf({ fromMs, toMs }: TimeRange): BinUnit {
  const days = (toMs - fromMs) / DAY_MS;
  if (days <= 3) return "hour";
  if (days <= 62) return "day";
  return days <= 430 ? "week" : "month";
}

/** Start of the bin, epoch milliseconds. */
export const binStartMs = (bin: string): number => Date.parse(bin.length > 10 ? `${bin}:00:00Z` : bin);

/** Every bin from the first to the last, empty ones included. */
export function binsBetween(bins: readonly string[], unit: BinUnit): string[] {
  const sorted = bins.toSorted();
  const last = sorted.at(-1);
  const all: string[] = [];
  for (
    let bin = sorted[0];
    bin !== undefined && bin <= last! && all.length < MAX_BINS;
    bin = after(bin, unit)
  )
    all.push(bin);
  return all;
}

function after(bin: string, unit: BinUnit): string {
  const startMs = binStartMs(bin);
  if (unit === "hour") return new Date(startMs + HOUR_MS).toISOString().slice(0, 13);
  if (unit === "day") return new Date(startMs + DAY_MS).toISOString().slice(0, 10);
  if (unit === "week") return new Date(startMs + 7 * DAY_MS).toISOString().slice(0, 10);
  return new Date(startMs + 32 * DAY_MS).toISOString().slice(0, 7);
}
