import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createCanvas, loadImage } from "@napi-rs/canvas";

/** Eileen Collins; public domain, see events/faces/README.md. */
export const ASTRONAUT = readFileSync(join(import.meta.dirname, "../../../../events/faces/astronaut.jpg"));

interface Changes {
  /** Of the picture's size. */
  readonly scale?: number;
  readonly blurPixels?: number;
  /** 0..1, 0 is black. */
  readonly light?: number;
  readonly isMirrored?: boolean;
  /** Pixels of grey around the picture. */
  readonly marginPixels?: number;
}

/** The astronaut's picture, changed. */
export async function astronaut({
  scale = 1,
  blurPixels = 0,
  light = 1,
  isMirrored = false,
  marginPixels = 0,
}: Changes = {}): Promise<Buffer> {
  const picture = await loadImage(ASTRONAUT);
  const [width, height] = [Math.round(picture.width * scale), Math.round(picture.height * scale)];
  const canvas = createCanvas(width + 2 * marginPixels, height + 2 * marginPixels);
  const context = canvas.getContext("2d");
  context.fillStyle = "#808080";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.translate(marginPixels + (isMirrored ? width : 0), marginPixels);
  context.scale(isMirrored ? -1 : 1, 1);
  if (blurPixels) context.filter = `blur(${blurPixels}px)`;
  context.drawImage(picture, 0, 0, width, height);
  context.resetTransform();
  context.filter = "none";
  context.fillStyle = `rgba(0, 0, 0, ${1 - light})`;
  context.fillRect(0, 0, canvas.width, canvas.height);
  return await canvas.encode("jpeg", 90);
}

/** The astronaut twice: large on the left, and at three quarters of the size on the right. */
export async function twoAstronauts(): Promise<Buffer> {
  const picture = await loadImage(ASTRONAUT);
  const canvas = createCanvas(1024, 512);
  const context = canvas.getContext("2d");
  context.drawImage(picture, 0, 0);
  context.drawImage(picture, 512, 64, 384, 384);
  return await canvas.encode("jpeg", 90);
}

/** A grey picture without anybody. */
export async function emptyPicture(): Promise<Buffer> {
  const canvas = createCanvas(320, 240);
  const context = canvas.getContext("2d");
  context.fillStyle = "#909090";
  context.fillRect(0, 0, 320, 240);
  return await canvas.encode("png");
}
