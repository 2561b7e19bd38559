/** A wait that can be called off. */
export interface Timer {
  cancel(): void;
}

/** The one clock of the local cloud. Nothing in `local/` asks the machine for the time. */
export interface Clock {
  /** Now, in epoch milliseconds. */
  now(): number;
  /** Calls `run` once, `delayMs` from now. */
  after(delayMs: number, run: () => void): Timer;
  /** How far this clock is ahead of the machine's, in milliseconds; functions are given the same time. */
  readonly offsetMs: number;
}

/** Resolves `delayMs` from now on the given clock. */
export const sleep = (clock: Clock, delayMs: number): Promise<void> =>
  new Promise((resolve) => void clock.after(delayMs, resolve));

export const systemClock: Clock = {
  now: () => Date.now(),
  after: (delayMs, run) => {
    const timeout = setTimeout(run, delayMs);
    return { cancel: () => clearTimeout(timeout) };
  },
  offsetMs: 0,
};

interface Waiting {
  readonly dueMs: number;
  readonly run: () => void;
  readonly real: NodeJS.Timeout;
}

/** The machine's clock, which a test can turn forward: timers fire when time passes them or when the turn does. */
export class TurnableClock implements Clock {
  offsetMs = 0;
  readonly #waiting = new Set<Waiting>();

  now(): number {
    return Date.now() + this.offsetMs;
  }

  after(delayMs: number, run: () => void): Timer {
    const real = setTimeout(() => this.#fire(waiting), delayMs);
    const waiting: Waiting = { dueMs: this.now() + delayMs, run, real };
    this.#waiting.add(waiting);
    return { cancel: () => this.#forget(waiting) };
  }

  /** Moves time forward by `durationMs` and fires, in order, every timer that falls due on the way. */
  turn(durationMs: number): void {
    const untilMs = this.now() + durationMs;
    for (;;) {
      const [next] = [...this.#waiting].toSorted((a, b) => a.dueMs - b.dueMs);
      if (!next || next.dueMs > untilMs) break;
      this.offsetMs += Math.max(0, next.dueMs - this.now());
      this.#fire(next);
    }
    this.offsetMs += Math.max(0, untilMs - this.now());
  }

  #fire(waiting: Waiting): void {
    this.#forget(waiting);
    waiting.run();
  }

  #forget(waiting: Waiting): void {
    clearTimeout(waiting.real);
    this.#waiting.delete(waiting);
  }
}
