import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { cropsOf, distinct, inFrame } from "../../../core/faces/crops.ts";
import type { Box } from "../../../schemas/images.ts";

const boxOf = (left: number, top: number, width: number, height: number): Box => ({
  left,
  top,
  width,
  height,
});
const close = ({ left, top, width, height }: Box) => ({
  left: expect.closeTo(left, 9),
  top: expect.closeTo(top, 9),
  width: expect.closeTo(width, 9),
  height: expect.closeTo(height, 9),
});

describe("what is cropped", () => {
  test("is each person with a tenth more on each side", () => {
    expect(cropsOf([boxOf(0.4, 0.3, 0.2, 0.5)])).toEqual([close(boxOf(0.38, 0.25, 0.24, 0.6))]);
  });

  test("is the five largest persons, largest first", () => {
    const persons = [1, 6, 2, 5, 3, 4, 7].map((size) => boxOf(0.2, 0.2, size / 20, size / 20));
    expect(cropsOf(persons).map(({ width }) => Math.round((width / 1.2) * 20))).toEqual([7, 6, 5, 4, 3]);
  });

  test("is within the frame, and contains the person, wherever that is", () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(share, share, share, share, (left, top, right, bottom) => {
        const person = boxOf(left, top, (1 - left) * right, (1 - top) * bottom);
        const [crop] = cropsOf([person]);
        const [x, y] = [crop!.left + crop!.width, crop!.top + crop!.height];
        expect(Math.min(crop!.left, crop!.top)).toBeGreaterThanOrEqual(0);
        expect(Math.max(x, y)).toBeLessThanOrEqual(1 + 1e-9);
        expect(crop!.left).toBeLessThanOrEqual(person.left);
        expect(crop!.top).toBeLessThanOrEqual(person.top);
        expect(x).toBeGreaterThanOrEqual(person.left + person.width - 1e-9);
        expect(y).toBeGreaterThanOrEqual(person.top + person.height - 1e-9);
      }),
    );
  });
});

test("a face's box in the frame is its crop's corner and its box in the crop", () => {
  const crop = boxOf(0.4, 0.2, 0.2, 0.5);
  expect(inFrame(crop, boxOf(0, 0, 1, 1))).toEqual(close(crop));
  expect(inFrame(crop, boxOf(0.5, 0.1, 0.25, 0.2))).toEqual(close(boxOf(0.5, 0.25, 0.05, 0.1)));
});

test("of boxes that overlap by half or more, the first is kept", () => {
  const [left, right, same, apart] = [
    boxOf(0, 0, 0.2, 0.2),
    boxOf(0.1, 0, 0.2, 0.2),
    boxOf(0.01, 0.01, 0.2, 0.2),
    boxOf(0.5, 0.5, 0.1, 0.1),
  ].map((box, id) => ({ box, id }));
  expect(distinct([left!, right!, same!, apart!]).map(({ id }) => id)).toEqual([0, 1, 3]);
  expect(distinct([same!, left!]).map(({ id }) => id)).toEqual([2]);
  expect(distinct([{ box: boxOf(0, 0, 0, 0) }, { box: boxOf(0, 0, 0, 0) }])).toHaveLength(2);
});
