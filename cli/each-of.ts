import { setTimeout as sleep } from "node:timers/promises";

/**
 * Does it for each, so many at a time. Whoever runs it looks after failures: after one, those that have begun go on.
 * @param everyMs how long one begins after another at least
 */
export async function eachOf<T>(
  all: readonly T[],
  parallel: number,
  run: (one: T) => Promise<void>,
  everyMs = 0,
): Promise<void> {
  const left = [...all];
  let nextAtMs = performance.now();
  const worker = async (): Promise<void> => {
    for (let one = left.shift(); one !== undefined; one = left.shift()) {
      const nowMs = performance.now();
      const waitMs = nextAtMs - nowMs;
      nextAtMs = Math.max(nextAtMs, nowMs) + everyMs;
      if (waitMs > 0) await sleep(waitMs);
      await run(one);
    }
  };
  await Promise.all(Array.from({ length: Math.min(parallel, all.length) }, worker));
}
