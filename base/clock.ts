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

/** Resolves `delayMs` from now on the given clock, or at once when the signal aborts. */
export const sleep = (clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const wake = (): void => {
      timer.cancel();
      signal?.removeEventListener("abort", wake);
      resolve();
    };
    const timer = clock.after(delayMs, wake);
    signal?.addEventListener("abort", wake);
  });

/** Node fires a timer of more than these at once; a longer wait is made of several. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

function startTimer(delayMs: number, run: () => void): Timer {
  const next = (): void => {
    const partMs = Math.min(delayMs, LONGEST_TIMEOUT_MS);
    delayMs -= partMs;
    timeout = setTimeout(delayMs > 0 ? next : run, partMs);
  };
  let timeout: NodeJS.Timeout | undefined;
  next();
  return { cancel: () => clearTimeout(timeout) };
}

export const systemClock: Clock = { now: () => Date.now(), after: startTimer, offsetMs: 0 };

interface Waiting {
  readonly dueMs: number;
  readonly run: () => void;
  real: Timer;
}

/** The machine's clock, which a test can turn forward: timers fire when time passes them or when the turn does. */
export class TurnableClock implements Clock {
  offsetMs = 0;
  readonly #waiting = new Set<Waiting>();

  now(): number {
    return Date.now() + this.offsetMs;
  }

  after(delayMs: number, run: () => void): Timer {
    const real = startTimer(delayMs, () => this.#fire(waiting));
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
    for (const waiting of this.#waiting) {
      waiting.real.cancel();
      waiting.real = startTimer(waiting.dueMs - this.now(), () => this.#fire(waiting));
    }
  }

  #fire(waiting: Waiting): void {
    this.#forget(waiting);
    waiting.run();
  }

  #forget(waiting: Waiting): void {
    waiting.real.cancel();
    this.#waiting.delete(waiting);
  }
}
