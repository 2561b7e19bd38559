import { createCanvas } from "@napi-rs/canvas";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import * as v from "valibot";
import type { ActionContext } from "../../../local/api/action.ts";
import type { AwsError } from "../../../local/errors.ts";
import { detectLabels } from "../../../local/rekognition/actions/detect-labels.ts";
import { labelsOf, type LabelFilter, type LabelledObject } from "../../../local/rekognition/labels/labels.ts";
import { CLIP_LABELS, MODEL_LABELS, type LabelClass } from "../../../local/rekognition/labels/taxonomy.ts";
import { withinQuota } from "../../../local/rekognition/quotas.ts";
import type { RekognitionState } from "../../../local/rekognition/state.ts";
import { ServedImages } from "../../../local/video/served-images.ts";

const [PERSON, CAR, DOG] = [MODEL_LABELS[1]!, MODEL_LABELS[3]!, MODEL_LABELS[18]!];
const BOX = { left: 0, top: 0, width: 0.5, height: 0.5 };
const object = (label: LabelClass, confidence = 80): LabelledObject => ({ label, confidence, box: BOX });
const ALL: LabelFilter = {
  maxLabels: 1000,
  minConfidence: 0,
  inclusions: [],
  exclusions: [],
  categoryInclusions: [],
  categoryExclusions: [],
};
const namesOf = (objects: readonly LabelledObject[], filter: Partial<LabelFilter> = {}) =>
  labelsOf(objects, { ...ALL, ...filter }).map(({ Name }) => Name);

const classes = [...Object.values(MODEL_LABELS), ...Object.values(CLIP_LABELS)];
const objects = fc.array(
  fc.record({
    label: fc.constantFrom(...classes),
    confidence: fc.double({ min: 0, max: 100, noNaN: true }),
    box: fc.constant(BOX),
  }),
  { maxLength: 12 },
);

describe("the labels of an image", () => {
  test("are one for each class with its objects, and one without objects for each ancestor", () => {
    const labels = labelsOf([object(DOG, 60), object(DOG, 90)], ALL);
    expect(labels.map(({ Name, Confidence, Instances }) => [Name, Confidence, Instances.length])).toEqual([
      ["Dog", 90, 2],
      ["Pet", 90, 0],
      ["Canine", 90, 0],
      ["Mammal", 90, 0],
      ["Animal", 90, 0],
    ]);
    expect(labels[2]!.Parents).toEqual([{ Name: "Mammal" }, { Name: "Animal" }]);
  });

  test("have every object once, every ancestor, no name twice, and the highest confidence first", () => {
    fc.assert(
      fc.property(objects, (given) => {
        const labels = labelsOf(given, ALL);
        expect(labels.flatMap(({ Instances }) => Instances)).toHaveLength(given.length);
        const names = labels.map(({ Name }) => Name);
        expect(new Set(names).size).toBe(names.length);
        for (const { label } of given) for (const name of label.parents) expect(names).toContain(name);
        const confidences = labels.map(({ Confidence }) => Confidence);
        expect(confidences).toEqual(confidences.toSorted((a, b) => b - a));
      }),
    );
  });

  test("are those of the wanted names or categories, without the excluded ones", () => {
    const all = [object(PERSON), object(CAR), object(DOG)];
    expect(namesOf(all, { inclusions: ["Person", "Dog", "Unicorn"] }).toSorted()).toEqual(["Dog", "Person"]);
    expect(
      namesOf(all, { categoryInclusions: ["Animals and Pets"], exclusions: ["Pet", "Mammal"] }).toSorted(),
    ).toEqual(["Animal", "Canine", "Dog"]);
    expect(namesOf(all, { categoryExclusions: ["Animals and Pets", "Vehicles and Automotive"] })).toEqual([
      "Person",
    ]);
  });

  test("leave out objects below the minimum confidence, and all labels after the most", () => {
    expect(namesOf([object(PERSON, 54), object(CAR, 55)], { minConfidence: 55 })).toEqual([
      "Car",
      "Vehicle",
      "Transportation",
    ]);
    expect(namesOf([object(PERSON, 54), object(CAR, 55)], { maxLabels: 1 })).toEqual(["Car"]);
  });
});

describe("the calls of DetectLabels", () => {
  test.each([
    ["us-east-1", 50],
    ["us-west-2", 50],
    ["eu-west-1", 50],
    ["eu-central-1", 5],
  ])("are limited in %s to %d a second", (region, perSecond) => {
    let nowMs = 0;
    const context = { cloud: { clock: { now: () => nowMs } } } as unknown as ActionContext<undefined>;
    const { run } = withinQuota<undefined>("DetectLabels", region, {
      input: v.unknown(),
      resources: () => "*",
      run: () => "labels",
    });
    const results = () =>
      Array.from({ length: 4 * perSecond }, () => {
        try {
          return run(undefined, context);
        } catch (error) {
          const { name, message, status } = error as AwsError;
          return `${status} ${name}: ${message}`;
        }
      });
    const expected = [
      "labels",
      "400 ProvisionedThroughputExceededException: Provisioned Rate exceeded.",
      "400 ThrottlingException: Slow down; sudden increase in rate of requests.",
      "500 ThrottlingException: Service Unavailable",
    ].flatMap((result) => Array<string>(perSecond).fill(result));
    expect(results()).toEqual(expected);
    nowMs = 1000;
    expect(results()).toEqual(expected);
  });

  test.each(["ca-central-1", "eu-north-1"])(
    "are refused in %s, which has no DetectLabels, without a message",
    (region) => {
      const { run } = withinQuota<undefined>("DetectLabels", region, {
        input: v.unknown(),
        resources: () => "*",
        run: () => "labels",
      });
      const call = () => run(undefined, {} as ActionContext<undefined>);
      expect(call).toThrow(expect.objectContaining({ name: "AccessDeniedException", message: "" }));
    },
  );
});

test("without an object model, DetectLabels refuses an image of no known clip, and says why", async () => {
  const image = await createCanvas(80, 80).encode("png");
  const context = {
    cloud: { servedImages: new ServedImages() },
    state: { model: { missing: () => "the object model is switched off" } },
  } as unknown as ActionContext<RekognitionState>;
  const input = v.parse(detectLabels.input, { Image: { Bytes: image.toString("base64") } });
  await expect(detectLabels.run(input, context)).rejects.toMatchObject({
    name: "UnknownOperationException",
    message: "Images cannot be analysed here: the object model is switched off.",
  });
});

describe("the images that were served", () => {
  const origin = (producerTimestampMs: number) => ({
    metadata: new Map<string, string>(),
    producerTimestampMs,
  });

  test("are found by their content, with the latest origin", () => {
    const images = new ServedImages();
    images.add(Buffer.from("a"), origin(1));
    images.add(Buffer.from("b"), origin(2));
    images.add(Buffer.from("a"), origin(3));
    expect(images.find(Buffer.from("a"))).toEqual(origin(3));
    expect(images.find(Buffer.from("b"))).toEqual(origin(2));
    expect(images.find(Buffer.from("c"))).toBeUndefined();
  });

  test("are forgotten after ten thousand others", () => {
    const images = new ServedImages();
    for (let index = 0; index <= 10_000; index++) images.add(Buffer.from(String(index)), origin(index));
    expect(images.find(Buffer.from("0"))).toBeUndefined();
    expect(images.find(Buffer.from("1"))).toEqual(origin(1));
  });
});
