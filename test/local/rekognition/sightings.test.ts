import { describe, expect, test } from "@jest/globals";
import type { DetectedObject, LabelName } from "../../../local/rekognition/detector.ts";
import { firstSightings, watchOf } from "../../../local/rekognition/sightings.ts";

const seen = (label: LabelName, confidence: number, left = 0.1): DetectedObject => ({
  label,
  confidence,
  box: { left, top: 0.1, width: 0.2, height: 0.2 },
});

describe("what a session reports of a frame", () => {
  test("is each class once, by its surest object, in the order of the classes", () => {
    const objects = [seen("PACKAGE", 70), seen("PERSON", 80), seen("PERSON", 95), seen("PET", 60)];
    expect(firstSightings(objects, watchOf(["ALL"], undefined, undefined), [])).toEqual([
      seen("PERSON", 95),
      seen("PET", 60),
      seen("PACKAGE", 70),
    ]);
  });

  test("leaves out classes that the session has reported before", () => {
    const objects = [seen("PERSON", 95), seen("PET", 60)];
    expect(firstSightings(objects, watchOf(["ALL"], undefined, undefined), ["PERSON"])).toEqual([
      seen("PET", 60),
    ]);
  });

  test("leaves out classes that the processor does not look for", () => {
    const objects = [seen("PERSON", 95), seen("PET", 60)];
    expect(firstSightings(objects, watchOf(["PET", "PACKAGE"], undefined, undefined), [])).toEqual([
      seen("PET", 60),
    ]);
  });

  test("takes a confidence of 50 unless another least confidence is set", () => {
    const objects = [seen("PERSON", 49.9), seen("PET", 50)];
    expect(firstSightings(objects, watchOf(["ALL"], undefined, undefined), [])).toEqual([seen("PET", 50)]);
    expect(firstSightings(objects, watchOf(["ALL"], 0, undefined), [])).toEqual(objects);
    expect(firstSightings(objects, watchOf(["ALL"], 50.1, undefined), [])).toEqual([]);
  });

  test("prefers an object inside a region of interest to a surer one outside", () => {
    const regions = [{ BoundingBox: { Left: 0.5, Top: 0, Width: 0.5, Height: 1 } }];
    const objects = [seen("PERSON", 99, 0.1), seen("PERSON", 60, 0.6)];
    expect(firstSightings(objects, watchOf(["PERSON"], undefined, regions), [])).toEqual([
      seen("PERSON", 60, 0.6),
    ]);
  });
});
