import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  foundLabels,
  lowestConfidence,
  namesOf,
  personBoxes,
  withPersons,
} from "../../../engines/frames/labels.ts";
import type { Box, NamedLabel } from "../../../engines/frames/parts.ts";
import type { RegionOfInterest } from "../../../schemas/camera.ts";
import { LABEL_MAPPING } from "../../../schemas/label-mapping.ts";

const BOX = { left: 0.25, top: 0.25, width: 0.5, height: 0.5 };
const label = (name: string, confidence: number, ...instances: (number | [number, Box])[]): NamedLabel => ({
  name,
  confidence,
  instances: instances.map((one) => {
    const [of, box] = typeof one === "number" ? [one, BOX] : one;
    return { confidence: of, box };
  }),
});
const find = (
  found: readonly NamedLabel[],
  labels: Record<string, number>,
  regionsOfInterest: readonly RegionOfInterest[] = [],
) => foundLabels(found, { labels, regionsOfInterest });

describe("the names to detect", () => {
  test("are those of the mapping for Doorstep's labels, and any other label itself, each once", () => {
    expect(namesOf({ PERSON: 80, PET: 50, Car: 70, Dog: 60 })).toEqual([
      "Person",
      "Pet",
      "Dog",
      "Cat",
      "Puppy",
      "Kitten",
      "Car",
    ]);
    expect(namesOf({ PACKAGE: 1 })).toEqual(["Package", "Cardboard", "Carton", "Box", "Package Delivery"]);
    expect(namesOf({ constructor: 1 })).toEqual(["constructor"]);
  });

  test("are requested with the lowest of the minimum confidences", () => {
    expect(lowestConfidence({ PERSON: 80, PET: 35.5, Car: 70 })).toBe(35.5);
  });
});

describe("persons whose faces are searched", () => {
  test("are requested whatever the camera's labels are, with its own minimum confidence if it has one", () => {
    expect(withPersons({ PET: 70 }, true)).toEqual({ PET: 70, PERSON: 50 });
    expect(withPersons({ PERSON: 90 }, true)).toEqual({ PERSON: 90 });
    expect(withPersons({ PET: 70 }, false)).toEqual({ PET: 70 });
  });

  test("are those that the camera would detect, largest first", () => {
    const near = { left: 0, top: 0, width: 0.9, height: 0.9 };
    const aside = { left: 0.9, top: 0.9, width: 0.1, height: 0.1 };
    const found = [
      label("Person", 99, 80, [79, near], [95, near], [99, aside]),
      label("Dog", 99, [99, near]),
    ];
    expect(personBoxes(found, { labels: { PERSON: 80 }, regionsOfInterest: [] })).toEqual([near, BOX, aside]);
    const regionsOfInterest = [{ box: { left: 0, top: 0, width: 0.6, height: 0.6 } }];
    expect(personBoxes(found, { labels: { PET: 1 }, regionsOfInterest })).toEqual([near, near, BOX]);
    expect(personBoxes([label("Person", 99)], { labels: { PERSON: 1 }, regionsOfInterest: [] })).toEqual([]);
  });
});

describe("a label's detection", () => {
  test("is the instance with the highest confidence of any of its names", () => {
    const far = { left: 0, top: 0, width: 0.1, height: 0.1 };
    const found = [label("Dog", 91, 80, 91), label("Cat", 95, [95, far]), label("Person", 99, 99)];
    expect(find(found, { PET: 50 })).toEqual([{ label: "PET", confidence: 95, box: far }]);
    expect(find(found, { PET: 50, PERSON: 99 }).map((one) => one.label)).toEqual(["PET", "PERSON"]);
  });

  test("reaches the camera's minimum confidence, which includes it", () => {
    expect(find([label("Person", 80, 80)], { PERSON: 80 })).toHaveLength(1);
    expect(find([label("Person", 80, 79.9)], { PERSON: 80 })).toEqual([]);
  });

  test("has no whole frame for people and pets: an ancestor without instances is no detection", () => {
    expect(find([label("Pet", 99), label("Person", 99)], { PET: 1, PERSON: 1 })).toEqual([]);
  });

  test("is the whole frame for packages and Rekognition's own names that have no instances", () => {
    const whole = { box: { left: 0, top: 0, width: 1, height: 1 }, isWholeFrame: true };
    expect(find([label("Package", 70), label("Carton", 75)], { PACKAGE: 50 })).toEqual([
      { label: "PACKAGE", confidence: 75, ...whole },
    ]);
    expect(find([label("Rain", 88)], { Rain: 88 })).toEqual([{ label: "Rain", confidence: 88, ...whole }]);
    expect(find([label("Rain", 87)], { Rain: 88 })).toEqual([]);
  });

  test("prefers an instance to a whole frame of more confidence, and ignores the label of instances that are too weak", () => {
    expect(find([label("Package", 99), label("Box", 60, 60)], { PACKAGE: 50 })).toEqual([
      { label: "PACKAGE", confidence: 60, box: BOX },
    ]);
    expect(find([label("Car", 90, 60)], { Car: 80 })).toEqual([]);
  });

  test("takes names as Rekognition spells them", () => {
    expect(find([label("person", 90, 90), label("Man", 90, 90)], { PERSON: 1, PACKAGE: 1 })).toEqual([]);
  });
});

