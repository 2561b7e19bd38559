import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { areaInside, isOfInterest } from "../../../../local/rekognition/detection/regions-of-interest.ts";

const box = { left: 0.2, top: 0.2, width: 0.4, height: 0.4 };
const region = (Left: number, Top: number, Width: number, Height: number) => ({
  BoundingBox: { Left, Top, Width, Height },
});

describe("a region of interest", () => {
  test("is not needed: without one, every object is of interest", () => {
    expect(isOfInterest(box, [])).toBe(true);
  });

  test.each([
    ["whole", region(0, 0, 1, 1), true],
    ["by three quarters", region(0.3, 0, 0.7, 1), true],
    ["by exactly half, which is not more than half", region(0, 0, 1, 0.4), false],
    ["by a quarter", region(0, 0, 0.3, 1), false],
    ["not at all", region(0.7, 0.7, 0.3, 0.3), false],
  ])("counts an object that lies in it by more than half: %s", (_, one, counts) => {
    expect(isOfInterest(box, [one])).toBe(counts);
  });

  test("is compared separately: two that contain less than half each do not add up", () => {
    expect(isOfInterest(box, [region(0, 0, 0.3, 1), region(0.5, 0, 0.5, 1)])).toBe(false);
    expect(isOfInterest(box, [region(0, 0, 0.3, 1), region(0.25, 0, 0.5, 1)])).toBe(true);
  });

  test("may be a polygon, with its points in either direction", () => {
    const triangle = [
      { X: 0, Y: 0 },
      { X: 1, Y: 0 },
      { X: 0, Y: 1 },
    ];
    const lowerRight = { left: 0.4, top: 0.4, width: 0.4, height: 0.4 };
    expect(isOfInterest(box, [{ Polygon: triangle }])).toBe(true);
    expect(isOfInterest(box, [{ Polygon: triangle.toReversed() }])).toBe(true);
    expect(isOfInterest(lowerRight, [{ Polygon: triangle }])).toBe(false);
  });
});

describe("the area that a polygon shares with a box", () => {
  test("is exact for a triangle's corner", () => {
    const triangle = [
      { X: 0, Y: 0 },
      { X: 1, Y: 0 },
      { X: 0, Y: 1 },
    ];
    expect(areaInside(triangle, { left: 0.5, top: 0, width: 0.5, height: 0.5 })).toBeCloseTo(0.125, 12);
  });

  test("is exact for a polygon that the box cuts into two parts", () => {
    const u = [
      { X: 0, Y: 0 },
      { X: 0.2, Y: 0 },
      { X: 0.2, Y: 0.8 },
      { X: 0.8, Y: 0.8 },
      { X: 0.8, Y: 0 },
      { X: 1, Y: 0 },
      { X: 1, Y: 1 },
      { X: 0, Y: 1 },
    ];
    expect(areaInside(u, { left: 0, top: 0, width: 1, height: 0.5 })).toBeCloseTo(0.2, 12);
  });

  const ratio = fc.double({ min: 0, max: 1, noNaN: true });

  test("never exceeds the box and agrees with counted grid points", () => {
    const convex = fc.tuple(
      ratio,
      ratio,
      fc.double({ min: 0.05, max: 0.5, noNaN: true }),
      fc.integer({ min: 3, max: 10 }),
    );
    fc.assert(
      fc.property(convex, ratio, ratio, ratio, ratio, ([x, y, radius, corners], left, top, width, height) => {
        const polygon = Array.from({ length: corners }, (_, index) => ({
          X: x + radius * Math.cos((2 * Math.PI * index) / corners),
          Y: y + radius * Math.sin((2 * Math.PI * index) / corners),
        }));
        const area = areaInside(polygon, { left, top, width, height });
        expect(area).toBeLessThanOrEqual(width * height + 1e-9);
        let inside = 0;
        for (let row = 0; row < 60; row++)
          for (let column = 0; column < 60; column++) {
            const point = { X: left + ((column + 0.5) / 60) * width, Y: top + ((row + 0.5) / 60) * height };
            const isInside = polygon.every((corner, index) => {
              const next = polygon[(index + 1) % corners]!;
              return (
                (next.X - corner.X) * (point.Y - corner.Y) - (next.Y - corner.Y) * (point.X - corner.X) >= 0
              );
            });
            if (isInside) inside++;
          }
        expect(Math.abs(area - (inside / 3600) * width * height)).toBeLessThan(
          0.04 * Math.max(width * height, 0.001),
        );
      }),
      { numRuns: 60 },
    );
  });
});
