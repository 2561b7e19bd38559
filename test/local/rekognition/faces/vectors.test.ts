import { expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  decodeVector,
  distance,
  encodeVector,
  meanOf,
  similarityOf,
  vectorOfText,
} from "../../../../local/rekognition/faces/vectors.ts";

test("similarity falls with the distance: 80 at 0.5, the default threshold, and 50 at dlib's limit of 0.6", () => {
  expect([0, 0.3, 0.45, 0.5, 0.6, 1.4].map((one) => Number(similarityOf(one).toFixed(1)))).toEqual([
    100, 99.5, 89.9, 80, 50, 0.2,
  ]);
  const distances = fc.double({ min: 0, max: 2, noNaN: true });
  fc.assert(
    fc.property(distances, distances, (a, b) => {
      fc.pre(a < b);
      expect(similarityOf(a)).toBeGreaterThanOrEqual(similarityOf(b));
    }),
  );
});

test("a text's vector is always the same, and far from that of any other text", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (a, b) => {
      fc.pre(a !== b);
      expect(distance(vectorOfText(a), vectorOfText(a))).toBe(0);
      expect(similarityOf(distance(vectorOfText(a), vectorOfText(b)))).toBeLessThan(5);
    }),
  );
});

test("a vector is stored bit by bit, and the mean of equal vectors is that vector", () => {
  const vector = vectorOfText("ada");
  expect(decodeVector(encodeVector(vector))).toEqual(vector);
  expect(distance(meanOf([vector, vector, vector]), vector)).toBeLessThan(1e-6);
});
