/** Longest session there is (documented: StartStreamProcessor, MaxDurationInSeconds). */
export const LONGEST_S = 120;
/** MinConfidence levels that are compared; 0 stands for any confidence, also for none told. */
export const CONFIDENCE_LEVELS = [0, 50, 55, 60, 65, 70, 75, 80, 85, 90, 95] as const;
/** The simulation goes as far as at least so many of the motions were allowed to be analysed. */
const HORIZON_SHARE = 0.5;

/** Motions alike in how long their sessions were allowed to run and how long they ran. */
export interface MotionRow {
  /** Whole seconds from the motion's start that its sessions were allowed to analyse; more than 120 is 120. */
  readonly reachS: number;
  /** Seconds that they analysed, rounded up. */
  readonly lastedS: number;
  readonly motions: number;
  /** Milliseconds that all of them analysed together. */
  readonly lastedMs: number;
}

/** Motions alike in when they first saw a label with at least a confidence. */
export interface FirstSightRow {
  readonly label: string;
  /** One of the confidence levels. */
  readonly level: number;
  /** Seconds since the motion's start, rounded up. */
  readonly afterS: number;
  readonly firstSights: number;
}

/** How far the recorded motions tell of other durations. */
export interface Horizon {
  /** Longest duration that is simulated, 0 to 120 seconds; of longer ones too few motions tell. */
  readonly horizonS: number;
  readonly motions: number;
  /** Motions whose sessions were allowed to run at least that long: only they are simulated. */
  readonly simulatedMotions: number;
}

/** Every motion, had its first session lasted so long and been its only one. */
export interface DurationOutcome {
  readonly durationS: number;
  /** Video analysed, at most: a motion that says nothing about this duration counts with all of it. */
  readonly analysedMs: number;
  /** The part of `analysedMs` that is so assumed. */
  readonly assumedMs: number;
  /** Motions that say something about this duration: their sessions were allowed to run so long. */
  readonly knownMotions: number;
}

/** What of a label would have been seen. */
export interface LabelOutcome {
  readonly label: string;
  /** First sights that the simulated motions had within the horizon, whatever their confidence: what shares are of. */
  readonly firstSights: number;
  /** First sights that came after it, in motions that were allowed longer. */
  readonly laterFirstSights: number;
  /** By confidence level, then by duration (1 s first): first sights still seen; null beyond the horizon. */
  readonly kept: readonly (readonly (number | null)[])[];
}

export interface Simulation extends Horizon {
  readonly levels: readonly number[];
  /** 1 to 120 seconds. */
  readonly durations: readonly DurationOutcome[];
  /** The label with the most first sights first. */
  readonly labels: readonly LabelOutcome[];
}

/** The longest duration that at least half of the motions were allowed to be analysed. */
export function horizonOf(rows: readonly MotionRow[]): Horizon {
  const motions = rows.reduce((sum, row) => sum + row.motions, 0);
  const reaching = (durationS: number): number =>
    rows.reduce((sum, row) => sum + (row.reachS >= durationS ? row.motions : 0), 0);
  let horizonS = motions === 0 ? 0 : LONGEST_S;
  while (horizonS > 0 && reaching(horizonS) < HORIZON_SHARE * motions) horizonS--;
  return { horizonS, motions, simulatedMotions: horizonS === 0 ? 0 : reaching(horizonS) };
}

/**
 * What sessions of every length would have seen and cost.
 * @param motions all motions, also those without detections
 * @param firstSights of the motions that reach the horizon
 */
export function simulate(motions: readonly MotionRow[], firstSights: readonly FirstSightRow[]): Simulation {
  const horizon = horizonOf(motions);
  const labels = [...new Set(firstSights.map(({ label }) => label))]
    .map((label) =>
      outcomeOf(
        label,
        firstSights.filter((row) => row.label === label),
        horizon.horizonS,
      ),
    )
    .toSorted((a, b) => b.firstSights - a.firstSights || (a.label < b.label ? -1 : 1));
  return {
    ...horizon,
    levels: CONFIDENCE_LEVELS,
    durations: durations().map((durationS) => durationOutcome(motions, durationS)),
    labels,
  };
}

/** First sights still seen with this duration and confidence level; null where nobody knows. */
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

function outcomeOf(label: string, rows: readonly FirstSightRow[], horizonS: number): LabelOutcome {
  const kept = CONFIDENCE_LEVELS.map((level) => {
    const bySecond = Array.from({ length: LONGEST_S + 1 }, () => 0);
    for (const row of rows)
      if (row.level === level && row.afterS <= LONGEST_S)
        bySecond[Math.max(0, row.afterS)]! += row.firstSights;
    let seen = bySecond[0]!;
    return durations().map((durationS) => {
      seen += bySecond[durationS]!;
      return durationS <= horizonS ? seen : null;
    });
  });
  const all = rows.reduce((sum, { level, firstSights }) => sum + (level === 0 ? firstSights : 0), 0);
  const within = kept[0]![horizonS - 1] ?? 0;
  return { label, firstSights: within, laterFirstSights: all - within, kept };
}
