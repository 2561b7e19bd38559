import { sleep, type Clock } from "./clock.ts";

/** How often to look, and for how long. */
export interface Polling {
  readonly clock: Clock;
  /** Pause between two looks, or the pause after so many looks. */
  readonly everyMs: number | ((looks: number) => number);
  readonly withinMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Looks again and again until there is something to see.
 * @param look returns undefined while there is nothing
 * @returns what it saw, or undefined when it saw nothing within the time
 * @throws the signal's reason once it aborts, or what `look` throws
 */
export async function pollUntil<T>(
  look: (waitedMs: number) => Promise<T | undefined> | T | undefined,
  { clock, everyMs, withinMs, signal }: Polling,
): Promise<T | undefined> {
  const beganAtMs = clock.now();
  for (let looks = 1; ; looks++) {
    signal?.throwIfAborted();
    const waitedMs = clock.now() - beganAtMs;
    const seen = await look(waitedMs);
    if (seen !== undefined) return seen;
    const pauseMs = typeof everyMs === "number" ? everyMs : everyMs(looks);
    if (clock.now() - beganAtMs + pauseMs > withinMs) return undefined;
    await sleep(clock, pauseMs, signal);
  }
}
