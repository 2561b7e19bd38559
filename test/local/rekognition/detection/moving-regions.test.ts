import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Detector, Frame } from "../../../../local/rekognition/detection/detector.ts";
import { movingRegions, toGrid } from "../../../../local/rekognition/detection/moving-regions.ts";

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

const show = (detector: Detector, frames: readonly Frame[]) => frames.map((frame) => detector.detect(frame));

describe("moving regions", () => {
  test("reports what is taller than wide as PERSON, from its second frame on, with its box", () => {
    const walker = (left: number) => picture([{ left, top: 40, width: 32, height: 100 }]);
    const results = show(movingRegions(), [picture([]), walker(64), walker(80), walker(96)]);
    expect(results.map((objects) => objects.length)).toEqual([0, 0, 1, 1]);
    expect(results[2]![0]).toMatchObject({
      label: "PERSON",
      box: { left: 0.25, top: 40 / 180, width: 0.1, height: 100 / 180 },
    });
    expect(results[2]![0]!.confidence).toBeGreaterThan(80);
  });

  test("reports what is wider than tall as PET", () => {
    const cat = (left: number) => picture([{ left, top: 140, width: 60, height: 24 }]);
    const results = show(movingRegions(), [picture([]), cat(64), cat(90)]);
    expect(results[2]).toMatchObject([{ label: "PET" }]);
  });

  test("keeps an object's class when its shape changes", () => {
    const frames = [
      picture([]),
      picture([{ left: 100, top: 40, width: 30, height: 100 }]),
      picture([{ left: 104, top: 40, width: 30, height: 100 }]),
      picture([{ left: 90, top: 100, width: 70, height: 40 }]),
    ];
    expect(show(movingRegions(), frames)[3]).toMatchObject([{ label: "PERSON" }]);
  });

  test("reports what appeared and then lies still as PACKAGE", () => {
    const box = picture([{ left: 200, top: 120, width: 40, height: 40 }]);
    const results = show(movingRegions(), [picture([]), ...Array.from({ length: 10 }, () => box)]);
    expect(results[9]).toMatchObject([{ label: "PET" }]);
    expect(results[10]).toMatchObject([{ label: "PACKAGE" }]);
  });

  test("reports two objects that move apart from each other", () => {
    const both = (step: number) =>
      picture([
        { left: 40 + step, top: 40, width: 30, height: 90 },
        { left: 200 - step, top: 130, width: 60, height: 24 },
      ]);
    const results = show(movingRegions(), [picture([]), both(0), both(8)]);
    expect(results[2]!.map(({ label }) => label)).toEqual(["PERSON", "PET"]);
  });

  test("does not report what was there from the start", () => {
    const still = picture([{ left: 100, top: 40, width: 30, height: 100 }]);
    expect(show(movingRegions(), [still, still, still]).flat()).toEqual([]);
  });

  test("does not report a region that is there for one frame only", () => {
    const flash = picture([{ left: 100, top: 40, width: 30, height: 100 }]);
    expect(show(movingRegions(), [picture([]), flash, picture([]), flash, picture([])]).flat()).toEqual([]);
  });

  test("does not report a change of light", () => {
    const frames = [90, 90, 160, 160, 40, 40, 40].map((brightness) => picture([], { brightness, noise: 4 }));
    expect(show(movingRegions(), frames).flat()).toEqual([]);
  });

  test("detects an object while the light changes", () => {
    const walker = (left: number, brightness: number) =>
      picture([{ left, top: 40, width: 32, height: 100 }], { brightness });
    const results = show(movingRegions(), [picture([]), walker(64, 110), walker(80, 120)]);
    expect(results[2]).toMatchObject([{ label: "PERSON", box: { left: 0.25, width: 0.1 } }]);
  });

  test("does not report an entirely different frame, and continues from it", () => {
    const stripes = {
      ...picture([]),
      rgba: Uint8Array.from({ length: WIDTH * HEIGHT * 4 }, (_, i) => (i >> 6) * 5),
    };
    expect(show(movingRegions(), [picture([]), stripes, stripes, stripes]).flat()).toEqual([]);
  });

  test("reports nothing in a still picture, however noisy", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 0, max: 40 }), (seed, noise) => {
        const frames = [1, 2, 3, 4].map((number) => picture([], { noise, seed: seed + number * 7919 }));
        expect(show(movingRegions(), frames).flat()).toEqual([]);
      }),
      { numRuns: 15 },
    );
  });

  test("detects any rectangle that moves over a noisy picture, near its position", () => {
    const rectangle = fc.record({
      left: fc.integer({ min: 0, max: 240 }),
      top: fc.integer({ min: 0, max: 110 }),
      width: fc.integer({ min: 16, max: 60 }),
      height: fc.integer({ min: 16, max: 60 }),
    });
    fc.assert(
      fc.property(rectangle, fc.integer(), (start, seed) => {
        const at = (step: number) =>
          picture([{ ...start, left: start.left + step * 6 }], { noise: 10, seed: seed + step });
        const [, , third] = show(movingRegions(), [picture([], { noise: 10, seed: seed - 1 }), at(0), at(1)]);
        expect(third).toHaveLength(1);
        const [{ box, confidence }] = third as [(typeof third & object)[number]];
        expect(Math.abs(box.left * WIDTH - start.left - 6)).toBeLessThanOrEqual(4);
        expect(Math.abs(box.top * HEIGHT - start.top)).toBeLessThanOrEqual(4);
        expect(Math.abs(box.width * WIDTH - start.width)).toBeLessThanOrEqual(8);
        expect(Math.abs(box.height * HEIGHT - start.height)).toBeLessThanOrEqual(8);
        expect(confidence).toBeGreaterThan(50);
        expect(confidence).toBeLessThan(99);
      }),
      { numRuns: 25 },
    );
  });

  test("starts over when the frame size changes", () => {
    const detector = movingRegions();
    show(detector, [picture([]), picture([{ left: 100, top: 40, width: 30, height: 100 }])]);
    const small = {
      rgba: new Uint8Array(64 * 48 * 4),
      width: 64,
      height: 48,
      offsetMs: 0,
      producerTimestampMs: 0,
    };
    expect(show(detector, [small, small]).flat()).toEqual([]);
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
