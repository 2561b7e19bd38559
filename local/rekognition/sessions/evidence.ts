import { createCanvas, type Canvas } from "@napi-rs/canvas";
import { toCanvas } from "../../video/canvas.ts";
import type { Box, Frame } from "../detection/detector.ts";

const JPEG_QUALITY = 85;

/** The JPEG of a frame, and a crop of each box in the order of the boxes. */
export async function evidenceImages(
  frame: Frame,
  boxes: readonly Box[],
): Promise<{ frame: Buffer; crops: Buffer[] }> {
  const canvas = toCanvas(frame);
  const crops: Buffer[] = [];
  for (const box of boxes) crops.push(await crop(canvas, box).encode("jpeg", JPEG_QUALITY));
  return { frame: await canvas.encode("jpeg", JPEG_QUALITY), crops };
}

/** A box in whole pixels of a frame: at least one pixel wide and high, within the frame. */
export function pixelsOf(box: Box, frame: { width: number; height: number }): Box {
  const left = clamp(Math.round(box.left * frame.width), 0, frame.width - 1);
  const top = clamp(Math.round(box.top * frame.height), 0, frame.height - 1);
  return {
    left,
    top,
    width: clamp(Math.round(box.width * frame.width), 1, frame.width - left),
    height: clamp(Math.round(box.height * frame.height), 1, frame.height - top),
  };
}

function crop(canvas: Canvas, box: Box): Canvas {
  const { left, top, width, height } = pixelsOf(box, canvas);
  const cropped = createCanvas(width, height);
  cropped.getContext("2d").drawImage(canvas, left, top, width, height, 0, 0, width, height);
  return cropped;
}

const clamp = (value: number, min: number, max: number): number => Math.min(Math.max(value, min), max);
