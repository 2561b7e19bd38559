import { backoffMs, type Backoff } from "../base/backoff.ts";
import { sleep, systemClock, type Clock } from "../base/clock.ts";
import { systemRandom, type Random } from "../base/random.ts";

const MAX_ATTEMPTS = 8;
const BACKOFF: Backoff = { baseMs: 400, maxMs: 10_000 };

/** Errors that go by themselves, beside those that the SDK tries again. */
const PASSING = new Set([
  // Kinesis Video's word for too many calls a second (documented: quotas), which the SDK does not know as throttling.
  "ClientLimitExceededException",
  "ConnectionLimitExceededException",
  // A connection that broke while the body came: by then the SDK has done its part.
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "ERR_STREAM_PREMATURE_CLOSE",
]);

/**
 * Calls until it works, at most eight times, with growing pauses of chance length in between.
 * @throws the last error once it is none that passes, all attempts are used up, or the signal aborts
 */
export async function withBackoff<T>(
  call: () => Promise<T>,
  {
    signal,
    clock = systemClock,
    random = systemRandom,
  }: { signal?: AbortSignal; clock?: Clock; random?: Random } = {},
): Promise<T> {
  for (let attempts = 1; ; attempts++) {
    signal?.throwIfAborted();
    try {
      return await call();
    } catch (error) {
      if (attempts >= MAX_ATTEMPTS || !isPassing(error)) throw error;
      await sleep(clock, backoffMs(attempts, random(), BACKOFF), signal);
    }
  }
}

function isPassing(error: unknown): boolean {
  const { name, code } = error as { name?: unknown; code?: unknown };
  return PASSING.has(String(name)) || PASSING.has(String(code));
}
