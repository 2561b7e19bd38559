import type { Clock } from "../../base/clock.ts";

/** Longest fragment that Kinesis Video takes (documented: service quotas): silence this long can still be a fragment in the making. */
const LONGEST_FRAGMENT_MS = 20_000;
/** How long media may be late. How long AWS waits is not documented. */
export const NO_MEDIA_TIMEOUT_MS = 5_000;

/**
 * How long a session waits for media: as long as the last fragment lasted, since fragments of one camera are of a
 * kind and arrive whole, and a little more.
 */
export const silenceLimitMs = (lastFragmentMs = LONGEST_FRAGMENT_MS): number =>
  lastFragmentMs + NO_MEDIA_TIMEOUT_MS;

/** Why the chunks ended. */
export type MediaEnd = "stream-ended" | "no-media" | "aborted";

/**
 * Passes chunks on until the source ends, none has come for `limitMs()`, or `signal` aborts; `ended` is told which.
 * Time is only counted while a chunk is awaited. An error of the source passes through.
 */
export async function* chunksWhileMediaComes(
  source: AsyncGenerator<Uint8Array>,
  clock: Clock,
  limitMs: () => number,
  signal: AbortSignal,
  ended: (why: MediaEnd) => void,
): AsyncGenerator<Uint8Array> {
  try {
    for (;;) {
      const next = await nextChunk(source, clock, limitMs(), signal);
      if (typeof next === "string") return ended(next);
      if (next.done) return ended("stream-ended");
      yield next.value;
    }
  } finally {
    // Not awaited: the source comes to its end when its connection is closed, which is the caller's part.
    source.return(undefined).catch(() => {});
  }
}

async function nextChunk(
  source: AsyncGenerator<Uint8Array>,
  clock: Clock,
  limitMs: number,
  signal: AbortSignal,
): Promise<IteratorResult<Uint8Array> | MediaEnd> {
  if (signal.aborted) return "aborted";
  const { promise, resolve, reject } = Promise.withResolvers<IteratorResult<Uint8Array> | MediaEnd>();
  const onAbort = () => resolve("aborted");
  signal.addEventListener("abort", onAbort);
  const timer = clock.after(limitMs, () => resolve("no-media"));
  // A read that loses this race fails when its connection is closed; then it rejects nothing that is still looked at.
  source.next().then(resolve, reject);
  try {
    return await promise;
  } finally {
    timer.cancel();
    signal.removeEventListener("abort", onAbort);
  }
}
