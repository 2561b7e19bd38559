/** Fragment numbers are a little above 2^156 (observed in public logs): 47 digits, so that they also sort as text. */
const BASE = 2n ** 156n;
const SEQUENCE_BITS = 64n;

/**
 * The number of the next fragment: it only ever increases (documented: Fragment, FragmentNumber).
 * @param previous the last number given out on the stream
 */
export function nextFragmentNumber(nowMs: number, previous: string | undefined): string {
  const byTime = BASE + (BigInt(Math.floor(nowMs)) << SEQUENCE_BITS);
  const following = BigInt(previous ?? 0) + 1n;
  return String(byTime > following ? byTime : following);
}
