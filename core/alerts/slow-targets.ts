import { MINUTE_MS, SECOND_MS } from "../../base/durations.ts";

/** An attempt that takes longer is slow, whatever its outcome. */
const SLOW_MS = 5 * SECOND_MS;
const FIRST_PAUSE_MS = 10 * SECOND_MS;
const LONGEST_PAUSE_MS = 2 * MINUTE_MS;

interface Pause {
  readonly slowAttempts: number;
  readonly untilMs: number;
}

/**
 * Targets that were slow lately, as one function knows them. A function waits for each of its messages, so many messages for
 * a target that does not respond would keep all functions busy. Such a target gets no requests for a while after each slow
 * attempt, and its messages wait as they do after a failed one.
 */
export class SlowTargets {
  readonly #pauses = new Map<string, Pause>();

  isPaused(targetId: string, nowMs: number): boolean {
    return nowMs < (this.#pauses.get(targetId)?.untilMs ?? 0);
  }

  /** Notes how long an attempt took that ended now. */
  attempted(targetId: string, tookMs: number, nowMs: number): void {
    if (tookMs < SLOW_MS) {
      this.#pauses.delete(targetId);
      return;
    }
    const known = this.#pauses.get(targetId);
    // Attempts that were made at the same time are one.
    if (known && nowMs < known.untilMs) return;
    const slowAttempts = (known?.slowAttempts ?? 0) + 1;
    const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** (slowAttempts - 1), LONGEST_PAUSE_MS);
    this.#pauses.set(targetId, { slowAttempts, untilMs: nowMs + pauseMs });
  }
}
