import { RekognitionClient } from "@aws-sdk/client-rekognition";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import * as v from "valibot";
import { labelDetector } from "../../aws/detect-labels.ts";
import { labelDetected } from "../../schemas/notification.ts";
import { scriptedService } from "./scripted-service.ts";

let service: Awaited<ReturnType<typeof scriptedService>>;
let client: RekognitionClient;
beforeAll(async () => {
  service = await scriptedService();
  client = new RekognitionClient(service.config);
});
beforeEach(() => void service.requests.splice(0));
afterAll(async () => {
  client.destroy();
  await service.stop();
});

const JPEG = Uint8Array.of(0xff, 0xd8, 0xff);
const detect = (names: readonly string[] = ["Person", "Dog"], minConfidence = 50) =>
  labelDetector(client).detectLabels(JPEG, names, minConfidence);

describe("labels of an image", () => {
  test("are requested by name and confidence, and returned with their boxes", async () => {
    service.respond({
      body: {
        Labels: [
          {
            Name: "Dog",
            Confidence: 88,
            Instances: [{ Confidence: 87, BoundingBox: { Left: 0.5, Top: 0.25, Width: 0.25, Height: 0.5 } }],
          },
          { Name: "Package", Confidence: 61 },
        ],
      },
    });
    expect(await detect()).toEqual({
      kind: "labels",
      labels: [
        {
          name: "Dog",
          confidence: 88,
          instances: [{ confidence: 87, box: { left: 0.5, top: 0.25, width: 0.25, height: 0.5 } }],
        },
        { name: "Package", confidence: 61, instances: [] },
      ],
    });
    expect(service.requests).toEqual([
      {
        Image: { Bytes: Buffer.from(JPEG).toString("base64") },
        Features: ["GENERAL_LABELS"],
        MinConfidence: 50,
        Settings: { GeneralLabels: { LabelInclusionFilters: ["Person", "Dog"] } },
      },
    ]);
  });

  test("have boxes within the frame: what is beyond it is cut off, and a box without area is no instance", async () => {
    const instance = (Left: number, Top: number, Width: number, Height: number) => ({
      Confidence: 90,
      BoundingBox: { Left, Top, Width, Height },
    });
    service.respond({
      body: {
        Labels: [
          {
            Name: "Person",
            Confidence: 90,
            Instances: [
              instance(-0.25, 0.5, 0.5, 0.75),
              instance(1, 0, 0.5, 1),
              instance(0.5, 0.5, 0, 0.5),
              { Confidence: 90 },
            ],
          },
        ],
      },
    });
    const result = await detect();
    expect(result.kind === "labels" && result.labels[0]!.instances).toEqual([
      { confidence: 90, box: { left: 0, top: 0.5, width: 0.25, height: 0.5 } },
    ]);
  });
});

test("instances have boxes that a notification may have, whatever boxes DetectLabels returns", async () => {
  const side = fc.double({ min: -2, max: 2, noNaN: true });
  const BoundingBox = fc.record({ Left: side, Top: side, Width: side, Height: side }, { requiredKeys: [] });
  const Instances = fc.array(fc.record({ Confidence: fc.constant(90), BoundingBox }), { minLength: 20 });
  await fc.assert(
    fc.asyncProperty(Instances, async (instances) => {
      service.respond({ body: { Labels: [{ Name: "Person", Confidence: 90, Instances: instances }] } });
      const result = await detect();
      if (result.kind !== "labels") throw new Error(result.kind);
      for (const { box } of result.labels[0]!.instances)
        expect(v.parse(labelDetected.entries.labels.item.entries.boundingBox, box)).toEqual({
          ...box,
          width: expect.closeTo(box.width, 9),
          height: expect.closeTo(box.height, 9),
        });
    }),
    { numRuns: 20 },
  );
});

describe("a call that DetectLabels refuses", () => {
  const refused = async (error: string, message: string, status = 400) => {
    service.respond({ error, status, body: { message } });
    const result = await detect();
    expect(service.requests).toHaveLength(1);
    return result;
  };

  test.each([
    ["ProvisionedThroughputExceededException", "Provisioned Rate exceeded.", 400],
    ["ThrottlingException", "Slow down; sudden increase in rate of requests.", 400],
    ["ThrottlingException", "Service Unavailable", 500],
    ["InternalServerError", "Internal server error", 500],
  ])("with %s (%s) is throttled, and is not sent again by itself", async (...error) => {
    expect(await refused(...error)).toEqual({ kind: "throttled" });
  });

  test.each([
    ["ImageTooLargeException", "Image size is too large."],
    ["InvalidImageFormatException", "Invalid image encoding."],
    ["InvalidParameterException", "Request has invalid parameters."],
  ])("with %s is about an image that is unreadable", async (error, message) => {
    expect(await refused(error, message)).toEqual({
      kind: "unreadable",
      reason: `DetectLabels: ${error}: ${message}`,
    });
  });

  test("because of a policy is refused with the policy's message", async () => {
    expect(await refused("AccessDeniedException", "User: arn is not authorized")).toEqual({
      kind: "refused",
      reason:
        "the function's role may not call rekognition:DetectLabels: AccessDeniedException: User: arn is not authorized",
    });
  });

  test.each([
    ["AccessDeniedException", "", "AccessDeniedException without a message"],
    ["UnknownOperationException", "", "UnknownOperationException without a message"],
    ["UnknownOperationException", "no such thing", "UnknownOperationException: no such thing"],
  ])(
    "with %s (%j) is refused: the Region has no DetectLabels, and others have",
    async (error, message, why) => {
      const result = await refused(error, message);
      expect(result).toEqual({
        kind: "refused",
        reason: expect.stringMatching(
          /^DetectLabels is not available .* frames runs in us-east-1, .*sa-east-1/,
        ),
      });
      expect(result.kind === "refused" && result.reason.endsWith(`: ${why}`)).toBe(true);
    },
  );

  test("with any other error throws it", async () => {
    await expect(refused("ExpiredTokenException", "expired")).rejects.toMatchObject({
      name: "ExpiredTokenException",
    });
  });
});

test("a call whose connection breaks is sent once more, and then throws", async () => {
  service.respond(undefined, { body: { Labels: [] } });
  expect(await detect()).toEqual({ kind: "labels", labels: [] });
  expect(service.requests).toHaveLength(2);
  service.respond(undefined, undefined);
  await expect(detect()).rejects.toThrow();
  expect(service.requests).toHaveLength(4);
});
