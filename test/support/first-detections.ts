import { CONFIDENCE_LEVELS, type FirstDetectionRow } from "../../analysis/profile/simulation.ts";

/** First detections that count for every level above one, up to and including another. */
export const firstDetectionsUpTo = (
  above: number,
  most: number,
  row: Omit<FirstDetectionRow, "level">,
): FirstDetectionRow[] =>
  CONFIDENCE_LEVELS.filter((level) => above < level && level <= most).map((level) => ({ ...row, level }));
