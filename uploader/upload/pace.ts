import { FRAGMENT_LIMITS } from "../sources/cut-fragments.ts";

/** `fast`: as fast as the stream's quota allows. `realtime`: at the speed of the video. */
export type Pace = "realtime" | "fast";

const MIN_INTERVAL_MS = 1000 / FRAGMENT_LIMITS.perSecond;

/**
 * When a fragment may be sent: at most five a second, and in real time not before its last frame would have been recorded.
 * Epoch milliseconds, except `endMs`, which counts from the source's first frame.
 */
export function dueAtMs(
  pace: Pace,
  { endMs }: { endMs: number },
  { startedAtMs, lastSentAtMs }: { startedAtMs: number; lastSentAtMs: number },
): number {
  const quotaMs = lastSentAtMs + MIN_INTERVAL_MS;
  return pace === "fast" ? quotaMs : Math.max(quotaMs, startedAtMs + endMs);
}
