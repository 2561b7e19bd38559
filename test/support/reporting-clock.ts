import { EventEmitter, once } from "node:events";
import { TurnableClock, type Timer } from "../../base/clock.ts";

/** A clock that a test turns, and that says when a timer is set: then something waits for time to pass. */
export class ReportingClock extends TurnableClock {
  readonly #timers = new EventEmitter();

  override after(delayMs: number, run: () => void): Timer {
    const timer = super.after(delayMs, run);
    this.#timers.emit("set");
    this.#timers.emit(`set ${delayMs}`);
    return timer;
  }

  /** Resolves once the next timer is set, with this delay if one is given. */
  async timerSet(delayMs?: number): Promise<void> {
    await once(this.#timers, delayMs === undefined ? "set" : `set ${delayMs}`);
  }
}
