import type { DetectedObject, LabelName } from "./detector.ts";
import type { ModelObject } from "./model/messages.ts";

/** The model's classes that a label stream processor detects, by their number in COCO: person, cat, dog. */
const LABELS: Readonly<Record<number, LabelName>> = { 1: "PERSON", 17: "PET", 18: "PET" };

/** A single picture with a blurred person in it may hold a cat of this score; two in a row did not. */
const MIN_SCORE = 0.5;

/** The labels of a picture whose class the picture before has as well, both at {@link MIN_SCORE} or more. */
export function confirmedBy(before: readonly ModelObject[], now: readonly ModelObject[]): DetectedObject[] {
  const known = new Set(labelled(before).map(({ label }) => label));
  return labelled(now).filter(({ label }) => known.has(label));
}

/** The objects that count as one of the labels. */
export const labelled = (objects: readonly ModelObject[]): DetectedObject[] =>
  objects.flatMap(({ classId, score, box }) => {
    const label = LABELS[classId];
    return label && score >= MIN_SCORE ? [{ label, confidence: score * 100, box }] : [];
  });
