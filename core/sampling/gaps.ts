/**
 * How densely the engine `frames` samples a session's video while nothing is refused: at its start, then after 1, 2, 4, …
 * seconds, and never sparser than the camera's longest gap. `doorstep cost` and the engine share this one rule.
 */
import { SECOND_MS } from "../../base/durations.ts";

/** Time from a session's nth sample (1 for its first) to its next, milliseconds. */
export const sampleGapMs = (samples: number, maxSampleGapSeconds: number): number =>
  Math.min(2 ** (samples - 1), maxSampleGapSeconds) * SECOND_MS;

/** The moments of a session's video that are sampled, milliseconds since its start, all below `videoMs`. */
export function sampleOffsetsMs(videoMs: number, maxSampleGapSeconds: number): number[] {
  const offsetsMs: number[] = [];
  for (let offsetMs = 0; offsetMs < videoMs; offsetMs += sampleGapMs(offsetsMs.length, maxSampleGapSeconds))
    offsetsMs.push(offsetMs);
  return offsetsMs;
}

/**
 * What a sample spends of a camera's daily budget, milliseconds: its share of a whole session. So the budget bounds the
 * number of samples, and what they cost, however early sessions stop.
 */
export const sampleShareMs = ({
  maxDurationSeconds,
  maxSampleGapSeconds,
}: {
  readonly maxDurationSeconds: number;
  readonly maxSampleGapSeconds: number;
}): number => {
  const sessionMs = maxDurationSeconds * SECOND_MS;
  return sessionMs / sampleOffsetsMs(sessionMs, maxSampleGapSeconds).length;
};
