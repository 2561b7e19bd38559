import type { Clock } from "../../../base/clock.ts";

/** Longest fragment of Kinesis Video (documented: service quotas): for this long, the next one can still be incomplete. */
const LONGEST_FRAGMENT_MS = 20_000;
/** How late media may be. How long AWS waits is not documented. */
const NO_MEDIA_TIMEOUT_MS = 5_000;

/**
 * How long a session waits for media: the duration of the last fragment, since the fragments of a camera are alike and
 * arrive whole, plus the time that media may be late.
 */
export const silenceLimitMs = (lastFragmentMs = LONGEST_FRAGMENT_MS): number =>
  lastFragmentMs + NO_MEDIA_TIMEOUT_MS;

/**
 * Why the chunks ended. That a session on a stream without media waits and then ends as STOPPED, without video, is
 * unconfirmed: the guide only says to start a processor after media is known to be ingested.
 */
export type MediaEnd = "stream-ended" | "no-media" | "aborted";

/**
 * Yields the source's chunks until it ends, none has arrived for `limitMs()`, or `signal` aborts, and calls `ended` with
 * the reason. Time only counts while a chunk is awaited. An error of the source is thrown unchanged.
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
    // Not awaited: the source ends when the caller closes its connection.
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
  // A read that loses this race fails when its connection is closed; the promise is settled by then.
  source.next().then(resolve, reject);
  try {
    return await promise;
  } finally {
    timer.cancel();
    signal.removeEventListener("abort", onAbort);
  }
}
