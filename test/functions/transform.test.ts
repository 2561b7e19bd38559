import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import type { FirehoseTransformationEvent } from "aws-lambda";
import fc from "fast-check";
import { bundleOf } from "../../bench/bundle.ts";
import { handler } from "../../functions/transform.ts";
import { alertRecords } from "../../schemas/tables/alert-records.ts";
import { detectionRecords } from "../../schemas/tables/detection-records.ts";
import { faceRecords } from "../../schemas/tables/face-records.ts";
import { labelsOf } from "../support/labels.ts";
import { rowProblems } from "../support/row-problems.ts";
import { sessionRecords } from "../../schemas/tables/session-records.ts";
import {
  ARRIVAL_MS,
  completeArbitrary,
  decisionArbitrary,
  faceArbitrary,
  example,
  exampleText,
  labelDetectedArbitrary,
  mutated,
} from "../support/notifications.ts";
import { UNREADABLE_FORMS } from "../support/unreadable-forms.ts";

const DETECTIONS = "doorstep-dev-detections";
const SESSIONS = "doorstep-dev-sessions";
const ALERTS = "doorstep-dev-alerts";
const FACES = "doorstep-dev-faces";

let output: jest.SpiedFunction<typeof process.stdout.write>;
const outsideEnvironment = { ...process.env };

beforeEach(() => {
  process.env.DETECTIONS_DELIVERY_STREAM = DETECTIONS;
  process.env.SESSIONS_DELIVERY_STREAM = SESSIONS;
  process.env.ALERTS_DELIVERY_STREAM = ALERTS;
  process.env.FACES_DELIVERY_STREAM = FACES;
  process.env.CAMERA_STREAM_PREFIX = "doorstep-dev-camera-";
  process.env.STACK_NAME = "doorstep-dev";
  output = jest.spyOn(process.stdout, "write").mockImplementation(() => true);
});

afterEach(() => {
  output.mockRestore();
  process.env = { ...outsideEnvironment };
});

const base64 = (text: string) => Buffer.from(text).toString("base64");
const LABELS = exampleText("label-detected-several-labels.json");
const COMPLETE = exampleText("stream-processing-complete.json");

/** The event Firehose sends for these records; their ids are r0, r1, ... */
function eventOf(data: string[], stream = DETECTIONS): FirehoseTransformationEvent {
  return {
    invocationId: "d9a7c1b0-52f5-4d0b-8a66-0e7f3a1b2c4d",
    deliveryStreamArn: `arn:aws:firehose:us-east-1:000000000000:deliverystream/${stream}`,
    region: "us-east-1",
    records: data.map((each, index) => ({
      recordId: `r${index}`,
      approximateArrivalTimestamp: ARRIVAL_MS,
      data: each,
    })),
  };
}

/** What SNS's filter policy takes for a completion notification. */
function isCompletion(data: string): boolean {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(data, "base64"));
    return JSON.parse(text)?.eventNamespace?.type === "STREAM_PROCESSING_COMPLETE";
  } catch {
    return false;
  }
}

const rowIn = (data: string | undefined) => JSON.parse(Buffer.from(data!, "base64").toString("utf8"));
const labelsIn = (data: string | undefined) => labelsOf(rowIn(data));
const printed = () => output.mock.calls.map(([line]) => JSON.parse(line as string));
const loggedLines = () => printed().filter((line) => !("_aws" in line));

