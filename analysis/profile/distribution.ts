import { CONFIDENCE_LEVELS, LONGEST_S } from "./simulation.ts";

/** Detections of a label, alike in their second since the session's start and in their confidence. */
export interface DetectionRow {
  readonly label: string;
  /** Seconds since the session's start, rounded up; null where the start is unknown. */
  readonly afterS: number | null;
  /** The confidence level that they reach; null where no confidence was told. */
  readonly level: number | null;
  readonly detections: number;
}

export const QUANTILES = [0.05, 0.25, 0.5, 0.75, 0.95] as const;

/** How long it took until a label was seen, over all its detections. */
export interface LabelDistribution {
  readonly label: string;
  readonly detections: number;
  /** Detections of sessions whose start nobody told: in no distribution. */
  readonly withoutStart: number;
  /** Detections in frames before their session's start, by a camera's clock that was set; taken as at its start. */
  readonly beforeStart: number;
  /** Detections by second since the session's start, 0 to 120; what came later is in the last. */
  readonly bySecond: readonly number[];
  /** For each of {@link QUANTILES}: the second by which that share was seen; null without detections. */
  readonly quantilesS: readonly (number | null)[];
  /** By confidence level, the first for less than 50. */
  readonly byLevel: readonly number[];
  readonly withoutConfidence: number;
}

/** The label with the most detections first. */
export function distributionsOf(rows: readonly DetectionRow[]): LabelDistribution[] {
  return [...new Set(rows.map(({ label }) => label))]
    .map((label) =>
      distributionOf(
        label,
        rows.filter((row) => row.label === label),
      ),
    )
    .toSorted((a, b) => b.detections - a.detections || (a.label < b.label ? -1 : 1));
}

function distributionOf(label: string, rows: readonly DetectionRow[]): LabelDistribution {
  const bySecond = Array.from({ length: LONGEST_S + 1 }, () => 0);
  const byLevel = CONFIDENCE_LEVELS.map(() => 0);
  let [detections, withoutStart, beforeStart, withoutConfidence] = [0, 0, 0, 0];
  for (const row of rows) {
    detections += row.detections;
    if (row.afterS === null) withoutStart += row.detections;
    else {
      if (row.afterS < 0) beforeStart += row.detections;
      bySecond[Math.min(LONGEST_S, Math.max(0, row.afterS))]! += row.detections;
    }
    const level = CONFIDENCE_LEVELS.findIndex((one) => one === row.level);
    if (level < 0) withoutConfidence += row.detections;
    else byLevel[level]! += row.detections;
  }
  const quantilesS = QUANTILES.map((share) => quantileS(bySecond, share));
  return { label, detections, withoutStart, beforeStart, bySecond, quantilesS, byLevel, withoutConfidence };
}

/** The first second by which at least that share of the counts has come. */
export function quantileS(bySecond: readonly number[], share: number): number | null {
  const total = bySecond.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  let come = 0;
  return bySecond.findIndex((count) => (come += count) >= share * total);
}
