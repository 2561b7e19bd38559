import { setTimeout } from "node:timers/promises";

export const BACKOFF = { maxAttempts: 8, firstDelayMs: 200, maxDelayMs: 10_000 } as const;

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

/** How long to wait after the given number of attempts: up to twice as long each time, anywhere in between. */
export const backoffMs = (attempts: number, random: number): number =>
  random * Math.min(BACKOFF.maxDelayMs, BACKOFF.firstDelayMs * 2 ** attempts);

/**
 * Calls until it works, at most eight times, with growing pauses of chance length in between.
 * @throws the last error once it is none that passes, all attempts are used up, or the signal aborts
 */
export async function withBackoff<T>(
  call: () => Promise<T>,
  { signal, wait = sleep }: { signal?: AbortSignal; wait?: typeof sleep } = {},
): Promise<T> {
  for (let attempts = 1; ; attempts++) {
    signal?.throwIfAborted();
    try {
      return await call();
    } catch (error) {
      if (attempts >= BACKOFF.maxAttempts || !isPassing(error)) throw error;
      await wait(backoffMs(attempts, Math.random()), signal);
    }
  }
}

const sleep = (ms: number, signal?: AbortSignal): Promise<void> => setTimeout(ms, undefined, { signal });

function isPassing(error: unknown): boolean {
  const { name, code } = error as { name?: unknown; code?: unknown };
  return PASSING.has(String(name)) || PASSING.has(String(code));
}
