import { backoffMs, type Backoff } from "../base/backoff.ts";
import { sleep, systemClock, type Clock } from "../base/clock.ts";
import { systemRandom, type Random } from "../base/random.ts";

const MAX_ATTEMPTS = 8;
const BACKOFF: Backoff = { baseMs: 400, maxMs: 10_000 };

/** Transient errors, beside those that the SDK retries itself. */
const TRANSIENT = new Set([
  // Kinesis Video's throttling (documented: quotas), which the SDK does not know as such.
  "ClientLimitExceededException",
  "ConnectionLimitExceededException",
  // A connection that broke while the body arrived: too late for the SDK's own retries.
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "ERR_STREAM_PREMATURE_CLOSE",
]);

/**
 * Retries a call on transient errors, at most eight attempts, with exponential backoff and jitter.
 * @throws the last error when it is not transient or no attempt is left; the signal's reason once it aborts
 */
export async function withBackoff<T>(
  call: () => Promise<T>,
  {
    signal,
    clock = systemClock,
    random = systemRandom,
  }: { signal?: AbortSignal | undefined; clock?: Clock; random?: Random } = {},
): Promise<T> {
  for (let attempts = 1; ; attempts++) {
    signal?.throwIfAborted();
    try {
      return await call();
    } catch (error) {
      if (attempts >= MAX_ATTEMPTS || !isTransient(error)) throw error;
      await sleep(clock, backoffMs(attempts, random(), BACKOFF), signal);
    }
  }
}

function isTransient(error: unknown): boolean {
  const { name, code } = error as { name?: unknown; code?: unknown };
  return TRANSIENT.has(String(name)) || TRANSIENT.has(String(code));
}
