import { createCanvas, ImageData, type Canvas } from "@napi-rs/canvas";
import type { Picture } from "./decode.ts";

/** A decoded picture on a canvas of its size. */
export function toCanvas({ rgba, width, height }: Pick<Picture, "rgba" | "width" | "height">): Canvas {
  const canvas = createCanvas(width, height);
  const pixels = new Uint8ClampedArray(rgba.buffer as ArrayBuffer, rgba.byteOffset, rgba.byteLength);
  canvas.getContext("2d").putImageData(new ImageData(pixels, width, height), 0, 0);
  return canvas;
}
