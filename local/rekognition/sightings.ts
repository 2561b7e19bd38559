import { LABEL_NAMES, type DetectedObject, type LabelName } from "./detector.ts";
import { isOfInterest, type RegionOfInterest } from "./regions.ts";

/** What a processor looks for. */
export interface Watch {
  readonly labels: readonly LabelName[];
  /** 0..100 */
  readonly minConfidence: number;
  readonly regions: readonly RegionOfInterest[];
}

/** Documented default of `ConnectedHomeSettings.MinConfidence`. */
const DEFAULT_MIN_CONFIDENCE = 50;

/** @param labels as the API takes them, `ALL` included */
export function watchOf(
  labels: readonly (LabelName | "ALL")[],
  minConfidence: number | undefined,
  regions: readonly RegionOfInterest[] | undefined,
): Watch {
  return {
    labels: LABEL_NAMES.filter((name) => labels.includes(name) || labels.includes("ALL")),
    minConfidence: minConfidence ?? DEFAULT_MIN_CONFIDENCE,
    regions: regions ?? [],
  };
}

/**
 * The objects of a frame that a session reports: the surest of each watched class that it has not reported yet
 * (documented: one notification per object class and session, at first sight).
 */
export function firstSightings(
  objects: readonly DetectedObject[],
  { labels, minConfidence, regions }: Watch,
  reported: readonly LabelName[],
): DetectedObject[] {
  const visible = objects
    .filter(({ confidence, box }) => confidence >= minConfidence && isOfInterest(box, regions))
    .toSorted((a, b) => b.confidence - a.confidence);
  return labels
    .filter((name) => !reported.includes(name))
    .flatMap((name) => visible.find(({ label }) => label === name) ?? []);
}
