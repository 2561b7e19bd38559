import { CONFIDENCE_LEVELS, keptAt, type LabelOutcome, type Simulation } from "./simulation.ts";

/** Of the first sights, the share that the recommended duration must keep at the recommended confidence. */
export const TARGET_SHARE = 0.95;
/** Of the first sights, the share that the recommended confidence must keep, however long the sessions. */
export const CONFIDENCE_SHARE = 0.99;
/** With fewer, a single late sight moves a share by more than a percent. */
export const FEWEST_FIRST_SIGHTS = 100;
/** Sessions are too short to tell when more than this share of the first sights came in their last tenth. */
const RISING_SHARE = 0.02;
/** What the recommendation is about, if it was seen. */
const LABEL_OF_INTEREST = "PERSON";

export type Recommendation =
  | { readonly kind: "too-little-data"; readonly label: string | null; readonly firstSights: number }
  | {
      readonly kind: "advice";
      readonly label: string;
      readonly maxDurationS: number;
      /** 0: any, no level loses as little as it may. */
      readonly minConfidence: number;
      readonly firstSights: number;
      readonly kept: number;
      readonly missed: number;
      /** Analysed at most, over all motions. */
      readonly analysedMs: number;
      /** Whether many first sights came just before the sessions' end, so that longer ones may see more. */
      readonly isStillRising: boolean;
      /** Share of first sights that came in the last tenth of the longest duration known. */
      readonly lateShare: number;
    };

/**
 * The rule: of the confidence levels, the highest that keeps 99 % of the first sights of PERSON (else of the most frequent
 * label); at that level, the shortest duration that keeps 95 % of all its first sights, since duration alone costs. With
 * fewer than 100 first sights, none.
 */
export function recommend(simulation: Simulation): Recommendation {
  const { labels, horizonS, durations } = simulation;
  const outcome = labels.find(({ label }) => label === LABEL_OF_INTEREST) ?? labels[0];
  if (!outcome || horizonS === 0 || outcome.firstSights < FEWEST_FIRST_SIGHTS)
    return { kind: "too-little-data", label: outcome?.label ?? null, firstSights: outcome?.firstSights ?? 0 };
  const { label } = outcome;
  const keptFirst = (durationS: number, level: number): number => keptAt(outcome, durationS, level)!;
  const seen = outcome.firstSights;
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
    firstSights: seen,
    kept,
    missed: seen - kept,
    analysedMs: chosen.analysedMs,
    isStillRising: lateShare > RISING_SHARE,
    lateShare,
  };
}

function shareInLastTenth(outcome: LabelOutcome, horizonS: number): number {
  const seen = outcome.firstSights;
  const before = keptAt(outcome, Math.max(1, Math.floor(horizonS * 0.9)), 0) ?? 0;
  return seen === 0 || horizonS < 2 ? 0 : (seen - before) / seen;
}
