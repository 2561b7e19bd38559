import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import * as v from "valibot";
import { labelDetected, streamProcessingComplete } from "../../schemas/notification.ts";
import { describeValue, reasonOf } from "../../schemas/reason.ts";
import * as values from "../../schemas/values.ts";
import { completeArbitrary, example, labelDetectedArbitrary } from "../support/notifications.ts";

describe("the schemas", () => {
  test("accept every valid notification", () => {
    fc.assert(fc.property(labelDetectedArbitrary, (input) => v.safeParse(labelDetected, input).success));
    fc.assert(
      fc.property(completeArbitrary, (input) => v.safeParse(streamProcessingComplete, input).success),
    );
  });

  test("leave unknown fields out and make absent optional ones null", () => {
    const { success, output } = v.safeParse(streamProcessingComplete, {
      ...example("stream-processing-complete.json"),
      tags: undefined,
      streamProcessingResults: null,
      invented: { by: "a later version" },
    });
    expect(success).toBe(true);
    expect(output).toEqual({
      eventNamespace: { type: "STREAM_PROCESSING_COMPLETE" },
      inputInformation: {
        kinesisVideo: {
          streamArn:
            "arn:aws:kinesisvideo:us-east-1:000000000000:stream/doorstep-dev-camera-front-door/1763700000000",
          processedVideoDurationMillis: 30066,
        },
      },
      eventId: "8c2f5e1a-7b3d-4e60-9a41-d0c5b6e7f803",
      sessionId: "1b7a4c52-5f0e-4f4e-9d35-8f9a2f3c6d10",
      engine: null,
      tags: null,
      startStreamProcessorRequest: {
        name: "doorstep-dev-camera-front-door",
        startSelector: { kvsStreamStartSelector: { producerTimestamp: 1763726400000 } },
        stopSelector: { maxDurationInSeconds: 30 },
      },
      frameSampling: null,
      streamProcessingResults: null,
    });
  });

  test("say where a mistake is, what is there and what was expected", () => {
    const input = example("label-detected-several-labels.json");
    input.labels[2].boundingBox.left = 1.7;
    const { issues } = v.safeParse(labelDetected, input);
    expect(reasonOf(issues!)).toBe("labels[2].boundingBox.left is 1.7; expected 0..1");
    expect(reasonOf(v.safeParse(labelDetected, 7).issues!)).toBe("the notification is 7; expected an object");
  });
});

describe("what a session sampled", () => {
  const AT_MS = 1_763_726_400_000;
  const sampling = {
    samples: 3,
    longestGapMillis: 4000,
    analysed: [{ fromMs: AT_MS, untilMs: AT_MS + 7000 }],
    gaps: [{ fromMs: AT_MS + 7000, untilMs: AT_MS + 30_000, reason: "all-detected" }],
  };
  const parse = (own: object) =>
    v.safeParse(
      streamProcessingComplete,
      {
        ...example("stream-processing-complete.json"),
        engine: "frames",
        frameSampling: { ...sampling, ...own },
      },
      { abortEarly: true },
    );

  test("is its samples and its intervals", () => {
    const { output } = parse({});
    expect(output).toMatchObject({ engine: "frames", frameSampling: sampling });
  });

  const from = AT_MS + 1;
  test.each([
    [{ samples: 1.5 }, "samples is 1.5; expected a count of samples"],
    [{ samples: -1 }, "samples is -1; expected a count of samples"],
    [{ longestGapMillis: 1e9 }, "longestGapMillis is 1000000000; expected milliseconds, from 0 to a day"],
    [{ analysed: 7 }, "analysed is 7; expected an array of intervals"],
    [
      { analysed: [{ fromMs: 7, untilMs: AT_MS }] },
      "analysed[0].fromMs is 7; expected a time from 2020 on, in epoch milliseconds (seconds are taken too)",
    ],
    [
      { analysed: [{ fromMs: from, untilMs: AT_MS }] },
      `analysed[0] is ${from} to ${AT_MS}; expected an interval that begins at ${from} at the earliest and ends after that, within a day`,
    ],
    [
      {
        analysed: [
          { fromMs: AT_MS, untilMs: AT_MS + 2 },
          { fromMs: from, untilMs: AT_MS + 3 },
        ],
      },
      `analysed[1] is ${from} to ${AT_MS + 3}; expected an interval that begins at ${AT_MS + 2} at the earliest and ends after that, within a day`,
    ],
    [
      { gaps: [{ fromMs: AT_MS, untilMs: AT_MS + 86_400_001, reason: "no-video" }] },
      `gaps[0] is ${AT_MS} to ${AT_MS + 86_400_001}; expected an interval that begins at ${AT_MS} at the earliest and ends after that, within a day`,
    ],
    [
      { gaps: [{ fromMs: AT_MS, untilMs: from, reason: "asleep" }] },
      "gaps[0].reason is text of 6 characters; expected one of no-video, late, unreadable, throttled, all-detected, not-live",
    ],
    [
      {
        gaps: Array.from({ length: 257 }, (_, at) => ({
          fromMs: AT_MS + at,
          untilMs: from + at,
          reason: "unreadable",
        })),
      },
      "gaps holds 257 intervals; expected at most 256",
    ],
  ])("%j is refused, and the reason names the field", (own, reason) => {
    expect(reasonOf(parse(own).issues!)).toBe(`frameSampling.${reason}`);
  });
});

