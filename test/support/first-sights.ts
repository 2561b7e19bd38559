import { CONFIDENCE_LEVELS, type FirstSightRow } from "../../analysis/profile/simulation.ts";

/** First sights that count for every level above one, up to and including another. */
export const firstSightsBetween = (
  above: number,
  most: number,
  row: Omit<FirstSightRow, "level">,
): FirstSightRow[] =>
  CONFIDENCE_LEVELS.filter((level) => above < level && level <= most).map((level) => ({ ...row, level }));
