import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { DetectedObject, Frame } from "../../../../local/rekognition/detection/detector.ts";
import { stillRegions, toGrid } from "../../../../local/rekognition/detection/still-regions.ts";

const WIDTH = 320;
const HEIGHT = 180;

interface Rectangle {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** A noisy grey wall with lighter rectangles, edges in pixels. */
function picture(
  rectangles: readonly Rectangle[],
  { brightness = 90, noise = 0, seed = 1 }: { brightness?: number; noise?: number; seed?: number } = {},
): Frame {
  const rgba = new Uint8Array(WIDTH * HEIGHT * 4).fill(255);
  let state = seed >>> 0 || 1;
  const light = new Uint8Array(WIDTH * HEIGHT);
  for (const { left, top, width, height } of rectangles)
    for (let y = top; y < top + height; y++) light.fill(80, y * WIDTH + left, y * WIDTH + left + width);
  for (let pixel = 0; pixel < light.length; pixel++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const grey = brightness + light[pixel]! + ((state >>> 16) / 65_536 - 0.5) * 2 * noise;
    rgba[pixel * 4] = rgba[pixel * 4 + 1] = rgba[pixel * 4 + 2] = grey;
  }
  return { rgba, width: WIDTH, height: HEIGHT, offsetMs: 0, producerTimestampMs: 0 };
}

const show = (detect: (frame: Frame) => DetectedObject[], frames: readonly Frame[]) =>
  frames.map((frame) => detect(frame));

/** Frames for which a region must keep its edges, at 5 a second. */
const STILL_FRAMES = 15;

const still = (rectangle: Rectangle, frames = STILL_FRAMES, options: Parameters<typeof picture>[1] = {}) =>
  Array.from({ length: frames }, (_, index) =>
    picture([rectangle], { ...options, seed: (options.seed ?? 1) + index }),
  );

describe("still regions", () => {
  test("reports what appeared and then lies still for three seconds as PACKAGE, with its box", () => {
    const box = { left: 200, top: 120, width: 40, height: 40 };
    const results = show(stillRegions(), [picture([]), ...still(box)]);
    expect(results.slice(0, -1).flat()).toEqual([]);
    expect(results.at(-1)).toMatchObject([
      { label: "PACKAGE", box: { left: 200 / 320, top: 120 / 180, width: 40 / 320, height: 40 / 180 } },
    ]);
    expect(results.at(-1)![0]!.confidence).toBeGreaterThan(80);
  });

  test("reports nothing that moves", () => {
    const walker = (step: number) => picture([{ left: step * 8, top: 40, width: 32, height: 100 }]);
    const frames = Array.from({ length: 30 }, (_, step) => walker(step));
    expect(show(stillRegions(), [picture([]), ...frames]).flat()).toEqual([]);
  });

  test("counts anew when a region has moved", () => {
    const [here, there] = [
      { left: 200, top: 120, width: 40, height: 40 },
      { left: 216, top: 120, width: 40, height: 40 },
    ];
    const results = show(stillRegions(), [picture([]), ...still(here, STILL_FRAMES - 1), ...still(there)]);
    expect(results.slice(0, -1).flat()).toEqual([]);
    expect(results.at(-1)).toHaveLength(1);
  });

  test("does not report what was there from the start", () => {
    const frames = still({ left: 100, top: 40, width: 30, height: 100 }, 20);
    expect(show(stillRegions(), frames).flat()).toEqual([]);
  });

  test("does not report what is too large for a parcel", () => {
    const door = { left: 20, top: 10, width: 120, height: 160 };
    expect(show(stillRegions(), [picture([]), ...still(door, 20)]).flat()).toEqual([]);
  });

  test("does not report a change of light", () => {
    const frames = [90, 90, 160, 160, ...Array.from({ length: 20 }, () => 40)];
    expect(
      show(
        stillRegions(),
        frames.map((brightness) => picture([], { brightness, noise: 4 })),
      ).flat(),
    ).toEqual([]);
  });

  test("detects a parcel while the light changes", () => {
    const box = { left: 200, top: 120, width: 40, height: 40 };
    const frames = Array.from({ length: STILL_FRAMES }, (_, index) =>
      picture([box], { brightness: 100 + index }),
    );
    expect(show(stillRegions(), [picture([]), ...frames]).at(-1)).toMatchObject([{ label: "PACKAGE" }]);
  });

  test("does not report an entirely different frame, and continues from it", () => {
    const stripes = {
      ...picture([]),
      rgba: Uint8Array.from({ length: WIDTH * HEIGHT * 4 }, (_, i) => (i >> 6) * 5),
    };
    const frames = Array.from({ length: 20 }, () => stripes);
    expect(show(stillRegions(), [picture([]), ...frames]).flat()).toEqual([]);
  });

  test("reports nothing in a still picture, however noisy", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 0, max: 40 }), (seed, noise) => {
        const frames = Array.from({ length: 17 }, (_, index) =>
          picture([], { noise, seed: seed + index * 7919 }),
        );
        expect(show(stillRegions(), frames).flat()).toEqual([]);
      }),
      { numRuns: 8 },
    );
  });

  test("detects any parcel that lies in a noisy picture, near its position", () => {
    const rectangle = fc.record({
      left: fc.integer({ min: 0, max: 240 }),
      top: fc.integer({ min: 0, max: 110 }),
      width: fc.integer({ min: 16, max: 60 }),
      height: fc.integer({ min: 16, max: 60 }),
    });
    fc.assert(
      fc.property(rectangle, fc.integer(), (parcel, seed) => {
        const frames = [
          picture([], { noise: 10, seed: seed - 1 }),
          ...still(parcel, STILL_FRAMES + 2, { noise: 10, seed }),
        ];
        const last = show(stillRegions(), frames).at(-1)!;
        expect(last).toHaveLength(1);
        const [{ box, confidence }] = last as [DetectedObject];
        expect(Math.abs(box.left * WIDTH - parcel.left)).toBeLessThanOrEqual(4);
        expect(Math.abs(box.top * HEIGHT - parcel.top)).toBeLessThanOrEqual(4);
        expect(Math.abs(box.width * WIDTH - parcel.width)).toBeLessThanOrEqual(8);
        expect(Math.abs(box.height * HEIGHT - parcel.height)).toBeLessThanOrEqual(8);
        expect(confidence).toBeGreaterThan(50);
        expect(confidence).toBeLessThan(99);
      }),
      { numRuns: 10 },
    );
  });

  test("starts over when the frame size changes", () => {
    const detect = stillRegions();
    show(detect, [picture([]), ...still({ left: 100, top: 40, width: 30, height: 40 }, STILL_FRAMES - 1)]);
    const small = { ...picture([]), rgba: new Uint8Array(64 * 48 * 4), width: 64, height: 48 };
    expect(show(detect, [small, small]).flat()).toEqual([]);
  });
});

describe("the grid of a frame", () => {
  test("averages luma over square cells", () => {
    const rgba = new Uint8Array(320 * 2 * 4);
    rgba.set([255, 255, 255, 255], 0);
    rgba.set([255, 0, 0, 255], 4);
    const { grey, columns, rows } = toGrid({
      rgba,
      width: 320,
      height: 2,
      offsetMs: 0,
      producerTimestampMs: 0,
    });
    expect([columns, rows]).toEqual([160, 1]);
    expect(grey[0]).toBeCloseTo((255 + 76.245) / 4, 3);
    expect(grey[1]).toBe(0);
  });
});
