import { CONFIDENCE_LEVELS, LONGEST_S } from "./simulation.ts";

/** Detections of a label, grouped by second since the session's start and by confidence level. */
export interface DetectionRow {
  readonly label: string;
  /** Seconds since the session's start, rounded up; null where the start is unknown. */
  readonly afterS: number | null;
  /** The highest confidence level that they reach; null without a confidence. */
  readonly level: number | null;
  readonly detections: number;
}

const QUANTILES = [0.05, 0.25, 0.5, 0.75, 0.95] as const;

/** Time to detection of a label, over all its detections. */
export interface LabelDistribution {
  readonly label: string;
  readonly detections: number;
  /** Detections of sessions without a known start: not in the distribution. */
  readonly withoutStart: number;
  /** Detections in frames before their session's start, after a camera's clock was set; counted as at the start. */
  readonly beforeStart: number;
  /** Detections by second since the session's start, 0 to 120; later ones are in the last. */
  readonly bySecond: readonly number[];
  /** For each of {@link QUANTILES}: the second by which that share was detected; null without detections. */
  readonly quantilesS: readonly (number | null)[];
  /** By confidence level; the first is below 50. */
  readonly byLevel: readonly number[];
  readonly withoutConfidence: number;
}

/** Ordered by number of detections, most first. */
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

/** The first second by which at least that share is reached. */
export function quantileS(bySecond: readonly number[], share: number): number | null {
  const total = bySecond.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  let reached = 0;
  return bySecond.findIndex((count) => (reached += count) >= share * total);
}
