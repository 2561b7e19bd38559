import type { Box } from "./detector.ts";

/** A corner of a polygon, in ratios of the frame. */
export interface Point {
  readonly X: number;
  readonly Y: number;
}

/** A part of the frame in which objects are detected, as in the API: one of the two members. */
export interface RegionOfInterest {
  readonly BoundingBox?: { Left: number; Top: number; Width: number; Height: number } | undefined;
  readonly Polygon?: readonly Point[] | undefined;
}

/**
 * Whether an object is of interest: there are no regions, or more than half of its box is in one of them. Each region is
 * compared separately (documented: RegionOfInterest).
 */
export function isOfInterest(box: Box, regions: readonly RegionOfInterest[]): boolean {
  if (regions.length === 0) return true;
  const half = (box.width * box.height) / 2;
  return regions.some((region) => areaInside(cornersOf(region), box) > half);
}

/** The area of the intersection of a polygon, convex or not, and a box; both in ratios of the frame. */
export function areaInside(polygon: readonly Point[], box: Box): number {
  const left = clip(polygon, "X", box.left, 1);
  const horizontal = clip(left, "X", box.left + box.width, -1);
  const top = clip(horizontal, "Y", box.top, 1);
  return area(clip(top, "Y", box.top + box.height, -1));
}

function cornersOf({ BoundingBox, Polygon }: RegionOfInterest): readonly Point[] {
  if (!BoundingBox) return Polygon ?? [];
  const { Left, Top, Width, Height } = BoundingBox;
  return [
    { X: Left, Y: Top },
    { X: Left + Width, Y: Top },
    { X: Left + Width, Y: Top + Height },
    { X: Left, Y: Top + Height },
  ];
}

/**
 * One step of Sutherland and Hodgman's clipping: the part on the side of the line `axis = at` to which `side` points.
 * The parts of a concave polygon that is cut apart stay joined along the line, which adds no area.
 */
function clip(polygon: readonly Point[], axis: "X" | "Y", at: number, side: 1 | -1): Point[] {
  const kept: Point[] = [];
  polygon.forEach((point, index) => {
    const before = polygon.at(index - 1)!;
    const isInside = (point[axis] - at) * side >= 0;
    if (isInside !== (before[axis] - at) * side >= 0) kept.push(crossing(before, point, axis, at));
    if (isInside) kept.push(point);
  });
  return kept;
}

function crossing(from: Point, to: Point, axis: "X" | "Y", at: number): Point {
  const share = (at - from[axis]) / (to[axis] - from[axis]);
  const between = { X: from.X + (to.X - from.X) * share, Y: from.Y + (to.Y - from.Y) * share };
  return { ...between, [axis]: at };
}

/** Gauss's shoelace formula. */
function area(polygon: readonly Point[]): number {
  let twice = 0;
  polygon.forEach((point, index) => {
    const before = polygon.at(index - 1)!;
    twice += before.X * point.Y - point.X * before.Y;
  });
  return Math.abs(twice) / 2;
}
