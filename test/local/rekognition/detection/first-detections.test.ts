import { describe, expect, test } from "@jest/globals";
import type { DetectedObject, LabelName } from "../../../../local/rekognition/detection/detector.ts";
import { firstDetections, targetOf } from "../../../../local/rekognition/detection/first-detections.ts";

const detected = (label: LabelName, confidence: number, left = 0.1): DetectedObject => ({
  label,
  confidence,
  box: { left, top: 0.1, width: 0.2, height: 0.2 },
});

describe("the detections of a frame that a session notifies", () => {
  test("are one per class, its object of highest confidence, in the order of the classes", () => {
    const objects = [
      detected("PACKAGE", 70),
      detected("PERSON", 80),
      detected("PERSON", 95),
      detected("PET", 60),
    ];
    expect(firstDetections(objects, targetOf(["ALL"]), [])).toEqual([
      detected("PERSON", 95),
      detected("PET", 60),
      detected("PACKAGE", 70),
    ]);
  });

  test("leave out classes that the session has notified before", () => {
    const objects = [detected("PERSON", 95), detected("PET", 60)];
    expect(firstDetections(objects, targetOf(["ALL"]), ["PERSON"])).toEqual([detected("PET", 60)]);
  });

  test("leave out classes that the processor does not detect", () => {
    const objects = [detected("PERSON", 95), detected("PET", 60)];
    expect(firstDetections(objects, targetOf(["PET", "PACKAGE"]), [])).toEqual([detected("PET", 60)]);
  });

  test("have a confidence of at least 50 by default, or the processor's minimum confidence", () => {
    const objects = [detected("PERSON", 49.9), detected("PET", 50)];
    expect(firstDetections(objects, targetOf(["ALL"]), [])).toEqual([detected("PET", 50)]);
    expect(firstDetections(objects, targetOf(["ALL"], 0), [])).toEqual(objects);
    expect(firstDetections(objects, targetOf(["ALL"], 50.1), [])).toEqual([]);
  });

  test("prefer an object inside a region of interest to one of higher confidence outside", () => {
    const regions = [{ BoundingBox: { Left: 0.5, Top: 0, Width: 0.5, Height: 1 } }];
    const objects = [detected("PERSON", 99, 0.1), detected("PERSON", 60, 0.6)];
    expect(firstDetections(objects, targetOf(["PERSON"], undefined, regions), [])).toEqual([
      detected("PERSON", 60, 0.6),
    ]);
  });
});