describe("the transform", () => {
  test("returns rows of what belongs here, and drops what the other delivery stream gets", async () => {
    const event: FirehoseTransformationEvent = example("firehose-transform.json");
    const { records } = await handler(event);

    expect(records.map(({ recordId, result, metadata }) => [recordId, result, metadata])).toEqual([
      ["49601492185473048167540", "Ok", { partitionKeys: { dt: "2025-11-21", hour: "12" } }],
      ["49601492185473048167541", "Ok", { partitionKeys: { dt: "2025-11-21", hour: "12" } }],
      ["49601492185473048167542", "Dropped", undefined],
    ]);
    expect(
      records.map(({ data }) => data && labelsIn(data).map(({ label, camera_id }) => [camera_id, label])),
    ).toEqual([
      [["front-door", "PERSON"]],
      [
        ["front-door", "PERSON"],
        ["front-door", "PACKAGE"],
        ["front-door", "PET"],
      ],
      undefined,
    ]);
    expect(loggedLines()).toEqual([]);
  });

  test.each(UNREADABLE_FORMS)(
    "fails %s, with the reason in a log line that does not quote it",
    async (_form, text, reason) => {
      const { records } = await handler(eventOf([base64(text), base64(LABELS)]));
      expect(records.map(({ result }) => result)).toEqual(["ProcessingFailed", "Ok"]);
      expect(loggedLines()).toEqual([
        {
          level: "WARN",
          message: "record not transformed",
          timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
          service: "doorstep",
          table: "detection_records",
          recordId: "r0",
          reason,
        },
      ]);
    },
  );

  test("drops only what has exactly the type of a completion notification", async () => {
    const typed = (type: unknown) =>
      base64(JSON.stringify({ ...JSON.parse(COMPLETE), eventNamespace: { type } }));
    const types = [
      "STREAM_PROCESSING_COMPLETE",
      "stream_processing_complete",
      ["STREAM_PROCESSING_COMPLETE"],
      null,
    ];
    const { records } = await handler(eventOf(types.map(typed)));
    expect(records.map(({ result }) => result)).toEqual([
      "Dropped",
      "ProcessingFailed",
      "ProcessingFailed",
      "ProcessingFailed",
    ]);
  });

  test("prints the metrics of a batch in one line, in CloudWatch's embedded metric format", async () => {
    await handler(example("firehose-transform.json"));
    const [line, ...others] = printed().filter((one) => "_aws" in one);
    expect(others).toEqual([]);
    expect(line).toMatchObject({
      service: "doorstep",
      stack: "doorstep-dev",
      table: "detection_records",
    });
    expect(line.TimeToDetection).toHaveLength(4);
    expect(line._aws.CloudWatchMetrics).toEqual([
      {
        Namespace: "Doorstep",
        Dimensions: [["stack"]],
        Metrics: [{ Name: "TimeToDetection", Unit: "Milliseconds" }],
      },
    ]);
  });

  test("counts quarantined records where there are any, so that the metric costs nothing while all is well", async () => {
    await handler(eventOf([base64(COMPLETE), base64("{}"), base64("no JSON")]));
    const [line, ...others] = printed().filter((one) => "_aws" in one);
    expect(others).toEqual([]);
    expect(line).toMatchObject({ stack: "doorstep-dev", table: "detection_records", RecordsQuarantined: 2 });
    expect(line._aws.CloudWatchMetrics).toEqual([
      {
        Namespace: "Doorstep",
        Dimensions: [["stack"]],
        Metrics: [{ Name: "RecordsQuarantined", Unit: "Count" }],
      },
    ]);
  });

  test("has the examples' own notifications in the example event", () => {
    const event: FirehoseTransformationEvent = example("firehose-transform.json");
    expect(event.records.map(({ data }) => JSON.parse(Buffer.from(data, "base64").toString("utf8")))).toEqual(
      [
        example("label-detected.json"),
        example("label-detected-several-labels.json"),
        example("stream-processing-complete.json"),
      ],
    );
  });

  test("writes the labels of a record as one JSON document", async () => {
    const { records } = await handler(eventOf([base64(LABELS)]));
    const text = Buffer.from(records[0]!.data!, "base64").toString("utf8");
    expect(text).toMatch(/^\{"event_id":"8c2f5e1a-7b3d-4e60-9a41-d0c5b6e7f802".*\}$/);
    expect(text).not.toContain("\n");
    expect(JSON.parse(text).more_labels).toHaveLength(2);
  });

  test("takes the table from the delivery stream's name", async () => {
    const { records } = await handler(eventOf([base64(COMPLETE), base64(LABELS)], SESSIONS));
    expect(records.map(({ result }) => result)).toEqual(["Ok", "ProcessingFailed"]);
    expect(rowIn(records[0]!.data)).toMatchObject({ camera_id: "front-door", processed_ms: 30_066 });
  });

  test("keeps text beyond ASCII whole", async () => {
    const notification = example("label-detected.json");
    notification.tags = { Straße: "Zürich 🚪" };
    const { records } = await handler(eventOf([base64(JSON.stringify(notification))]));
    expect(rowIn(records[0]!.data)).toMatchObject({ tags: { Straße: "Zürich 🚪" } });
  });

  test("names the camera after its whole stream where no prefix is set", async () => {
    delete process.env.CAMERA_STREAM_PREFIX;
    const { records } = await handler(eventOf([base64(LABELS)]));
    expect(rowIn(records[0]!.data)).toMatchObject({ camera_id: "doorstep-dev-camera-front-door" });
  });

  test("refuses a delivery stream its environment doesn't name", async () => {
    await expect(handler(eventOf([base64(LABELS)], "other"))).rejects.toThrow(
      "the delivery stream is other; expected one of DETECTIONS_DELIVERY_STREAM (doorstep-dev-detections), " +
        "SESSIONS_DELIVERY_STREAM (doorstep-dev-sessions), ALERTS_DELIVERY_STREAM (doorstep-dev-alerts), FACES_DELIVERY_STREAM (doorstep-dev-faces): set them to the streams that this function serves",
    );
  });
});

