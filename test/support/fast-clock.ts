import { systemClock, type Clock, type TurnableClock } from "../../base/clock.ts";

/**
 * A clock for a client of a local cloud: a wait takes a fraction of its time, and then turns the cloud's clock, so that
 * client and cloud agree on how much time has passed.
 * @param faster how much faster time passes in a wait
 */
export const fastClock = (clock: TurnableClock, faster = 10): Clock => ({
  get offsetMs() {
    return clock.offsetMs;
  },
  now: () => clock.now(),
  after: (delayMs, run) => {
    const dueMs = Math.ceil(clock.now() + delayMs);
    return systemClock.after(delayMs / faster, () => {
      clock.turn(Math.max(0, dueMs - clock.now()));
      run();
    });
  },
});
