/** Delays between tries: the ceiling doubles from `firstMs` up to `longestMs`; none is shorter than `leastMs`. */
export interface Backoff {
  readonly leastMs?: number;
  readonly firstMs: number;
  readonly longestMs: number;
}

/**
 * Exponential backoff with full jitter: anything from the least up to the ceiling of this try, so that many that were
 * refused together do not return together.
 * @param tries how many tries have failed, from 1
 * @param random 0 up to but not including 1
 */
export function backoffMs(
  tries: number,
  random: number,
  { leastMs = 0, firstMs, longestMs }: Backoff,
): number {
  const ceilingMs = Math.min(longestMs, firstMs * 2 ** Math.min(tries - 1, 30));
  return leastMs + Math.ceil((ceilingMs - leastMs) * random);
}
