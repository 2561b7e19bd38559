import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { readQueueMessage } from "../../../core/alerts/queue-message.ts";
import { example, exampleText } from "../../support/notifications.ts";

const PREFIX = "doorstep-dev-camera-";
const read = (message: unknown) =>
  readQueueMessage(typeof message === "string" ? message : JSON.stringify(message), PREFIX);

const ended = (detail: object = {}, type = "SessionEnded") => ({
  version: "0",
  source: "doorstep",
  "detail-type": type,
  detail: {
    eventId: "porch/1/ended",
    cameraId: "porch",
    videoStartAt: "2026-11-30T12:00:00.000Z",
    videoEndAt: "2026-11-30T12:00:10.000Z",
    motionGoesOn: false,
    ...detail,
  },
});

describe("a message that alerts are decided by", () => {
  test("is one about faces: each a person without a confidence and a picture", () => {
    const person = `person-${"1".repeat(20)}`;
    const seen = [
      { person, seenAtMs: 1_796_000_000_000, faceNo: 0 },
      { person: "unknown", seenAtMs: 1_796_000_001_000, faceNo: 2 },
    ];
    const common = {
      sessionStartedAtMs: null,
      label: "PERSON",
      confidence: null,
      frameUri: null,
      cropUri: null,
    };
    expect(read({ faces: { cameraId: "porch", sessionId: "session-1", seen } })).toEqual({
      kind: "detected",
      cameraId: "porch",
      detections: [
        {
          ...common,
          eventId: "faces-porch-1796000000000",
          labelId: "0",
          sessionId: "session-1",
          person,
          detectedAtMs: 1_796_000_000_000,
        },
        {
          ...common,
          eventId: "faces-porch-1796000001000",
          labelId: "2",
          sessionId: "session-1",
          person: "unknown",
          detectedAtMs: 1_796_000_001_000,
        },
      ],
    });
    expect(read({ faces: { cameraId: "porch", seen } })).toMatchObject({
      detections: [{ sessionId: null }, { sessionId: null }],
    });
    expect(() => read({ faces: { cameraId: "porch", seen: [{ ...seen[0], person: "Anna" }] } })).toThrow(
      /^not a message about faces: (?!.*Anna)/,
    );
  });

  test("is a notification, whose labels are in capitals, with the times and pictures that the lake has", () => {
    const notification = example("label-detected.json");
    const [label] = notification.labels;
    Object.assign(label, { name: "person", confidence: 98.5 });
    notification.labels.push({
      ...label,
      id: "second",
      name: "PET",
      confidence: undefined,
      croppedImageUri: null,
    });
    const { producerTimestamp, frameOffsetMillis } = label.videoMapping.kinesisVideoMapping;
    const { eventId, sessionId } = notification;
    const common = {
      eventId,
      sessionId,
      sessionStartedAtMs:
        notification.startStreamProcessorRequest.startSelector.kvsStreamStartSelector.producerTimestamp,
      detectedAtMs: producerTimestamp + frameOffsetMillis,
      frameUri: label.frameImageUri,
    };
    expect(read(notification)).toEqual({
      kind: "detected",
      cameraId: "front-door",
      detections: [
        {
          ...common,
          labelId: label.id,
          label: "PERSON",
          confidence: label.confidence,
          cropUri: label.croppedImageUri,
        },
        { ...common, labelId: "second", label: "PET", confidence: null, cropUri: null },
      ],
    });
  });

  test("is the event of a motion that is over", () => {
    expect(read(ended())).toEqual({
      kind: "chain-ended",
      cameraId: "porch",
      videoStartMs: Date.parse("2026-11-30T12:00:00Z"),
      videoEndMs: Date.parse("2026-11-30T12:00:10Z"),
    });
  });

  test("is a wake-up", () => {
    expect(read({ wake: { cameraId: "porch" } })).toEqual({ kind: "wake", cameraId: "porch" });
  });
});

describe("any other message is an error that says what is wrong, without its content", () => {
  test.each([
    ["no JSON: secret", "the message is not JSON"],
    ['["secret"]', "the message is not a JSON object"],
    [
      { hello: "secret" },
      "the message is none that alerts are decided by; expected a notification (eventNamespace), faces (faces), an event of the bus (detail-type) or a wake-up (wake)",
    ],
    [{ wake: {} }, "not a wake-up: wake.cameraId is missing"],
    [
      { wake: { cameraId: "" } },
      "not a wake-up: wake.cameraId is text of 0 characters; expected a camera's id",
    ],
    [
      ended({ motionGoesOn: true }),
      "the event is a SessionEnded; expected the SessionEnded of a motion that is over",
    ],
    [ended({ videoEndAt: undefined }), "not a bus event: detail.videoEndAt is missing"],
    [
      exampleText("stream-processing-complete.json"),
      'not a LABEL_DETECTED: eventNamespace.type is "STREAM_PROCESSING_COMPLETE"; expected "LABEL_DETECTED"',
    ],
    [
      { ...example("label-detected.json"), labels: "secret" },
      "not a LABEL_DETECTED: labels is text of 6 characters; expected an array of labels",
    ],
  ])("%#: %j", (message, reason) => {
    expect(() => read(message)).toThrow(new Error(reason));
  });

  test("whatever it is", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.json().map((text) => `{"wake":${text}}`),
        ),
        (text) => {
          try {
            expect(read(text).cameraId).not.toBe("");
          } catch (error) {
            expect((error as Error).message).toMatch(/^(not a|the message is|the event is)/);
          }
        },
      ),
    );
  });
});
