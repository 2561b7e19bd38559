import { setTimeout as sleep } from "node:timers/promises";
import { SECOND_MS } from "../../base/durations.ts";
import type { Random } from "../../base/random.ts";
import { subtract, union } from "../../core/sessions/intervals.ts";
import type { Interval } from "../../schemas/session.ts";

const RETRY_MS = 250;
const LONGEST_MOTION_MS = 8 * SECOND_MS;
const LONGEST_PAUSE_MS = 20 * SECOND_MS;

/** A camera that reports motion, again until each report is accepted. */
export class MotionReporter {
  readonly cameraId: string;
  /** The motion whose start and stop were accepted. */
  readonly reported: Interval[] = [];
  /** Statuses after which a camera would give up. */
  readonly refusals: string[] = [];
  readonly #url: string;
  readonly #token: string;
  readonly #random: Random;

  constructor(cameraId: string, url: string, token: string, random: Random) {
    this.cameraId = cameraId;
    this.#url = url;
    this.#token = token;
    this.#random = random;
  }

  /** Reports motion after motion until the signal aborts; the last one ends. */
  async run(signal: AbortSignal, nowMs: () => number): Promise<void> {
    while (!signal.aborted) {
      // What moves does not wait for the requests: motion that is reported late lasts no longer for that.
      const fromMs = Math.round(nowMs());
      const untilMs = fromMs + Math.round(this.#random() * LONGEST_MOTION_MS);
      await this.#send("start", fromMs);
      await sleep(Math.max(0, untilMs - nowMs()));
      await this.#send("stop", untilMs);
      this.reported.push({ fromMs, untilMs });
      await sleep(this.#random() * LONGEST_PAUSE_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Its session, as the motion API shows it. */
  async sessionState(): Promise<string> {
    const response = await fetch(`${this.#url}/cameras/${this.cameraId}/session`, {
      headers: { authorization: `Bearer ${this.#token}` },
    });
    return await response.text();
  }

  async #send(what: "start" | "stop", at: number): Promise<void> {
    for (;;) {
      const response = await fetch(`${this.#url}/cameras/${this.cameraId}/motion/${what}`, {
        method: "POST",
        headers: { authorization: `Bearer ${this.#token}`, "content-type": "application/json" },
        body: JSON.stringify({ at }),
      }).catch(() => undefined);
      const text = await response?.text().catch(() => undefined);
      // Without its body a response is none: the process may have ended in between.
      if (response?.ok && text !== undefined) return;
      if (response && ![429, 500, 502, 503, 504].includes(response.status)) {
        this.refusals.push(`${what}: ${response.status} ${text}`);
        return;
      }
      await sleep(RETRY_MS);
    }
  }
}

/** An entry of the coverage ledger, from the lake. */
export interface LedgerEntry extends Interval {
  readonly eventId: string;
  readonly cameraId: string;
}

/** Motion of a camera that the ledger does not have, and video that it has more than once, milliseconds. */
export function ledgerFaults(
  reported: readonly Interval[],
  entries: readonly LedgerEntry[],
): { missing: Interval[]; missingMs: number; doubledMs: number } {
  const lengthMs = (intervals: readonly Interval[]): number =>
    intervals.reduce((sum, { fromMs, untilMs }) => sum + untilMs - fromMs, 0);
  const missing = subtract(reported, entries);
  return {
    missing,
    missingMs: lengthMs(missing),
    doubledMs: lengthMs(entries) - lengthMs(union(entries)),
  };
}
