import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "../../base/durations.ts";

/** After each failed attempt; the last one repeats. */
export const RETRY_DELAYS_MS = [
  5 * SECOND_MS,
  30 * SECOND_MS,
  2 * MINUTE_MS,
  10 * MINUTE_MS,
  30 * MINUTE_MS,
  HOUR_MS,
  2 * HOUR_MS,
  4 * HOUR_MS,
  8 * HOUR_MS,
] as const;
/** How far a delay is changed by chance, so that what failed together does not return together. */
const JITTER = 0.2;
/** A message is sent again for so long. */
const SENT_WITHIN_MS = DAY_MS;
/**
 * Documented (SQS, ChangeMessageVisibility): a message is invisible for at most 12 hours after it was received, and a longer
 * timeout is refused, not shortened. The attempt itself has taken some of them.
 */
const LONGEST_DELAY_MS = 12 * HOUR_MS - MINUTE_MS;

interface Failure {
  /** From 1. */
  readonly attempt: number;
  /** When the message was put into the queue. */
  readonly sentAtMs: number;
  /** The `Retry-After` of the target's response. */
  readonly retryAfterMs?: number | undefined;
}

/**
 * How long to wait after a failed attempt; undefined when it was the last one. A `Retry-After` that is longer than the delay
 * counts instead of it. The last attempt is a day after the message was sent.
 * @param random 0 up to but not including 1
 */
export function retryDelayMs(
  { attempt, sentAtMs, retryAfterMs = 0 }: Failure,
  nowMs: number,
  random: number,
): number | undefined {
  const leftMs = sentAtMs + SENT_WITHIN_MS - nowMs;
  if (leftMs <= 0) return undefined;
  const plainMs = RETRY_DELAYS_MS[Math.min(attempt, RETRY_DELAYS_MS.length) - 1]!;
  const delayMs = Math.round(plainMs * (1 - JITTER + 2 * JITTER * random));
  return Math.min(Math.max(delayMs, retryAfterMs), leftMs, LONGEST_DELAY_MS);
}

/**
 * The milliseconds of a `Retry-After` header: whole seconds, or a date (RFC 9110).
 * @returns undefined for anything else, and for a time that has passed
 */
export function readRetryAfter(header: string | undefined, nowMs: number): number | undefined {
  const text = header?.trim() ?? "";
  const delayMs = /^\d{1,9}$/.test(text) ? Number(text) * SECOND_MS : Date.parse(text) - nowMs;
  // Date.parse reads more than dates of HTTP, e.g. "1.5" and "-1", as years.
  const isRead = /^\d{1,9}$/.test(text) || /^[A-Za-z]{3,9}, ?\d/.test(text);
  return isRead && delayMs > 0 ? delayMs : undefined;
}
