import type { Box } from "../detector.ts";
import type { ModelObject } from "./messages.ts";

/** Boxes of one object share more than this of their common area. */
const SAME_OBJECT = 0.5;

/** The area that two boxes share, by the area that they cover together: 0 apart, 1 the same. */
export function intersectionOverUnion(a: Box, b: Box): number {
  const shared = sharedArea(a, b);
  return shared === 0 ? 0 : shared / (a.width * a.height + b.width * b.height - shared);
}

export function sharedArea(a: Box, b: Box): number {
  const width = Math.min(a.left + a.width, b.left + b.width) - Math.max(a.left, b.left);
  const height = Math.min(a.top + a.height, b.top + b.height) - Math.max(a.top, b.top);
  return Math.max(0, width) * Math.max(0, height);
}

/** One box for each object, that of the highest score: what looks like a cat and more like a person is a person. */
export function strongest(objects: readonly ModelObject[]): ModelObject[] {
  const kept: ModelObject[] = [];
  for (const object of objects.toSorted((a, b) => b.score - a.score))
    if (!kept.some(({ box }) => intersectionOverUnion(box, object.box) > SAME_OBJECT)) kept.push(object);
  return kept;
}
