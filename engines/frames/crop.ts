import jpeg from "jpeg-js";
import { errorMessage } from "../../base/errors.ts";
import type { Box } from "./parts.ts";

const QUALITY = 85;
/** GetImages' largest image is 3840 by 2160 (documented). */
const MAX_MEGAPIXELS = 9;
const MAX_MEMORY_MB = 256;

/** An image from which nothing can be cropped. */
export class UnreadableJpegError extends Error {
  override readonly name = "UnreadableJpegError";
}

/** A part of an image. */
interface Crop {
  readonly jpeg: Uint8Array;
  /** Where it is in the image: whole pixels. */
  readonly box: Box;
}

/**
 * The parts of a JPEG in boxes, in their order, as JPEGs; the image itself for a box of all of it.
 * @throws UnreadableJpegError when the image cannot be decoded within the limits of size and memory
 */
export const cropped = (image: Uint8Array, boxes: readonly Box[]): Uint8Array[] =>
  cropsOf(image, boxes, 1).map((crop) => crop.jpeg);

/**
 * The same with where they are. A part that is smaller than so many pixels a side is widened on both sides, as far as the image
 * reaches.
 * @throws UnreadableJpegError when the image cannot be decoded within the limits of size and memory
 */
export function cropsOf(image: Uint8Array, boxes: readonly Box[], leastPixels: number): Crop[] {
  const { width, height, data } = decoded(image);
  return boxes.map((wanted) => {
    const [left, columns] = pixels(wanted.left, wanted.width, { size: width, leastPixels });
    const [top, rows] = pixels(wanted.top, wanted.height, { size: height, leastPixels });
    const box = { left: left / width, top: top / height, width: columns / width, height: rows / height };
    if (columns === width && rows === height) return { jpeg: image, box };
    const part = new Uint8Array(columns * rows * 4);
    for (let row = 0; row < rows; row++) {
      const start = ((top + row) * width + left) * 4;
      part.set(data.subarray(start, start + columns * 4), row * columns * 4);
    }
    return { jpeg: jpeg.encode({ width: columns, height: rows, data: part }, QUALITY).data, box };
  });
}

function decoded(image: Uint8Array) {
  try {
    return jpeg.decode(image, {
      useTArray: true,
      maxResolutionInMP: MAX_MEGAPIXELS,
      maxMemoryUsageInMB: MAX_MEMORY_MB,
    });
  } catch (error) {
    throw new UnreadableJpegError(
      `a JPEG of ${image.length} bytes cannot be decoded: ${errorMessage(error)}`,
    );
  }
}

/** Where an extent begins in pixels and how many it has, within the image. */
function pixels(
  start: number,
  extent: number,
  { size, leastPixels }: { readonly size: number; readonly leastPixels: number },
): [first: number, count: number] {
  const first = clamp(Math.round(start * size), 0, size - 1);
  const count = clamp(Math.round(extent * size), 1, size - first);
  const widened = Math.min(Math.max(count, leastPixels), size);
  return [clamp(first - Math.floor((widened - count) / 2), 0, size - widened), widened];
}

const clamp = (value: number, min: number, max: number): number => Math.min(Math.max(value, min), max);
