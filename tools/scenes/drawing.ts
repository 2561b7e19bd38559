import { createCanvas, type Canvas, type SKRSContext2D } from "@napi-rs/canvas";

/** Size of every scene in pixels. */
export const frameWidth = 640;
export const frameHeight = 360;

/** A rectangle in pixels of the frame; it may reach beyond the frame. */
export type Bounds = { left: number; top: number; right: number; bottom: number };

/** A drawn object's label and box. */
export type DrawnObject = { name: "PERSON" | "PET" | "PACKAGE"; bounds: Bounds };

/** A point on the ground in metres, to the right of the camera and away from it. */
export type GroundPoint = { right: number; away: number };

const horizonY = 120;
const focalPixels = 400;
const cameraHeightMetres = 1.5;

/** Where a point on the ground appears in the frame, and the pixels per metre there. */
export function project({ right, away }: GroundPoint): { x: number; y: number; pixelsPerMetre: number } {
  const pixelsPerMetre = focalPixels / away;
  return {
    x: frameWidth / 2 + right * pixelsPerMetre,
    y: horizonY + cameraHeightMetres * pixelsPerMetre,
    pixelsPerMetre,
  };
}

/** The point at a share (0..1) of the way between two points. */
export function between(from: GroundPoint, to: GroundPoint, share: number): GroundPoint {
  return { right: mix(from.right, to.right, share), away: mix(from.away, to.away, share) };
}

export function mix(from: number, to: number, share: number): number {
  return from + (to - from) * share;
}

/** How far `atMs` is within an interval: 0 before it, 1 after it. */
export function progress(atMs: number, startMs: number, endMs: number): number {
  return Math.min(1, Math.max(0, (atMs - startMs) / (endMs - startMs)));
}

/** Draws simple shapes and records their extent, so that a figure's box is exact by construction. */
export class Pen {
  readonly #context: SKRSContext2D;
  bounds: Bounds = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };

  constructor(context: SKRSContext2D) {
    this.#context = context;
  }

  /** A line with round ends through these points. */
  limb(colour: string, widthPixels: number, ...points: [number, number][]): void {
    const context = this.#context;
    context.strokeStyle = colour;
    context.lineWidth = widthPixels;
    context.lineCap = "round";
    context.lineJoin = "round";
    context.beginPath();
    for (const [x, y] of points) {
      context.lineTo(x, y);
      this.#reach(x, y, widthPixels / 2, widthPixels / 2);
    }
    context.stroke();
  }

  ellipse(colour: string, x: number, y: number, radiusX: number, radiusY = radiusX): void {
    const context = this.#context;
    context.fillStyle = colour;
    context.beginPath();
    context.ellipse(x, y, radiusX, radiusY, 0, 0, 2 * Math.PI);
    context.fill();
    this.#reach(x, y, radiusX, radiusY);
  }

  polygon(colour: string, ...points: [number, number][]): void {
    const context = this.#context;
    context.fillStyle = colour;
    context.beginPath();
    for (const [x, y] of points) {
      context.lineTo(x, y);
      this.#reach(x, y, 0, 0);
    }
    context.closePath();
    context.fill();
  }

  #reach(x: number, y: number, radiusX: number, radiusY: number): void {
    const { left, top, right, bottom } = this.bounds;
    this.bounds = {
      left: Math.min(left, x - radiusX),
      top: Math.min(top, y - radiusY),
      right: Math.max(right, x + radiusX),
      bottom: Math.max(bottom, y + radiusY),
    };
  }
}

/** An empty frame, and a function that fills polygons in it. */
export function emptyFrame(): {
  canvas: Canvas;
  context: SKRSContext2D;
  fill: (colour: string, ...points: [number, number][]) => void;
} {
  const canvas = createCanvas(frameWidth, frameHeight);
  const context = canvas.getContext("2d");
  const fill = (colour: string, ...points: [number, number][]): void => {
    context.fillStyle = colour;
    context.beginPath();
    for (const [x, y] of points) context.lineTo(x, y);
    context.closePath();
    context.fill();
  };
  return { canvas, context, fill };
}

/** A soft shadow on the ground, not part of any box. */
export function drawShadow(
  context: SKRSContext2D,
  x: number,
  y: number,
  radius: number,
  opacity: number,
): void {
  const gradient = context.createRadialGradient(0, 0, 0, 0, 0, radius);
  gradient.addColorStop(0, `rgba(10, 14, 30, ${opacity})`);
  gradient.addColorStop(1, "rgba(10, 14, 30, 0)");
  context.save();
  context.translate(x, y);
  context.scale(1, 0.28);
  context.fillStyle = gradient;
  context.fillRect(-radius, -radius, 2 * radius, 2 * radius);
  context.restore();
}
