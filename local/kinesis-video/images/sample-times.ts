import type { Fragment } from "../fragment-store.ts";
import { startOf, TOLERANCE_MS, type TimestampType } from "../archive/select-fragments.ts";

/** The moments of which GetImages is asked for an image. */
export interface Sampling {
  readonly startMs: number;
  readonly endMs: number;
  readonly intervalMs: number;
}

/**
 * A page of moments: the start and every interval after it, the end included (that it is, is unconfirmed).
 * @param fromMs where the page begins
 */
export function momentsOf({ endMs, intervalMs }: Sampling, fromMs: number, maxMoments: number): number[] {
  const left = Math.floor((endMs - fromMs) / intervalMs) + 1;
  return Array.from({ length: Math.min(left, maxMoments) }, (_, at) => fromMs + at * intervalMs);
}

export const isMoment = ({ startMs, endMs, intervalMs }: Sampling, atMs: number): boolean =>
  atMs >= startMs && atMs <= endMs && (atMs - startMs) % intervalMs === 0;

/**
 * The fragment that was being recorded at the moment, of several the newest. Lengths are rounded: a short gap before the
 * next fragment belongs to the one before it.
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
  const goesOn = () =>
    fragments.some((one) => startOf(one, type) > atMs && startOf(one, type) <= atMs + TOLERANCE_MS);
  return lastsUntil(0) ?? (goesOn() ? lastsUntil(TOLERANCE_MS) : undefined);
}