describe("a number", () => {
  test.each([
    [7, 7],
    [-0.5, -0.5],
    ["7", 7],
    [" 7.25 ", 7.25],
    ["-1e3", -1000],
    ["1763726400000", 1_763_726_400_000],
  ])("is read from %j as %d", (input, number) => {
    expect(values.readNumber(input)).toBe(number);
  });

  test.each([
    [Number.NaN],
    [Infinity],
    ["Infinity"],
    ["NaN"],
    ["0x10"],
    ["1e999"],
    [""],
    [" "],
    ["7 s"],
    [true],
    [null],
    [[7]],
    [{}],
  ])("is not %p", (input) => {
    expect(values.readNumber(input)).toBeUndefined();
  });
});

describe("a time", () => {
  test.each([
    [1_763_726_400_875, 1_763_726_400_875],
    [1_763_726_400_875.4, 1_763_726_400_875],
    ["1763726400875", 1_763_726_400_875],
    [1_763_726_400, 1_763_726_400_000],
    [1_763_726_400.875, 1_763_726_400_875],
    ["1763726400.875", 1_763_726_400_875],
    [1_577_836_800_000, 1_577_836_800_000],
    [1_577_836_800, 1_577_836_800_000],
  ])("%p is %d epoch milliseconds", (input, epochMs) => {
    expect(values.readEpochMs(input)).toBe(epochMs);
  });

  test.each([
    [0],
    [999_999_999],
    [1_577_836_799_999],
    [1_577_836_799],
    [99_999_999_999],
    [4_102_444_800_000],
    [1_763_726_400_875_000],
    [-1],
    ["2025-11-21T12:00:00Z"],
    [true],
  ])("is not %p", (input) => {
    expect(values.readEpochMs(input)).toBeUndefined();
  });
});

