import { setImmediate } from "node:timers/promises";

/** A timer that can be cancelled. */
export interface Timer {
  cancel(): void;
}

/** Time, for everything that reads it or waits: no other room reads the machine's clock, so tests can turn time. */
export interface Clock {
  /** Now, in epoch milliseconds. */
  now(): number;
  /** Calls `run` once, `delayMs` from now. */
  after(delayMs: number, run: () => void): Timer;
  /** How far this clock is ahead of the machine's, in milliseconds. */
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

/** Resolves once the event loop has handled the input and output that is pending. */
export const nextTurn = (): Promise<void> => setImmediate();

/** Node fires a longer timer at once, so a longer wait is made of several. */
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

/** The machine's clock. */
export const systemClock: Clock = { now: () => Date.now(), after: startTimer, offsetMs: 0 };

interface Waiting {
  readonly dueMs: number;
  readonly run: () => void;
  real: Timer | undefined;
}

/**
 * A clock that tests turn forward: its timers fire when time passes them or when a turn does. It goes on with the
 * machine's time between turns, or stands still if it is given a start.
 */
export class TurnableClock implements Clock {
  offsetMs = 0;
  readonly #startMs: number | undefined;
  readonly #waiting = new Set<Waiting>();

  /** @param startMs where the clock stands still until it is turned, epoch milliseconds */
  constructor(startMs?: number) {
    this.#startMs = startMs;
  }

  now(): number {
    return (this.#startMs ?? Date.now()) + this.offsetMs;
  }

  after(delayMs: number, run: () => void): Timer {
    const waiting: Waiting = { dueMs: this.now() + delayMs, run, real: undefined };
    this.#arm(waiting);
    this.#waiting.add(waiting);
    return { cancel: () => this.#forget(waiting) };
  }

  /** When the next timer is due, epoch milliseconds; undefined when there is none. */
  get nextDueMs(): number | undefined {
    return this.#next()?.dueMs;
  }

  /** Moves time forward by `durationMs` and fires, in order, every timer that falls due on the way. */
  turn(durationMs: number): void {
    const untilMs = this.now() + durationMs;
    for (;;) {
      const next = this.#next();
      if (!next || next.dueMs > untilMs) break;
      this.offsetMs += Math.max(0, next.dueMs - this.now());
      this.#fire(next);
    }
    this.offsetMs += Math.max(0, untilMs - this.now());
    for (const waiting of this.#waiting) this.#arm(waiting);
  }

  #next(): Waiting | undefined {
    let next: Waiting | undefined;
    for (const waiting of this.#waiting) if (!next || waiting.dueMs < next.dueMs) next = waiting;
    return next;
  }

  /** Lets the machine's time fire the timer, too, unless this clock stands still. */
  #arm(waiting: Waiting): void {
    if (this.#startMs !== undefined) return;
    waiting.real?.cancel();
    waiting.real = startTimer(Math.max(0, waiting.dueMs - this.now()), () => this.#fire(waiting));
  }

  #fire(waiting: Waiting): void {
    this.#forget(waiting);
    waiting.run();
  }

  #forget(waiting: Waiting): void {
    waiting.real?.cancel();
    this.#waiting.delete(waiting);
  }
}
