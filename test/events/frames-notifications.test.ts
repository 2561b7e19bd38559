import { expect, test } from "@jest/globals";
import * as v from "valibot";
import { evidenceKey, labelDetected, processingComplete } from "../../engines/frames/notification.ts";
import * as schemas from "../../schemas/notification.ts";
import { example } from "../support/notifications.ts";

const startMs = 1_763_726_400_000;
const session = {
  sessionId: "1b7a4c52-5f0e-4f4e-9d35-8f9a2f3c6d10",
  processorName: "doorstep-dev-camera-back-yard",
  streamArn: "arn:aws:kinesisvideo:us-east-1:000000000000:stream/doorstep-dev-camera-back-yard/1763700000000",
  videoStartMs: startMs,
  maxDurationSeconds: 30,
  tags: { camera: "back-yard" },
};

test("the example of a detection of the engine frames is what it publishes", () => {
  const atMs = startMs + 3000;
  const addressOf = (what: string) => `s3://doorstep-dev-evidence/${evidenceKey(session, atMs, what)}`;
  const published = labelDetected(session, {
    found: {
      label: "PET",
      confidence: 95.2,
      box: { left: 0.7, top: 0.5664, width: 0.1012, height: 0.1287 },
    },
    atMs,
    fragment: {
      number: "91343852333181432392682062622220590765191907586",
      startMs: startMs + 2000,
      durationMs: 2000,
      serverMs: startMs + 4512,
      sizeBytes: 125_000,
    },
    frameImageUri: addressOf("frame"),
    croppedImageUri: addressOf("PET"),
  });
  expect(example("label-detected-frames.json")).toEqual(published);
  expect(v.is(schemas.labelDetected, published)).toBe(true);
});

test("the example of the end of a session of the engine frames is what it publishes", () => {
  const published = processingComplete(session, {
    samples: 7,
    longestGapMillis: 5000,
    analysed: [{ fromMs: startMs, untilMs: startMs + 26_000 }],
    gaps: [{ fromMs: startMs + 26_000, untilMs: startMs + 30_000, reason: "no-video" }],
  });
  expect(example("stream-processing-complete-frames.json")).toEqual(published);
  expect(v.is(schemas.streamProcessingComplete, published)).toBe(true);
});
