import type { Box } from "../detection/detector.ts";
import type { Picture } from "../detection/model/messages.ts";
import type { FoundFace, Quality } from "./found-face.ts";

/** Standard deviation of the Laplacian at which a face counts as wholly sharp; ours. */
const SHARPEST = 40;
/** Faces are compared at this size, so that a large one is not blurred by its pixels alone. */
const COMPARED_SIDE_PIXELS = 64;

/** Brightness and sharpness of a face, 0..100, by its pixels. The scale is ours, not Rekognition's. */
export function qualityOf(picture: Picture, box: Box): Quality {
  const { grey, width, height } = greyOf(picture, box);
  let sum = 0;
  for (const value of grey) sum += value;
  let laplacians = 0;
  for (let y = 1; y < height - 1; y++)
    for (let x = 1; x < width - 1; x++) {
      const at = y * width + x;
      const laplacian = 4 * grey[at]! - grey[at - 1]! - grey[at + 1]! - grey[at - width]! - grey[at + width]!;
      laplacians += laplacian * laplacian;
    }
  const inner = Math.max(1, (width - 2) * (height - 2));
  return {
    brightness: (sum / Math.max(1, grey.length) / 255) * 100,
    sharpness: Math.min(100, (Math.sqrt(laplacians / inner) / SHARPEST) * 100),
  };
}

/** The face's luma, reduced by averaging if it is large. */
function greyOf(
  { rgba, width: pictureWidth, height: pictureHeight }: Picture,
  box: Box,
): { grey: Float32Array; width: number; height: number } {
  const left = Math.floor(box.left * pictureWidth);
  const top = Math.floor(box.top * pictureHeight);
  const boxWidth = Math.min(pictureWidth - left, Math.max(1, Math.round(box.width * pictureWidth)));
  const boxHeight = Math.min(pictureHeight - top, Math.max(1, Math.round(box.height * pictureHeight)));
  const step = Math.max(1, Math.floor(Math.min(boxWidth, boxHeight) / COMPARED_SIDE_PIXELS));
  const width = Math.max(1, Math.floor(boxWidth / step));
  const height = Math.max(1, Math.floor(boxHeight / step));
  const grey = new Float32Array(width * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (let dy = 0; dy < step; dy++)
        for (let dx = 0; dx < step; dx++) {
          const at = ((top + y * step + dy) * pictureWidth + left + x * step + dx) * 4;
          sum += 0.299 * rgba[at]! + 0.587 * rgba[at + 1]! + 0.114 * rgba[at + 2]!;
        }
      grey[y * width + x] = sum / (step * step);
    }
  return { grey, width, height };
}

export const QUALITY_FILTERS = ["NONE", "AUTO", "LOW", "MEDIUM", "HIGH"] as const;
export type QualityFilter = (typeof QUALITY_FILTERS)[number];

export type LowQuality =
  "EXTREME_POSE" | "LOW_BRIGHTNESS" | "LOW_SHARPNESS" | "LOW_CONFIDENCE" | "SMALL_BOUNDING_BOX";

interface Bar {
  readonly sidePixels: number;
  readonly brightness: number;
  readonly sharpness: number;
  readonly confidence: number;
  /** The most that pitch or yaw may be from 0, in degrees. */
  readonly turn: number;
}

const MEDIUM: Bar = { sidePixels: 40, brightness: 12, sharpness: 12, confidence: 50, turn: 60 };
/** What each filter demands. The numbers are ours: Rekognition's are not documented. */
const BARS: Readonly<Record<QualityFilter, Bar | undefined>> = {
  NONE: undefined,
  LOW: { sidePixels: 28, brightness: 6, sharpness: 8, confidence: 40, turn: 75 },
  AUTO: MEDIUM,
  MEDIUM,
  HIGH: { sidePixels: 80, brightness: 25, sharpness: 30, confidence: 70, turn: 45 },
};

/** Why the filter takes the face out; empty if it doesn't. */
export function lowQuality(
  { sidePixels, quality, confidence, pose }: FoundFace,
  filter: QualityFilter,
): LowQuality[] {
  const bar = BARS[filter];
  if (!bar) return [];
  const reasons: readonly (readonly [LowQuality, boolean])[] = [
    ["SMALL_BOUNDING_BOX", sidePixels < bar.sidePixels],
    ["LOW_BRIGHTNESS", quality.brightness < bar.brightness],
    ["LOW_SHARPNESS", quality.sharpness < bar.sharpness],
    ["LOW_CONFIDENCE", confidence < bar.confidence],
    ["EXTREME_POSE", Math.max(Math.abs(pose.pitch), Math.abs(pose.yaw)) > bar.turn],
  ];
  return reasons.flatMap(([reason, holds]) => (holds ? [reason] : []));
}
