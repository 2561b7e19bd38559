import type { Interval } from "../../schemas/session.ts";

/** A shorter pause between two fragments is not a gap: a slow camera's last frame can last that long. */
export const LONGEST_PAUSE_MS = 1000;

/**
 * The intervals as one ascending list in which none overlap or touch; empty ones are left out.
 * @param pauseMs neighbours that are at most so far apart become one
 */
export function union(intervals: readonly Interval[], pauseMs = 0): Interval[] {
  const sorted = intervals
    .filter(({ fromMs, untilMs }) => fromMs < untilMs)
    .toSorted((a, b) => a.fromMs - b.fromMs);
  const merged: Interval[] = [];
  for (const interval of sorted) {
    const last = merged.at(-1);
    if (last && interval.fromMs - last.untilMs <= pauseMs)
      merged[merged.length - 1] = { fromMs: last.fromMs, untilMs: Math.max(last.untilMs, interval.untilMs) };
    else merged.push(interval);
  }
  return merged;
}

/** The parts of the intervals that lie in none of the others, ascending. */
export function subtract(intervals: readonly Interval[], others: readonly Interval[]): Interval[] {
  let left = union(intervals);
  for (const { fromMs, untilMs } of union(others))
    left = left.flatMap((interval) =>
      union([
        { fromMs: interval.fromMs, untilMs: Math.min(interval.untilMs, fromMs) },
        { fromMs: Math.max(interval.fromMs, untilMs), untilMs: interval.untilMs },
      ]),
    );
  return left;
}

/** The parts of the intervals that lie in the others, ascending. */
export const intersect = (intervals: readonly Interval[], others: readonly Interval[]): Interval[] =>
  subtract(intervals, subtract(intervals, others));

/** How long the intervals are together. */
export const totalMs = (intervals: readonly Interval[]): number =>
  intervals.reduce((sum, { fromMs, untilMs }) => sum + untilMs - fromMs, 0);

/** The parts of the intervals that lie before a time, ascending. */
export const before = (intervals: readonly Interval[], ms: number): Interval[] =>
  union(intervals.map(({ fromMs, untilMs }) => ({ fromMs, untilMs: Math.min(untilMs, ms) })));

/** A list of at most `max` intervals that covers at least the same: the nearest neighbours become one. */
export function joinNearest(intervals: readonly Interval[], max: number): Interval[] {
  const joined = union(intervals);
  while (joined.length > max) {
    let nearest = 1;
    for (let i = 2; i < joined.length; i++)
      if (gapBefore(joined, i) < gapBefore(joined, nearest)) nearest = i;
    const [left, right] = joined.slice(nearest - 1, nearest + 1) as [Interval, Interval];
    joined.splice(nearest - 1, 2, { fromMs: left.fromMs, untilMs: right.untilMs });
  }
  return joined;
}

const gapBefore = (intervals: readonly Interval[], index: number): number =>
  intervals[index]!.fromMs - intervals[index - 1]!.untilMs;
