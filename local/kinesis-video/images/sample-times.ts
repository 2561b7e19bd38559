import type { Fragment } from "../fragments/fragment.ts";
import { startOf, TOLERANCE_MS, type TimestampType } from "../fragments/select-fragments.ts";

/** The times at which GetImages requests images. */
export interface Sampling {
  readonly startMs: number;
  readonly endMs: number;
  readonly intervalMs: number;
}

/**
 * A page of sample times: the start and each interval after it, including the end (unconfirmed).
 * @param fromMs where the page starts
 */
export function sampleTimes({ endMs, intervalMs }: Sampling, fromMs: number, maxTimes: number): number[] {
  const left = Math.floor((endMs - fromMs) / intervalMs) + 1;
  return Array.from({ length: Math.min(left, maxTimes) }, (_, at) => fromMs + at * intervalMs);
}

export const isSampleTime = ({ startMs, endMs, intervalMs }: Sampling, atMs: number): boolean =>
  atMs >= startMs && atMs <= endMs && (atMs - startMs) % intervalMs === 0;

/**
 * The fragment that was recorded at this time, of several the newest. Lengths are rounded: a short gap before the next
 * fragment belongs to the previous one.
 */
export function fragmentAt(
  fragments: readonly Fragment[],
  type: TimestampType,
  atMs: number,
): Fragment | undefined {
  const lastsUntil = (toleranceMs: number) =>
    fragments.findLast((one) => {
      const startMs = startOf(one, type);
      return startMs <= atMs && atMs < startMs + one.lengthMs + toleranceMs;
    });
  const isFollowed = () =>
    fragments.some((one) => startOf(one, type) > atMs && startOf(one, type) <= atMs + TOLERANCE_MS);
  return lastsUntil(0) ?? (isFollowed() ? lastsUntil(TOLERANCE_MS) : undefined);
}
