import type { CameraView } from "../../../schemas/console/cameras.ts";

export type Region = CameraView["regions"][number];

/** Of the frame, 0..1. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Rekognition takes at most so many regions, and points of a region (documented: RegionsOfInterest). */
export const MAX_REGIONS = 10;
export const MAX_POINTS = 10;
export const MIN_POINTS = 3;

/** The corners of a region, clockwise from the upper left for a box. */
export function pointsOf(region: Region): readonly Point[] {
  if ("polygon" in region) return region.polygon;
  const { left, top, width, height } = region.box;
  const right = round(left + width);
  const bottom = round(top + height);
  return [
    { x: left, y: top },
    { x: right, y: top },
    { x: right, y: bottom },
    { x: left, y: bottom },
  ];
}

const round = (value: number): number => Math.round(value * 1e4) / 1e4;
const within = (value: number): number => round(Math.min(1, Math.max(0, value)));
const polygon = (points: readonly Point[]): Region => ({ polygon: points.map(({ x, y }) => ({ x, y })) });

/** The region with one corner elsewhere, within the frame. */
export const withPoint = (region: Region, index: number, { x, y }: Point): Region =>
  polygon(pointsOf(region).with(index, { x: within(x), y: within(y) }));

/** The region with a corner in the middle of the side that begins at the index; unchanged at the most corners. */
export function withPointAfter(region: Region, index: number): Region {
  const points = pointsOf(region);
  if (points.length >= MAX_POINTS) return region;
  return polygon(points.toSpliced(index + 1, 0, middleOf(region, index)));
}

/** The middle of the side that begins at the index. */
export function middleOf(region: Region, index: number): Point {
  const points = pointsOf(region);
  const from = points[index]!;
  const to = points[(index + 1) % points.length]!;
  return { x: round((from.x + to.x) / 2), y: round((from.y + to.y) / 2) };
}

/** The region without a corner; unchanged at the fewest corners. */
export function withoutPoint(region: Region, index: number): Region {
  const points = pointsOf(region);
  return points.length <= MIN_POINTS ? region : polygon(points.toSpliced(index, 1));
}

/** The region as a whole elsewhere, as far as it stays within the frame. */
export function movedBy(region: Region, { x, y }: Point): Region {
  const points = pointsOf(region);
  const limit = (by: number, values: readonly number[]): number =>
    Math.min(1 - Math.max(...values), Math.max(-Math.min(...values), by));
  const byX = limit(x, points.map((point) => point.x)); // prettier-ignore
  const byY = limit(y, points.map((point) => point.y)); // prettier-ignore
  if ("box" in region)
    return { box: { ...region.box, left: within(region.box.left + byX), top: within(region.box.top + byY) } };
  return polygon(points.map((point) => ({ x: within(point.x + byX), y: within(point.y + byY) })));
}

/** A new region: the middle of the frame. */
export const NEW_REGION: Region = {
  polygon: [
    { x: 0.3, y: 0.35 },
    { x: 0.7, y: 0.35 },
    { x: 0.7, y: 0.85 },
    { x: 0.3, y: 0.85 },
  ],
};

/** `31 %`: how much of the frame a region covers (shoelace formula). */
export function shareOf(region: Region): number {
  const points = pointsOf(region);
  const twice = points.reduce((sum, { x, y }, index) => {
    const next = points[(index + 1) % points.length]!;
    return sum + x * next.y - next.x * y;
  }, 0);
  return Math.abs(twice) / 2;
}
