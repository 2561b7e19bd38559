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

/**
 * The parts of a JPEG in boxes, in their order, as JPEGs of at least one pixel; the image itself for a box of all of it.
 * @throws UnreadableJpegError when the image cannot be decoded within the limits of size and memory
 */
export function cropped(image: Uint8Array, boxes: readonly Box[]): Uint8Array[] {
  const { width, height, data } = decoded(image);
  return boxes.map((box) => {
    const [left, columns] = pixels(box.left, box.width, width);
    const [top, rows] = pixels(box.top, box.height, height);
    if (columns === width && rows === height) return image;
    const part = new Uint8Array(columns * rows * 4);
    for (let row = 0; row < rows; row++) {
      const start = ((top + row) * width + left) * 4;
      part.set(data.subarray(start, start + columns * 4), row * columns * 4);
    }
    return jpeg.encode({ width: columns, height: rows, data: part }, QUALITY).data;
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

/** Where an extent begins in pixels and how many it has, at least one, within the image. */
function pixels(start: number, extent: number, size: number): [first: number, count: number] {
  const first = clamp(Math.round(start * size), 0, size - 1);
  return [first, clamp(Math.round(extent * size), 1, size - first)];
}

const clamp = (value: number, min: number, max: number): number => Math.min(Math.max(value, min), max);