describe("a record that can't be transformed", () => {
  test.each([
    [
      "bytes that are no text",
      Buffer.from([0x7b, 0xff, 0x7d]).toString("base64"),
      "the record is not UTF-8 text; expected a notification",
    ],
    ["no bytes", "", "the record is not JSON; expected exactly one notification"],
    ["data that is no base64", "%%%", "the record is not JSON; expected exactly one notification"],
    [
      "two notifications",
      base64('{"a":1} {"b":2}'),
      "the record has more after its first JSON document, at character 8; expected exactly one notification",
    ],
  ])("fails for %s, without harm to its neighbours", async (_, data, reason) => {
    const { records } = await handler(eventOf([base64(LABELS), data, base64(LABELS)]));
    expect(records.map(({ result }) => result)).toEqual(["Ok", "ProcessingFailed", "Ok"]);
    expect(records[1]).toEqual({ recordId: "r1", result: "ProcessingFailed" });
    expect(loggedLines().map((line) => [line.recordId, line.reason])).toEqual([["r1", reason]]);
  });

  test("fails for a record without data or arrival time", async () => {
    const event = eventOf([base64(LABELS), base64(LABELS), base64(LABELS)]);
    delete (event.records[0] as Partial<(typeof event.records)[0]>).data;
    delete (event.records[1] as Partial<(typeof event.records)[0]>).approximateArrivalTimestamp;
    const { records } = await handler(event);
    expect(records.map(({ result }) => result)).toEqual(["ProcessingFailed", "ProcessingFailed", "Ok"]);
    expect(loggedLines()[0].reason).toMatch(/^the record cannot be read: TypeError/);
    expect(loggedLines()[1].reason).toBe("the arrival time is undefined; expected epoch milliseconds");
  });

  test("fails where its id comes twice, so that Firehose keeps the bytes of both", async () => {
    const event = eventOf([base64(LABELS), base64(COMPLETE), base64(LABELS)]);
    event.records[2]!.recordId = "r0";
    const { records } = await handler(event);
    expect(records).toEqual([
      { recordId: "r0", result: "ProcessingFailed" },
      { recordId: "r1", result: "Dropped" },
    ]);
    expect(loggedLines().at(-1).reason).toBe("the record id is in the batch more than once; expected once");
  });
});

