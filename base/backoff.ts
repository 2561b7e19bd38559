/** Delays between attempts: the ceiling doubles from `baseMs` up to `maxMs`; no delay is shorter than `minMs`. */
export interface Backoff {
  readonly minMs?: number;
  readonly baseMs: number;
  readonly maxMs: number;
}

/**
 * Exponential backoff with full jitter: anything from the least up to the ceiling of this attempt, so that many callers
 * that were refused together do not return together.
 * @param failures how many attempts have failed, from 1
 * @param random 0 up to but not including 1
 */
export function backoffMs(failures: number, random: number, { minMs = 0, baseMs, maxMs }: Backoff): number {
  const ceilingMs = backoffCeilingMs(failures, { baseMs, maxMs });
  return minMs + Math.ceil((ceilingMs - minMs) * random);
}

/** The longest delay after so many failures: for schedules without jitter. */
export const backoffCeilingMs = (failures: number, { baseMs, maxMs }: Backoff): number =>
  Math.min(maxMs, baseMs * 2 ** Math.min(failures - 1, 30));