describe("other values", () => {
  test("a duration is whole milliseconds from none to a day", () => {
    expect([0, 199.6, "20000", 86_400_000].map(values.readDurationMs)).toEqual([0, 200, 20_000, 86_400_000]);
    expect([-1, 86_400_001, "soon"].map(values.readDurationMs)).toEqual([undefined, undefined, undefined]);
  });

  test("confidence is 0 to 100", () => {
    expect([0, "97.5", 100].map(values.readConfidence)).toEqual([0, 97.5, 100]);
    expect([-0.1, 100.1, true].map(values.readConfidence)).toEqual([undefined, undefined, undefined]);
  });

  test("a share of the frame is cut to 0..1 within rounding noise only", () => {
    expect([-0.000001, 0, 0.5, 1.000001].map(values.readShare)).toEqual([0, 0, 0.5, 1]);
    expect([-0.000002, 1.000002].map(values.readShare)).toEqual([undefined, undefined]);
    expect([0, -0.000001, 0.000001].map(values.readExtent)).toEqual([undefined, undefined, 0.000001]);
  });

  test("a box ends within the frame, rounding noise cut off", () => {
    expect(values.fitExtent(0.25, 0.75)).toBe(0.75);
    expect(values.fitExtent(0.25, 0.7500005)).toBe(0.75);
    expect(values.fitExtent(0.25, 0.750002)).toBeUndefined();
    expect(values.fitExtent(1, 0.0000005)).toBeUndefined();
  });

  test("a cut box never ends outside the frame", () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(share, share, (start, extent) => start + (values.fitExtent(start, extent) ?? 0) <= 1),
    );
  });

  test("a label's name is trimmed and in capitals, whatever the label", () => {
    expect([" person ", "Package Delivery", "T-Shirt"].map(values.readLabelName)).toEqual([
      "PERSON",
      "PACKAGE DELIVERY",
      "T-SHIRT",
    ]);
    expect(values.readLabelName("P".repeat(128))).toBe("P".repeat(128));
    expect(["", "  ", "P".repeat(129), "PERSON\n;", 7].map(values.readLabelName)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  test("a fragment number is text of 1 to 128 digits", () => {
    expect(values.readFragmentNumber("9".repeat(128))).toBe("9".repeat(128));
    expect(["", "9".repeat(129), "12a", 12].map(values.readFragmentNumber)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  test("an id is text that is not blank", () => {
    expect(values.readId("8c2f5e1a")).toBe("8c2f5e1a");
    expect(["", "   ", "a".repeat(513), 7].map(values.readId)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  test("an image lies at s3://bucket/key", () => {
    expect(values.readImageUri("s3://evidence/a/b é.jpg")).toBe("s3://evidence/a/b é.jpg");
    expect(
      ["s3://evidence", "s3://evidence/", "s3:///key", "https://evidence/key", 7].map(values.readImageUri),
    ).toEqual([undefined, undefined, undefined, undefined, undefined]);
  });

  test.each([["aws"], ["aws-cn"], ["aws-us-gov"]])(
    "a stream's ARN is of any partition, %s too",
    (partition) => {
      const arn = `arn:${partition}:kinesisvideo:us-gov-west-1:000000000000:stream/porch.cam_1/1763700000000`;
      expect(values.readStreamArn(arn)).toBe(arn);
    },
  );

  test.each([
    ["arn:aws:kinesis:us-east-1:000000000000:stream/porch"],
    ["arn:aws:kinesisvideo:us-east-1:000000000000:stream/porch"],
    ["arn:aws:kinesisvideo:us-east-1:000000000000:channel/porch/1763700000000"],
    ["arn:aws:kinesisvideo:us-east-1:42:stream/porch/1763700000000"],
    ["arn:gcp:kinesisvideo:us-east-1:000000000000:stream/porch/1763700000000"],
    ["porch"],
  ])("%s is no stream's ARN", (arn) => {
    expect(values.readStreamArn(arn)).toBeUndefined();
  });

  test("tags are an object of texts", () => {
    expect(values.readTags({ site: "north" })).toEqual({ site: "north" });
    expect([[], "site", { site: 1 }].map(values.readTags)).toEqual([undefined, undefined, undefined]);
  });
});

test("a reason shows numbers as they are and text by its length alone", () => {
  expect(
    [1.7, null, true, [1], { a: 1 }, "", "x", "soon", "s3://evidence/key", "x".repeat(41)].map(describeValue),
  ).toEqual([
    "1.7",
    "null",
    "true",
    "an array",
    "an object",
    "text of 0 characters",
    "text of 1 character",
    "text of 4 characters",
    "text of 17 characters",
    "text of 41 characters",
  ]);
});