describe("a reply", () => {
  /** A notification whose single row is at least so long. */
  function longNotification(length: number, labels = 1): string {
    const notification = example("label-detected.json");
    notification.tags = { note: "x".repeat(length) };
    notification.labels = Array.from({ length: labels }, () => notification.labels[0]);
    return base64(JSON.stringify(notification));
  }

  test("stays below 6 MB: what doesn't fit fails, what fits after it is taken in", async () => {
    const data = [...Array.from({ length: 6 }, () => longNotification(900_000)), base64(LABELS)];
    const reply = await handler(eventOf(data));
    expect(reply.records.map(({ result }) => result)).toEqual([
      "Ok",
      "Ok",
      "Ok",
      "Ok",
      "ProcessingFailed",
      "ProcessingFailed",
      "Ok",
    ]);
    expect(Buffer.byteLength(JSON.stringify(reply))).toBeLessThan(6_000_000);
    expect(loggedLines()[0].reason).toMatch(
      /^its row of \d+ bytes exceeds the \d+ left in the reply; lower BufferSizeInMBs$/,
    );
  });

  test("has the tags of a record once, however many labels it has", async () => {
    const [long, short] = [longNotification(700_000, 1000), longNotification(700_000, 1)];
    const { records } = await handler(eventOf([long, short]));
    expect(records.map(({ result }) => result)).toEqual(["Ok", "Ok"]);
    expect(records[0]!.data!.length).toBeLessThan(2 * records[1]!.data!.length);
  });

  test("stays below 6 MB whatever the sizes of records and ids", async () => {
    const sizes = fc.array(fc.tuple(fc.integer({ min: 0, max: 1_000_000 }), fc.string({ unit: "binary" })), {
      minLength: 3,
      maxLength: 9,
    });
    await fc.assert(
      fc.asyncProperty(sizes, async (records) => {
        const event = eventOf(records.map(([size]) => longNotification(size)));
        for (const [index, [, id]] of records.entries()) event.records[index]!.recordId = `${index}${id}`;
        expect(Buffer.byteLength(JSON.stringify(await handler(event)))).toBeLessThanOrEqual(5_900_000);
      }),
      { numRuns: 20 },
    );
  });

  test("neither loses nor doubles a record, whatever the records hold", async () => {
    const data = fc.oneof(
      fc.oneof(labelDetectedArbitrary, completeArbitrary).map((valid) => base64(JSON.stringify(valid))),
      fc
        .oneof(
          decisionArbitrary,
          mutated(labelDetectedArbitrary),
          mutated(completeArbitrary),
          mutated(decisionArbitrary),
          faceArbitrary,
          mutated(faceArbitrary),
        )
        .map((other) => base64(JSON.stringify(other))),
      fc.jsonValue().map((json) => base64(JSON.stringify(json))),
      fc.uint8Array().map((bytes) => Buffer.from(bytes).toString("base64")),
      fc.string({ unit: "binary" }),
    );
    const streams = fc.constantFrom(
      [DETECTIONS, detectionRecords] as const,
      [SESSIONS, sessionRecords] as const,
      [ALERTS, alertRecords] as const,
      [FACES, faceRecords] as const,
    );
    await fc.assert(
      fc.asyncProperty(fc.array(data, { maxLength: 12 }), streams, async (batch, [stream, table]) => {
        output.mockClear();
        const { records } = await handler(eventOf(batch, stream));
        expect(records.map(({ recordId }) => recordId)).toEqual(batch.map((_, index) => `r${index}`));
        for (const [index, { result, data: rows, metadata }] of records.entries()) {
          const isElsewhere = stream === DETECTIONS && isCompletion(batch[index]!);
          if (result !== "Ok") {
            const failure = isElsewhere ? "Dropped" : "ProcessingFailed";
            expect([result, rows, metadata]).toEqual([failure, undefined, undefined]);
            continue;
          }
          const { labels } = JSON.parse(Buffer.from(batch[index]!, "base64").toString("utf8"));
          expect(rowProblems(table, rowIn(rows))).toEqual([]);
          if (stream === DETECTIONS) expect(labelsIn(rows)).toHaveLength(labels.length);
          expect(Object.keys(metadata!.partitionKeys)).toEqual(["dt", "hour"]);
        }
        expect(loggedLines().map(({ recordId }) => recordId)).toEqual(
          records.flatMap(({ recordId, result }) => (result === "ProcessingFailed" ? [recordId] : [])),
        );
      }),
      { numRuns: 300 },
    );
  });
});

describe("the bundle", () => {
  test("is at most 40 KB and free of the AWS SDK, middleware and Powertools", async () => {
    const { bytes, inputs } = await bundleOf("functions/transform");
    expect(bytes).toBeLessThanOrEqual(40 * 1024);
    expect(inputs).toContain("functions/transform.ts");
    expect(inputs.filter((input) => /@aws-sdk|@smithy|@middy|powertools/.test(input))).toEqual([]);
  });
});
