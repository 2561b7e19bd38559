import { describe, expect, test } from "@jest/globals";
import * as v from "valibot";
import { cameraSettings, labelsProblem, LABELS } from "../../schemas/camera.ts";
import { LABEL_MAPPING } from "../../schemas/label-mapping.ts";

const settings = (names: readonly string[], confidence = 50) => ({
  cameraId: "door",
  labels: Object.fromEntries(names.map((name) => [name, confidence])),
});
const problemOf = (names: readonly string[], confidence?: number) => {
  const { success, issues } = v.safeParse(cameraSettings, settings(names, confidence));
  return success ? undefined : issues[0].message;
};
const numbered = (length: number) => Array.from({ length }, (_, index) => `Label ${index}`);

describe("a camera's labels", () => {
  test("are as many as DetectLabels filters by, with all names of PERSON, PET and PACKAGE", () => {
    expect(problemOf([...LABELS, ...numbered(80)])).toBeUndefined();
    expect(problemOf([...LABELS, ...numbered(81)])).toBe("expected at most 80 labels of Rekognition's list");
    const mapped = Object.values(LABEL_MAPPING).flatMap(({ names }) => names);
    // Documented (DetectLabels): 100 filters.
    expect(mapped.length + 80).toBeLessThanOrEqual(100);
  });

  test.each([
    [["Car", "CAR"], 50, "expected each label once, in capitals or not"],
    [["<b>"], 50, "expected PERSON, PET, PACKAGE or a name of Rekognition's list, e.g. Car=80"],
    [
      [`C${"a".repeat(50)}`],
      50,
      "expected PERSON, PET, PACKAGE or a name of Rekognition's list, e.g. Car=80",
    ],
    [["Car"], 101, "expected 0..100, e.g. PERSON=80"],
    [[], 50, "expected at least one label"],
  ])("are not %j with %d", (names, confidence, problem) => {
    expect(problemOf(names, confidence)).toBe(problem);
  });

  test("of Rekognition's list go with the engine frames only", () => {
    const { labels } = v.parse(cameraSettings, settings(["PERSON", "Car", "Dog"]));
    expect(labelsProblem({ engine: "frames", labels })).toBeUndefined();
    expect(labelsProblem({ engine: "stream-processor", labels })).toMatch(
      /^Car, Dog; the engine stream-processor detects PERSON, PET, PACKAGE only: choose the engine frames/,
    );
    expect(labelsProblem({ engine: "stream-processor", labels: { PET: 1 } })).toBeUndefined();
  });
});

test("a setting with a fraction is 0 or a number that DynamoDB can store", () => {
  const regionOf = (left: number) => ({
    regionsOfInterest: [{ box: { left, top: 0, width: 0.5, height: 0.5 } }],
  });
  const accepted = (given: object): boolean => v.is(cameraSettings, { cameraId: "front-door", ...given });
  expect([0, 1e-130, 9e-131, 5e-324].map((left) => accepted(regionOf(left)))).toEqual([
    true,
    true,
    false,
    false,
  ]);
  expect([0, 9e-131].map((PERSON) => accepted({ labels: { PERSON } }))).toEqual([true, false]);
  expect([0, 9e-131].map((dailyBudgetMinutes) => accepted({ dailyBudgetMinutes }))).toEqual([true, false]);
  expect([0, 9e-131].map((dailyBudgetUsd) => accepted({ dailyBudgetUsd }))).toEqual([true, false]);
});
