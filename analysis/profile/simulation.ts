import { SECOND_MS } from "../../base/durations.ts";
import { sampleOffsetsMs } from "../../core/sampling/gaps.ts";
import { MAX_DURATION_SECONDS, type EngineName } from "../../schemas/engine.ts";
import { FLEET_DEFAULTS, type Analysed } from "../cost.ts";

/** The longest duration that is compared. */
export const LONGEST_S = MAX_DURATION_SECONDS;
/** MinConfidence levels that are compared; 0 is any confidence, or none. */
export const CONFIDENCE_LEVELS = [0, 50, 55, 60, 65, 70, 75, 80, 85, 90, 95] as const;
/** The horizon is the longest duration that at least this share of the motions was allowed. */
const HORIZON_SHARE = 0.5;

/** Motions, grouped by engine, by how long their sessions were allowed to run and by how long they ran. */
export interface MotionRow {
  readonly engine: EngineName;
  /** Whole seconds from the motion's start that its sessions were allowed to analyse, at most 120. */
  readonly reachS: number;
  /** Seconds that they analysed, rounded up. */
  readonly lastedS: number;
  readonly motions: number;
  /** Total milliseconds that they analysed. */
  readonly lastedMs: number;
}

/** Motions, grouped by when they first detected a label with at least a confidence. */
export interface FirstDetectionRow {
  readonly label: string;
  /** One of the confidence levels. */
  readonly level: number;
  /** Seconds since the motion's start, rounded up. */
  readonly afterS: number;
  readonly firstDetections: number;
}

/** How far recorded motions allow a simulation of other durations. */
export interface Horizon {
  /** Longest duration that is simulated, 0 to 120 seconds; too few motions were allowed a longer one. */
  readonly horizonS: number;
  readonly motions: number;
  /** Motions whose sessions were allowed to run that long: only these are simulated. */
  readonly simulatedMotions: number;
}

/** All motions, with one session of this duration each. */
interface DurationOutcome {
  readonly durationS: number;
  /** Upper bound of the video analysed: a motion that was not allowed this duration counts with all of it. */
  readonly analysedMs: number;
  /** The part of `analysedMs` that is assumed. */
  readonly assumedMs: number;
  /** Motions whose sessions were allowed to run this long. */
  readonly knownMotions: number;
}

/** Which detections of a label would have been kept. */
export interface LabelOutcome {
  readonly label: string;
  /** First detections of the simulated motions within the horizon, at any confidence: the base of all shares. */
  readonly firstDetections: number;
  /** First detections after the horizon, in motions that were allowed longer. */
  readonly laterFirstDetections: number;
  /** By confidence level, then by duration (1 s first): first detections kept; null beyond the horizon. */
  readonly kept: readonly (readonly (number | null)[])[];
}

export interface Simulation extends Horizon {
  readonly levels: readonly number[];
  /** 1 to 120 seconds. */
  readonly durations: readonly DurationOutcome[];
  /** Ordered by number of first detections, most first. */
  readonly labels: readonly LabelOutcome[];
}

/** The longest duration that at least half of the motions were allowed. */
export function horizonOf(rows: readonly MotionRow[]): Horizon {
  const motions = rows.reduce((sum, row) => sum + row.motions, 0);
  const reaching = (durationS: number): number =>
    rows.reduce((sum, row) => sum + (row.reachS >= durationS ? row.motions : 0), 0);
  let horizonS = motions === 0 ? 0 : LONGEST_S;
  while (horizonS > 0 && reaching(horizonS) < HORIZON_SHARE * motions) horizonS--;
  return { horizonS, motions, simulatedMotions: horizonS === 0 ? 0 : reaching(horizonS) };
}

/**
 * Simulates one session per motion, for every duration.
 * @param motions all motions, including those without detections
 * @param firstDetections of the motions that reach the horizon
 */
export function simulate(
  motions: readonly MotionRow[],
  firstDetections: readonly FirstDetectionRow[],
): Simulation {
  const horizon = horizonOf(motions);
  const labels = [...new Set(firstDetections.map(({ label }) => label))]
    .map((label) =>
      outcomeOf(
        label,
        firstDetections.filter((row) => row.label === label),
        horizon.horizonS,
      ),
    )
    .toSorted((a, b) => b.firstDetections - a.firstDetections || (a.label < b.label ? -1 : 1));
  return {
    ...horizon,
    levels: CONFIDENCE_LEVELS,
    durations: durations().map((durationS) => durationOutcome(motions, durationS)),
    labels,
  };
}

/** First detections kept with this duration and confidence level; null if unknown. */
export const keptAt = ({ kept }: LabelOutcome, durationS: number, level: number): number | null =>
  kept[CONFIDENCE_LEVELS.findIndex((one) => one === level)]?.[durationS - 1] ?? null;

const durations = (): number[] => Array.from({ length: LONGEST_S }, (_, index) => index + 1);

function durationOutcome(rows: readonly MotionRow[], durationS: number): DurationOutcome {
  let [analysedMs, assumedMs, knownMotions] = [0, 0, 0];
  for (const { reachS, lastedS, motions, lastedMs } of rows) {
    const cutMs = motions * durationS * 1000;
    if (reachS < durationS) assumedMs += cutMs;
    else {
      knownMotions += motions;
      analysedMs += lastedS <= durationS ? lastedMs : cutMs;
    }
  }
  return { durationS, analysedMs: analysedMs + assumedMs, assumedMs, knownMotions };
}

/** How many samples the engine `frames` takes of a session of so many seconds, with the default of a camera's longest gap. */
export const samplesWithin = (durationS: number): number =>
  sampleOffsetsMs(durationS * SECOND_MS, FLEET_DEFAULTS.maxSampleGapSeconds).length;

/** Upper bound of what a simulated duration analyses; samples as if the engine `frames` ran all sessions. */
export function analysedAt(rows: readonly MotionRow[], durationS: number): Analysed {
  const samples = rows.reduce((sum, { reachS, lastedS, motions }) => {
    const isKnown = reachS >= durationS;
    return sum + motions * samplesWithin(isKnown ? Math.min(lastedS, durationS) : durationS);
  }, 0);
  return { analysedMs: durationOutcome(rows, durationS).analysedMs, samples };
}

function outcomeOf(label: string, rows: readonly FirstDetectionRow[], horizonS: number): LabelOutcome {
  const kept = CONFIDENCE_LEVELS.map((level) => {
    const bySecond = Array.from({ length: LONGEST_S + 1 }, () => 0);
    for (const row of rows)
      if (row.level === level && row.afterS <= LONGEST_S)
        bySecond[Math.max(0, row.afterS)]! += row.firstDetections;
    let keptUntil = bySecond[0]!;
    return durations().map((durationS) => {
      keptUntil += bySecond[durationS]!;
      return durationS <= horizonS ? keptUntil : null;
    });
  });
  const all = rows.reduce((sum, { level, firstDetections }) => sum + (level === 0 ? firstDetections : 0), 0);
  const within = kept[0]![horizonS - 1] ?? 0;
  return { label, firstDetections: within, laterFirstDetections: all - within, kept };
}
