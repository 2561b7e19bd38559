import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import jpeg from "jpeg-js";
import { cropped, cropsOf, UnreadableJpegError } from "../../../engines/frames/crop.ts";

/** A picture whose left half is dark and whose right half is light. */
function picture(width: number, height: number): Uint8Array {
  const data = new Uint8Array(width * height * 4).map((_, index) =>
    index % 4 === 3 ? 255 : (index / 4) % width < width / 2 ? 20 : 230,
  );
  return jpeg.encode({ width, height, data }, 90).data;
}

const sizeOf = (image: Uint8Array) => {
  const { width, height } = jpeg.decode(image, { useTArray: true });
  return [width, height];
};
const brightnessOf = (image: Uint8Array): number => {
  const { data } = jpeg.decode(image, { useTArray: true });
  const reds = data.filter((_, index) => index % 4 === 0);
  return reds.reduce((sum, red) => sum + red, 0) / reds.length;
};

describe("crops of a JPEG", () => {
  const image = picture(64, 32);

  test("show what lies in each box, in the boxes' order", () => {
    const [dark, light, all] = cropped(image, [
      { left: 0, top: 0, width: 0.25, height: 1 },
      { left: 0.75, top: 0.5, width: 0.25, height: 0.5 },
      { left: 0, top: 0, width: 1, height: 1 },
    ]);
    expect([sizeOf(dark!), sizeOf(light!)]).toEqual([
      [16, 32],
      [16, 16],
    ]);
    expect(all).toBe(image);
    expect(brightnessOf(dark!)).toBeLessThan(40);
    expect(brightnessOf(light!)).toBeGreaterThan(210);
  });

  test("are widened to the least pixels a side around what they show, within the image, and say where they are", () => {
    const [middle, corner, large] = cropsOf(
      image,
      [
        { left: 0.5, top: 0, width: 0.0625, height: 1 },
        { left: 0.9375, top: 0.875, width: 0.0625, height: 0.125 },
        { left: 0, top: 0, width: 0.5, height: 1 },
      ],
      16,
    );
    expect([middle!.box, corner!.box, large!.box]).toEqual([
      { left: 26 / 64, top: 0, width: 0.25, height: 1 },
      { left: 0.75, top: 0.5, width: 0.25, height: 0.5 },
      { left: 0, top: 0, width: 0.5, height: 1 },
    ]);
    expect([sizeOf(middle!.jpeg), sizeOf(corner!.jpeg), sizeOf(large!.jpeg)]).toEqual([
      [16, 32],
      [16, 16],
      [32, 32],
    ]);
    const all = { left: 0, top: 0, width: 1, height: 1 };
    expect(cropsOf(image, [{ left: 0.5, top: 0.5, width: 0.1, height: 0.1 }], 80)).toEqual([
      { jpeg: image, box: all },
    ]);
  });

  test("have at least one pixel, within the image, whatever the box", () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    const box = fc.record({ left: share, top: share, width: share, height: share });
    fc.assert(
      fc.property(fc.array(box, { maxLength: 3 }), (boxes) => {
        const crops = cropped(image, boxes);
        expect(crops).toHaveLength(boxes.length);
        for (const [index, crop] of crops.entries()) {
          const [width, height] = sizeOf(crop);
          const { left, top } = boxes[index]!;
          expect(width).toBeGreaterThanOrEqual(1);
          expect(width).toBeLessThanOrEqual(Math.max(1, 64 - Math.round(left * 64)));
          expect(height).toBeGreaterThanOrEqual(1);
          expect(height).toBeLessThanOrEqual(Math.max(1, 32 - Math.round(top * 32)));
        }
      }),
      { numRuns: 10 },
    );
  });
});

test.each([
  ["no JPEG", new Uint8Array([1, 2, 3])],
  ["nothing", new Uint8Array()],
  ["a start alone", new Uint8Array([0xff, 0xd8, 0xff, 0xe0])],
  ["a JPEG of more pixels than Kinesis Video returns", enlarged(picture(16, 16))],
])("%s is unreadable, and the error says so", (_, image) => {
  expect(() => cropped(image, [])).toThrow(UnreadableJpegError);
  expect(() => cropped(image, [])).toThrow(`a JPEG of ${image.length} bytes cannot be decoded: `);
});

test("random bytes end with a crop or with that error, never with another", () => {
  const image = picture(16, 16);
  fc.assert(
    fc.property(fc.nat(image.length - 1), fc.nat(255), fc.nat(image.length), (at, value, length) => {
      const broken = image.slice(0, length);
      if (at < length) broken[at] = value;
      try {
        expect(cropped(broken, [{ left: 0, top: 0, width: 1, height: 1 }])).toHaveLength(1);
      } catch (error) {
        expect(error).toBeInstanceOf(UnreadableJpegError);
      }
    }),
  );
});

/** The image with a header that claims 65,535 pixels a side. */
function enlarged(image: Uint8Array): Uint8Array {
  const header = image.findIndex((byte, index) => byte === 0xff && image[index + 1] === 0xc0);
  const changed = Uint8Array.from(image);
  changed.fill(0xff, header + 5, header + 9);
  return changed;
}
