import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import * as v from "valibot";
import { evidenceKey, labelDetected, processingComplete } from "../../../engines/frames/notification.ts";
import * as schemas from "../../../schemas/notification.ts";

const AT_MS = 1_763_726_400_000;
const session = {
  processorName: "porch",
  sessionId: "5d9c3f4e-6a0b-4f8e-9a51-0d2f7d8f3c11",
  streamArn: "arn:aws:kinesisvideo:eu-central-1:123456789012:stream/doorstep-porch/1763700000000",
  videoStartMs: AT_MS,
  maxDurationSeconds: 30,
  tags: { site: "home" },
};
const detection = {
  found: { label: "PERSON", confidence: 91.5, box: { left: 0.1, top: 0.2, width: 0.3, height: 0.4 } },
  atMs: AT_MS + 3000,
  fragment: { number: "42", startMs: AT_MS + 2000, serverMs: AT_MS + 4500, durationMs: 2000, sizeBytes: 100 },
  frameImageUri: "s3://bucket/evidence/porch/frame.jpg",
  croppedImageUri: "s3://bucket/evidence/porch/person.jpg",
};

describe("the notification of a detection", () => {
  test("has exactly the members of a stream processor's, and the engine's name", () => {
    expect(labelDetected(session, detection)).toEqual({
      inputInformation: { kinesisVideo: { streamArn: session.streamArn } },
      eventNamespace: { type: "LABEL_DETECTED" },
      labels: [
        {
          id: "e9571f58-7217-828f-9676-8f8cf98bf953",
          name: "PERSON",
          confidence: 91.5,
          frameImageUri: "s3://bucket/evidence/porch/frame.jpg",
          croppedImageUri: "s3://bucket/evidence/porch/person.jpg",
          videoMapping: {
            kinesisVideoMapping: {
              fragmentNumber: "42",
              serverTimestamp: AT_MS + 4500,
              producerTimestamp: AT_MS + 2000,
              frameOffsetMillis: 1000,
            },
          },
          boundingBox: { left: 0.1, top: 0.2, width: 0.3, height: 0.4 },
        },
      ],
      eventId: "7ecf9692-863a-8bec-ba49-eb3de205952f",
      tags: { site: "home" },
      sessionId: session.sessionId,
      engine: "frames",
      startStreamProcessorRequest: {
        name: "porch",
        startSelector: { kvsStreamStartSelector: { producerTimestamp: AT_MS } },
        stopSelector: { maxDurationInSeconds: 30 },
      },
    });
  });

  test("is read back with the engine, whatever is detected", () => {
    const share = fc.double({ min: 0, max: 0.9, noNaN: true });
    const extent = fc.double({ min: 0.001, max: 0.1, noNaN: true });
    const found = fc.record({
      label: fc.constantFrom("PERSON", "PET", "PACKAGE", "Car", "Package Delivery"),
      confidence: fc.double({ min: 0, max: 100, noNaN: true }),
      box: fc.record({ left: share, top: share, width: extent, height: extent }),
    });
    fc.assert(
      fc.property(found, fc.boolean(), fc.integer({ min: -500, max: 20_000 }), (one, isCropped, offsetMs) => {
        const read = v.parse(
          schemas.labelDetected,
          JSON.parse(
            JSON.stringify(
              labelDetected(session, {
                ...detection,
                found: one,
                atMs: detection.fragment.startMs + offsetMs,
                croppedImageUri: isCropped ? detection.croppedImageUri : null,
              }),
            ),
          ),
        );
        expect(read).toMatchObject({ engine: "frames", sessionId: session.sessionId });
        expect(read.labels).toHaveLength(1);
        const [label] = read.labels;
        expect(label).toMatchObject({ name: one.label.toUpperCase(), confidence: one.confidence });
        expect(label!.croppedImageUri === null).toBe(!isCropped);
        expect(label!.videoMapping.kinesisVideoMapping.frameOffsetMillis).toBe(Math.max(0, offsetMs));
      }),
    );
  });

  test("says that a box is the whole frame", () => {
    const found = { ...detection.found, isWholeFrame: true as const };
    expect(labelDetected(session, { ...detection, found }).labels[0]).toMatchObject({ isWholeFrame: true });
  });
});

const WHOLE_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe("ids of notifications", () => {
  const idsOf = (sessionId: string, label: string) => {
    const of = { ...session, sessionId };
    const { eventId, labels } = labelDetected(of, { ...detection, found: { ...detection.found, label } });
    return [eventId, labels[0]!.id, processingComplete(of, NOTHING).eventId];
  };

  test("are UUIDs that are the same each time, whatever else of the detection differs", () => {
    const again = labelDetected(session, {
      ...detection,
      atMs: AT_MS,
      found: { ...detection.found, confidence: 1 },
    });
    const [eventId, labelId, endId] = idsOf(session.sessionId, "PERSON");
    expect([again.eventId, again.labels[0]!.id]).toEqual([eventId, labelId]);
    for (const id of [eventId, labelId, endId]) expect(id).toMatch(WHOLE_ID);
  });

  test("differ between sessions, labels and kinds", () => {
    const ids = ["one", "two"].flatMap((sessionId) =>
      ["PERSON", "PET", "detected", ""].flatMap((label) => idsOf(sessionId, label)),
    );
    // The end of each of the two sessions is listed four times.
    expect(new Set(ids).size).toBe(ids.length - 6);
  });
});

const NOTHING: schemas.FrameSampling = { samples: 0, longestGapMillis: 0, analysed: [], gaps: [] };

describe("the notification of a session's end", () => {
  const frameSampling: schemas.FrameSampling = {
    samples: 4,
    longestGapMillis: 4000,
    analysed: [
      { fromMs: AT_MS, untilMs: AT_MS + 7000 },
      { fromMs: AT_MS + 9000, untilMs: AT_MS + 9500 },
    ],
    gaps: [{ fromMs: AT_MS + 7000, untilMs: AT_MS + 9000, reason: "no-video" }],
  };

  test("has exactly the members of a stream processor's, the engine's name, and what was sampled", () => {
    expect(processingComplete(session, frameSampling)).toEqual({
      inputInformation: {
        kinesisVideo: { streamArn: session.streamArn, processedVideoDurationMillis: 7500 },
      },
      eventNamespace: { type: "STREAM_PROCESSING_COMPLETE" },
      streamProcessingResults: { message: "Stream processing completed." },
      eventId: expect.stringMatching(WHOLE_ID),
      tags: { site: "home" },
      sessionId: session.sessionId,
      engine: "frames",
      startStreamProcessorRequest: {
        name: "porch",
        startSelector: { kvsStreamStartSelector: { producerTimestamp: AT_MS } },
        stopSelector: { maxDurationInSeconds: 30 },
      },
      frameSampling,
    });
  });

  test("is read back whole", () => {
    const published = JSON.parse(JSON.stringify(processingComplete(session, frameSampling)));
    expect(v.parse(schemas.streamProcessingComplete, published)).toMatchObject({
      inputInformation: { kinesisVideo: { processedVideoDurationMillis: 7500 } },
      engine: "frames",
      frameSampling,
    });
  });
});

test("images lie by processor, session and time, under safe names", () => {
  const keyOf = (what: string) => evidenceKey({ processorName: "porch", sessionId: "s-1" }, AT_MS, what);
  expect(keyOf("frame")).toBe(`porch/s-1/${AT_MS}-frame.jpg`);
  expect(keyOf("PERSON")).toBe(`porch/s-1/${AT_MS}-person.jpg`);
  expect(keyOf("Package Delivery")).toBe(`porch/s-1/${AT_MS}-package-delivery.jpg`);
});
