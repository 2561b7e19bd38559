import { systemClock, type Clock, type TurnableClock } from "../../base/clock.ts";

/** How much faster time passes in a wait. */
const FASTER = 10;

/**
 * A clock for a client of a local cloud: a wait takes a fraction of its time, and then turns the cloud's clock, so that
 * client and cloud agree on how much time has passed.
 */
export const fastClock = (clock: TurnableClock): Clock => ({
  get offsetMs() {
    return clock.offsetMs;
  },
  now: () => clock.now(),
  after: (delayMs, run) => {
    const dueMs = Math.ceil(clock.now() + delayMs);
    return systemClock.after(delayMs / FASTER, () => {
      clock.turn(Math.max(0, dueMs - clock.now()));
      run();
    });
  },
});