describe("with regions of interest", () => {
  const left: RegionOfInterest = { box: { left: 0, top: 0, width: 0.5, height: 1 } };
  const triangle: RegionOfInterest = {
    polygon: [
      { x: 0, y: 0 },
      { x: 1, y: 0 },
      { x: 0, y: 1 },
    ],
  };
  const at = (x: number, y: number): Box => ({ left: x - 0.1, top: y - 0.1, width: 0.2, height: 0.2 });
  const isFound = (x: number, y: number, ...regions: RegionOfInterest[]) =>
    find([label("Person", 90, [90, at(x, y)])], { PERSON: 1 }, regions).length === 1;

  test("a detection has the centre of its box in one of them", () => {
    expect([isFound(0.4, 0.9, left), isFound(0.5, 0.5, left), isFound(0.51, 0.5, left)]).toEqual([
      true,
      true,
      false,
    ]);
    expect([isFound(0.4, 0.4, triangle), isFound(0.6, 0.6, triangle)]).toEqual([true, false]);
    expect(isFound(0.8, 0.1, left, triangle)).toBe(true);
  });

  test("a polygon may be concave", () => {
    const arrow: RegionOfInterest = {
      polygon: [
        { x: 0.1, y: 0.1 },
        { x: 0.9, y: 0.1 },
        { x: 0.5, y: 0.3 },
        { x: 0.9, y: 0.9 },
      ],
    };
    expect([isFound(0.5, 0.2, arrow), isFound(0.8, 0.3, arrow)]).toEqual([true, false]);
  });

  test("a weaker instance within a region is preferred to a stronger one outside", () => {
    const found = [label("Person", 95, [95, at(0.8, 0.5)], [60, at(0.2, 0.5)])];
    expect(find(found, { PERSON: 50 }, [left])).toEqual([
      { label: "PERSON", confidence: 60, box: at(0.2, 0.5) },
    ]);
  });

  test("nothing counts with a whole frame", () => {
    expect(find([label("Package", 99)], { PACKAGE: 1 }, [left])).toEqual([]);
  });
});

const share = fc.integer({ min: 0, max: 20 }).map((one) => one / 20);
const confidence = fc.integer({ min: 0, max: 100 });
const box = fc.record({ left: share, top: share, width: share, height: share });
const wanted = fc.dictionary(fc.constantFrom("PERSON", "PET", "PACKAGE", "Car", "Dog"), confidence);
const names = [
  ...Object.values(LABEL_MAPPING).flatMap((one) => one.names.map(({ name }) => name)),
  "Car",
  "Tree",
];
const found = fc.uniqueArray(
  fc.record({
    name: fc.constantFrom(...names),
    confidence,
    instances: fc.array(fc.record({ confidence, box }), { maxLength: 4 }),
  }),
  { selector: ({ name }) => name, maxLength: 8 },
);
const regions = fc.array(
  fc.oneof(
    fc.record({ box }),
    fc.record({ polygon: fc.array(fc.record({ x: share, y: share }), { minLength: 3, maxLength: 6 }) }),
  ),
  { maxLength: 2 },
);

test("each label is found once at most, in the camera's order, and is one of the image's that reaches its minimum", () => {
  fc.assert(
    fc.property(found, wanted, regions, (image, labels, regionsOfInterest) => {
      const detections = foundLabels(image, { labels, regionsOfInterest });
      const order = detections.map((one) => Object.keys(labels).indexOf(one.label));
      expect(order).toEqual([...new Set(order)].toSorted((a, b) => a - b));
      for (const one of detections) {
        expect(one.confidence).toBeGreaterThanOrEqual(labels[one.label]!);
        const own = image.filter(({ name }) => namesOf({ [one.label]: 0 }).includes(name));
        if (one.isWholeFrame)
          expect([regionsOfInterest.length, own.some((of) => of.confidence === one.confidence)]).toEqual([
            0,
            true,
          ]);
        else
          expect(own.flatMap(({ instances }) => instances)).toContainEqual({
            confidence: one.confidence,
            box: one.box,
          });
      }
    }),
  );
});

test("nothing changes with the order of an image's labels, but which of equals is named", () => {
  fc.assert(
    fc.property(found, wanted, regions, (image, labels, regionsOfInterest) => {
      const summary = (of: readonly NamedLabel[]) =>
        foundLabels(of, { labels, regionsOfInterest }).map((one) => [
          one.label,
          one.confidence,
          one.isWholeFrame,
        ]);
      expect(summary(image.toReversed())).toEqual(summary(image));
    }),
  );
});

test("a higher minimum never adds a detection, and no regions never remove one", () => {
  fc.assert(
    fc.property(found, wanted, regions, confidence, (image, labels, regionsOfInterest, more) => {
      const labelsOf = (...[of, within]: [Record<string, number>, readonly RegionOfInterest[]]) =>
        foundLabels(image, { labels: of, regionsOfInterest: within }).map((one) => one.label);
      const stricter = Object.fromEntries(Object.entries(labels).map(([name, min]) => [name, min + more]));
      const all = labelsOf(labels, regionsOfInterest);
      expect(all).toEqual(expect.arrayContaining(labelsOf(stricter, regionsOfInterest)));
      expect(labelsOf(labels, [])).toEqual(expect.arrayContaining(all));
    }),
  );
});
