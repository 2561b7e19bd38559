import { CONFIDENCE_LEVELS, keptAt, type LabelOutcome, type Simulation } from "./simulation.ts";

/** Share of first detections that the recommended duration must keep at the recommended confidence. */
export const TARGET_SHARE = 0.95;
/** Share of first detections that the recommended confidence must keep, whatever the duration. */
export const CONFIDENCE_SHARE = 0.99;
/** With fewer, a single late one changes a share by more than a percent. */
export const MIN_FIRST_DETECTIONS = 100;
/** If more than this share of first detections came in the last tenth, the sessions were too short. */
const RISING_SHARE = 0.02;
/** The label that the recommendation is for, if it was detected. */
const LABEL_OF_INTEREST = "PERSON";

export type Recommendation =
  | { readonly kind: "too-little-data"; readonly label: string | null; readonly firstDetections: number }
  | {
      readonly kind: "advice";
      readonly label: string;
      readonly maxDurationS: number;
      /** 0: any, since no level keeps enough. */
      readonly minConfidence: number;
      readonly firstDetections: number;
      readonly kept: number;
      readonly missed: number;
      /** Upper bound of the video analysed, over all motions. */
      readonly analysedMs: number;
      /** Whether many first detections came just before the sessions' end, so that longer ones may detect more. */
      readonly isStillRising: boolean;
      /** Share of first detections in the last tenth of the horizon. */
      readonly lateShare: number;
    };

/**
 * Recommends the highest confidence level that keeps 99 % of the first detections of PERSON (of the most frequent label, if
 * there was no person) and, at that level, the shortest duration that keeps 95 % of all its first detections, since only
 * duration costs money. With fewer than 100 first detections, it recommends nothing.
 */
export function recommend(simulation: Simulation): Recommendation {
  const { labels, horizonS, durations } = simulation;
  const outcome = labels.find(({ label }) => label === LABEL_OF_INTEREST) ?? labels[0];
  if (!outcome || horizonS === 0 || outcome.firstDetections < MIN_FIRST_DETECTIONS)
    return {
      kind: "too-little-data",
      label: outcome?.label ?? null,
      firstDetections: outcome?.firstDetections ?? 0,
    };
  const { label } = outcome;
  const keptFirst = (durationS: number, level: number): number => keptAt(outcome, durationS, level)!;
  const seen = outcome.firstDetections;
  const minConfidence = CONFIDENCE_LEVELS.findLast(
    (level) => keptFirst(horizonS, level) >= CONFIDENCE_SHARE * seen,
  )!;
  const within = durations.slice(0, horizonS);
  const chosen =
    within.find(({ durationS }) => keptFirst(durationS, minConfidence) >= TARGET_SHARE * seen) ??
    within.at(-1)!;
  const kept = keptFirst(chosen.durationS, minConfidence);
  const lateShare = shareInLastTenth(outcome, horizonS);
  return {
    kind: "advice",
    label,
    maxDurationS: chosen.durationS,
    minConfidence,
    firstDetections: seen,
    kept,
    missed: seen - kept,
    analysedMs: chosen.analysedMs,
    isStillRising: lateShare > RISING_SHARE,
    lateShare,
  };
}

function shareInLastTenth(outcome: LabelOutcome, horizonS: number): number {
  const seen = outcome.firstDetections;
  const before = keptAt(outcome, Math.max(1, Math.floor(horizonS * 0.9)), 0) ?? 0;
  return seen === 0 || horizonS < 2 ? 0 : (seen - before) / seen;
}
