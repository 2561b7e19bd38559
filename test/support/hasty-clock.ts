import type { Clock } from "../../base/clock.ts";

/** A clock that stands still but for waits: each is over at once, moves time on, and is noted. */
export function hastyClock(startMs = Date.UTC(2026, 10, 21, 8)): Clock & { readonly waitsMs: number[] } {
  let nowMs = startMs;
  const waitsMs: number[] = [];
  return {
    offsetMs: 0,
    waitsMs,
    now: () => nowMs,
    after: (delayMs, run) => {
      const immediate = setImmediate(() => {
        nowMs += delayMs;
        waitsMs.push(delayMs);
        run();
      });
      return { cancel: () => clearImmediate(immediate) };
    },
  };
}
