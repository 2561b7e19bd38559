import type { Box } from "../detection/detector.ts";
import type { Picture } from "../detection/model/messages.ts";
import type { FoundFace } from "./found-face.ts";

/** Samples of the part that are compared, in each direction. */
const SAMPLES = 10;
/** The most that they differ on average, of 255: what another JPEG makes of the same pixels. */
const MAX_DIFFERENCE = 10;

/** Where a picture was cut out of a whole one. */
export interface Place {
  /** Of the whole. */
  readonly box: Box;
  /** How much they differ on average, of 255. */
  readonly difference: number;
}

/**
 * Where a picture was cut out of a whole one, however it was encoded since; undefined if it was not, or was scaled.
 * @param limit a place where they differ as much is none
 */
export function placeOf(part: Picture, whole: Picture, limit = MAX_DIFFERENCE): Place | undefined {
  if (part.width > whole.width || part.height > whole.height) return undefined;
  const samples = Array.from({ length: SAMPLES * SAMPLES }, (_, index) => {
    const x = Math.floor(((index % SAMPLES) + 0.5) * (part.width / SAMPLES));
    const y = Math.floor((Math.floor(index / SAMPLES) + 0.5) * (part.height / SAMPLES));
    return { x, y, luma: lumaAt(part, x, y) };
  });
  let best = { sum: limit * samples.length, left: -1, top: -1 };
  for (let top = 0; top <= whole.height - part.height; top++)
    for (let left = 0; left <= whole.width - part.width; left++) {
      let sum = 0;
      for (const { x, y, luma } of samples) {
        sum += Math.abs(lumaAt(whole, left + x, top + y) - luma);
        if (sum >= best.sum) break;
      }
      if (sum < best.sum) best = { sum, left, top };
    }
  if (best.left < 0) return undefined;
  const box = {
    left: best.left / whole.width,
    top: best.top / whole.height,
    width: part.width / whole.width,
    height: part.height / whole.height,
  };
  return { box, difference: best.sum / samples.length };
}

function lumaAt({ rgba, width }: Picture, x: number, y: number): number {
  const at = (y * width + x) * 4;
  return 0.299 * rgba[at]! + 0.587 * rgba[at + 1]! + 0.114 * rgba[at + 2]!;
}

/** The faces of a whole picture whose middle is in the part, with boxes of the part. */
export function facesInPart(faces: readonly FoundFace[], part: Box): FoundFace[] {
  return faces.flatMap((face) => {
    const { left, top, width, height } = face.box;
    const [x, y] = [left + width / 2, top + height / 2];
    const isInside =
      x >= part.left && x <= part.left + part.width && y >= part.top && y <= part.top + part.height;
    if (!isInside) return [];
    const box = {
      left: (left - part.left) / part.width,
      top: (top - part.top) / part.height,
      width: width / part.width,
      height: height / part.height,
    };
    const landmarks = face.landmarks.map(({ type, x: atX, y: atY }) => ({
      type,
      x: (atX - part.left) / part.width,
      y: (atY - part.top) / part.height,
    }));
    return [{ ...face, box, landmarks }];
  });
}
