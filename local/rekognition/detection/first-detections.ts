import { LABEL_NAMES, type DetectedObject, type LabelName } from "./detector.ts";
import { isOfInterest, type RegionOfInterest } from "./regions-of-interest.ts";

/** What a processor is set to detect. */
export interface Target {
  readonly labels: readonly LabelName[];
  /** 0..100 */
  readonly minConfidence: number;
  readonly regions: readonly RegionOfInterest[];
}

/** Documented default of `ConnectedHomeSettings.MinConfidence`. */
const DEFAULT_MIN_CONFIDENCE = 50;

/** @param labels as in the API, which also has `ALL` */
export const targetOf = (
  labels: readonly (LabelName | "ALL")[],
  minConfidence = DEFAULT_MIN_CONFIDENCE,
  regions: readonly RegionOfInterest[] = [],
): Target => ({
  labels: LABEL_NAMES.filter((name) => labels.includes(name) || labels.includes("ALL")),
  minConfidence,
  regions,
});

/**
 * The objects of a frame that a session notifies: of each target class without a notification yet, the object with the
 * highest confidence (documented: one notification per object class and session, at the first detection).
 */
export function firstDetections(
  objects: readonly DetectedObject[],
  { labels, minConfidence, regions }: Target,
  notified: readonly LabelName[],
): DetectedObject[] {
  const candidates = objects
    .filter(({ confidence, box }) => confidence >= minConfidence && isOfInterest(box, regions))
    .toSorted((a, b) => b.confidence - a.confidence);
  return labels
    .filter((name) => !notified.includes(name))
    .flatMap((name) => candidates.find(({ label }) => label === name) ?? []);
}
