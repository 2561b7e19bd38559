/** Fragment numbers are a little above 2^156 (observed in public logs): always 47 digits, so they also sort as text. */
const BASE = 2n ** 156n;
const SEQUENCE_BITS = 64n;

/**
 * The number of the next fragment: numbers always increase (documented: Fragment, FragmentNumber).
 * @param previous the last number assigned on the stream
 */
export function nextFragmentNumber(nowMs: number, previous: string | undefined): string {
  const byTime = BASE + (BigInt(Math.floor(nowMs)) << SEQUENCE_BITS);
  const following = BigInt(previous ?? 0) + 1n;
  return String(byTime > following ? byTime : following);
}
