import type { Box } from "../../schemas/images.ts";

/** How many persons of an image are searched at most: each is a call. */
const MAX_PERSONS = 5;
/** How much is added on each side of a person's box, as a share of it: a box may cut off a forehead. */
const MARGIN = 0.1;
/** From which overlap, intersection over union, two boxes show the same face. */
const SAME_FACE = 0.5;

/** What is cropped of an image to search the faces of these persons: the largest ones', with a margin, within the frame. */
export const cropsOf = (persons: readonly Box[]): Box[] =>
  persons
    .toSorted((a, b) => b.width * b.height - a.width * a.height)
    .slice(0, MAX_PERSONS)
    .map(({ left, top, width, height }) => {
      const [fromX, untilX] = within(left - MARGIN * width, left + (1 + MARGIN) * width);
      const [fromY, untilY] = within(top - MARGIN * height, top + (1 + MARGIN) * height);
      return { left: fromX, top: fromY, width: untilX - fromX, height: untilY - fromY };
    });

const within = (...shares: readonly [number, number]): [number, number] =>
  shares.map((share) => Math.min(Math.max(share, 0), 1)) as [number, number];

/** Where in the frame a box in a crop is. */
export const inFrame = (crop: Box, { left, top, width, height }: Box): Box => ({
  left: crop.left + left * crop.width,
  top: crop.top + top * crop.height,
  width: width * crop.width,
  height: height * crop.height,
});

/** The first of those that show the same face: crops of people who stand close to each other show the faces of both. */
export function distinct<T extends { readonly box: Box }>(faces: readonly T[]): T[] {
  const kept: T[] = [];
  for (const face of faces) if (!kept.some(({ box }) => overlap(box, face.box) >= SAME_FACE)) kept.push(face);
  return kept;
}

/** Intersection over union, 0 to 1. */
function overlap(a: Box, b: Box): number {
  const width = Math.min(a.left + a.width, b.left + b.width) - Math.max(a.left, b.left);
  const height = Math.min(a.top + a.height, b.top + b.height) - Math.max(a.top, b.top);
  const shared = Math.max(0, width) * Math.max(0, height);
  const union = a.width * a.height + b.width * b.height - shared;
  return union > 0 ? shared / union : 0;
}
