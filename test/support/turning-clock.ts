import type { Clock, TurnableClock } from "../../base/clock.ts";

/** A local cloud's clock for a client of it: a wait is over at once, and turns the cloud's time on. */
export const turningClock = (clock: TurnableClock): Clock => ({
  get offsetMs() {
    return clock.offsetMs;
  },
  now: () => clock.now(),
  after: (delayMs, run) => {
    const dueMs = Math.ceil(clock.now() + delayMs);
    const immediate = setImmediate(() => {
      clock.turn(Math.max(0, dueMs - clock.now()));
      run();
    });
    return { cancel: () => clearImmediate(immediate) };
  },
});
