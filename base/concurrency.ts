import { sleep, systemClock, type Clock } from "./clock.ts";

/** How many run at once, and how far apart they begin. */
export interface Concurrency {
  readonly limit: number;
  /** Shortest time between two beginnings. */
  readonly everyMs?: number;
  readonly clock?: Clock;
}

/**
 * Runs an async function for each item, at most `limit` at once.
 * @throws what the first failing run throws; runs that have begun go on, so callers that care catch within `run`
 */
export async function forEachConcurrently<T>(
  items: readonly T[],
  { limit, everyMs = 0, clock = systemClock }: Concurrency,
  run: (item: T) => Promise<void>,
): Promise<void> {
  const left = [...items];
  let nextAtMs = clock.now();
  const worker = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) {
      const nowMs = clock.now();
      const waitMs = nextAtMs - nowMs;
      nextAtMs = Math.max(nextAtMs, nowMs) + everyMs;
      if (waitMs > 0) await sleep(clock, waitMs);
      await run(item);
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
}
