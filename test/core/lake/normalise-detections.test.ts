import { describe, expect, test } from "@jest/globals";
import { normaliseNotification } from "../../../core/lake/normalise.ts";
import { ARRIVAL_MS, exampleText } from "../../support/notifications.ts";
import { detections, normalise, reasonOf, labelsIn } from "../../support/normalise.ts";

const SEVERAL = "label-detected-several-labels.json";

describe("a LABEL_DETECTED notification", () => {
  test("is one row with every column", () => {
    expect(normaliseNotification(exampleText("label-detected.json"), detections)).toEqual({
      ok: true,
      table: "detection_records",
      partition: { dt: "2025-11-21", hour: "12" },
      row: {
        event_id: "8c2f5e1a-7b3d-4e60-9a41-d0c5b6e7f801",
        session_id: "1b7a4c52-5f0e-4f4e-9d35-8f9a2f3c6d10",
        camera_id: "front-door",
        stream_name: "doorstep-dev-camera-front-door",
        stream_arn:
          "arn:aws:kinesisvideo:us-east-1:000000000000:stream/doorstep-dev-camera-front-door/1763700000000",
        label_id: "5d6f1c9e-0001",
        label: "PERSON",
        confidence: null,
        detected_at: "2025-11-21T12:00:01.075Z",
        detected_at_ms: 1_763_726_401_075,
        fragment_number: "91343852333181432392682062622220590765191907586",
        fragment_server_at: "2025-11-21T12:00:01.512Z",
        fragment_server_at_ms: 1_763_726_401_512,
        frame_offset_ms: 200,
        box_left: 0.41015625,
        box_top: 0.2265625,
        box_width: 0.1796875,
        box_height: 0.609375,
        frame_image_uri:
          "s3://doorstep-dev-evidence/labels/doorstep-dev-camera-front-door/1b7a4c52-5f0e-4f4e-9d35-8f9a2f3c6d10/5d6f1c9e-0001-frame.jpg",
        cropped_image_uri:
          "s3://doorstep-dev-evidence/labels/doorstep-dev-camera-front-door/1b7a4c52-5f0e-4f4e-9d35-8f9a2f3c6d10/5d6f1c9e-0001-crop.jpg",
        session_started_at: "2025-11-21T12:00:00.000Z",
        session_started_at_ms: 1_763_726_400_000,
        tags: null,
        received_at: "2025-11-21T12:00:03.000Z",
        received_at_ms: 1_763_726_403_000,
        more_labels: null,
        engine: null,
        short_key: 4_107 * 65_536 + 8_168,
        more_keys: null,
      },
    });
  });

  test("has the engine that published it", () => {
    expect(labelsIn("label-detected.json", (notification) => (notification.engine = "frames"))).toMatchObject(
      [{ engine: "frames" }],
    );
    expect(reasonOf("label-detected.json", (notification) => (notification.engine = "eyes"))).toBe(
      "engine is text of 4 characters; expected one of stream-processor, frames, face-search",
    );
  });

  test("is one row for all its labels: the first in its columns, the others in order in more_labels", () => {
    const result = normaliseNotification(exampleText(SEVERAL), detections);
    const session =
      "s3://doorstep-dev-evidence/labels/doorstep-dev-camera-front-door/1b7a4c52-5f0e-4f4e-9d35-8f9a2f3c6d10";
    expect(result).toMatchObject({
      ok: true,
      row: {
        label_id: "5d6f1c9e-0002",
        label: "PERSON",
        confidence: 98.4921875,
        detected_at_ms: 1_763_726_401_075,
        tags: { site: "north" },
        more_labels: [
          {
            label_id: "5d6f1c9e-0003",
            label: "PACKAGE",
            confidence: 81.25,
            detected_at_ms: 1_763_726_401_075,
          },
          {},
        ],
      },
    });
    expect(result.ok && "more_labels" in result.row && result.row.more_labels?.[1]).toEqual({
      label_id: "5d6f1c9e-0004",
      label: "PET",
      confidence: 66.0546875,
      detected_at_ms: 1_763_726_402_275,
      fragment_number: "91343852333181432392682062622220590765191907586",
      fragment_server_at_ms: 1_763_726_401_512,
      frame_offset_ms: 1400,
      box_left: 0.0625,
      box_top: 0.75,
      box_width: 0.25,
      box_height: 0.1875,
      frame_image_uri: `${session}/5d6f1c9e-0004-frame.jpg`,
      cropped_image_uri: `${session}/5d6f1c9e-0004-crop.jpg`,
    });
  });

  test("lies in the hour of its earliest label, whatever the order", () => {
    const result = normalise(SEVERAL, ({ labels }) => {
      labels[0].videoMapping.kinesisVideoMapping.producerTimestamp = 1_763_726_400_000; // 12:00:00.000
      labels[1].videoMapping.kinesisVideoMapping.producerTimestamp = 1_763_726_399_500; // 11:59:59.500
      labels[1].videoMapping.kinesisVideoMapping.frameOffsetMillis = 499;
    });
    expect(result).toMatchObject({ ok: true, partition: { dt: "2025-11-21", hour: "11" } });
  });

  test("counts the frame's offset into its hour", () => {
    const at = (frameOffsetMillis: number) =>
      normalise("label-detected.json", ({ labels: [{ videoMapping }] }) => {
        videoMapping.kinesisVideoMapping.producerTimestamp = 1_763_683_199_000; // 2025-11-20T23:59:59.000Z
        videoMapping.kinesisVideoMapping.frameOffsetMillis = frameOffsetMillis;
      });
    expect(at(999)).toMatchObject({ partition: { dt: "2025-11-20", hour: "23" } });
    expect(at(1000)).toMatchObject({ partition: { dt: "2025-11-21", hour: "00" } });
  });

  test("may have numbers as text and times in seconds", () => {
    const [row] = labelsIn("label-detected.json", ({ labels: [label] }) => {
      label.confidence = "97.5";
      label.videoMapping.kinesisVideoMapping.producerTimestamp = 1_763_726_400.875;
      label.videoMapping.kinesisVideoMapping.serverTimestamp = "1763726401.512";
      label.videoMapping.kinesisVideoMapping.frameOffsetMillis = "199.7";
      label.boundingBox.left = "0.25";
    });
    expect(row).toMatchObject({
      confidence: 97.5,
      detected_at: "2025-11-21T12:00:01.075Z",
      fragment_server_at_ms: 1_763_726_401_512,
      frame_offset_ms: 200,
      box_left: 0.25,
    });
  });

  test("may lack confidence, crop, tags and start request, or have them null", () => {
    const nothing = {
      confidence: null,
      cropped_image_uri: null,
      tags: null,
      session_started_at: null,
      session_started_at_ms: null,
    };
    const absent = labelsIn(SEVERAL, (notification) => {
      delete notification.labels[0].confidence;
      delete notification.labels[0].croppedImageUri;
      delete notification.tags;
      delete notification.startStreamProcessorRequest;
    });
    expect(absent[0]).toMatchObject(nothing);
    const nulls = labelsIn(SEVERAL, (notification) => {
      notification.labels[0].confidence = null;
      notification.labels[0].croppedImageUri = null;
      notification.tags = null;
      notification.startStreamProcessorRequest = null;
    });
    expect(nulls[0]).toMatchObject(nothing);
  });

  test("may have unknown fields", () => {
    const known = labelsIn(SEVERAL, () => {});
    const rows = labelsIn(SEVERAL, (notification) => {
      notification.invented = 1;
      notification.labels[0].invented = { deep: [1] };
      notification.labels[0].boundingBox.invented = true;
    });
    expect(rows).toEqual(known);
  });

  test("has boxes cut to the frame within rounding noise", () => {
    const [row] = labelsIn("label-detected.json", ({ labels: [label] }) => {
      label.boundingBox = { left: -0.0000004, top: 0.5, width: 1.0000004, height: 0.5000004 };
    });
    expect(row).toMatchObject({ box_left: 0, box_top: 0.5, box_width: 1, box_height: 0.5 });
  });

  test("takes no start for one that lies beyond the arrival's next day", () => {
    const [row] = labelsIn("label-detected.json", ({ startStreamProcessorRequest: { startSelector } }) => {
      startSelector.kvsStreamStartSelector.producerTimestamp = ARRIVAL_MS + 86_400_001;
    });
    expect(row).toMatchObject({ session_started_at: null, session_started_at_ms: null });
  });

  test("may be up to a day ahead of its arrival, as projection ends there", () => {
    const ahead = (aheadMs: number) => (notification: any) => {
      const mapping = notification.labels[0].videoMapping.kinesisVideoMapping;
      mapping.producerTimestamp = ARRIVAL_MS + aheadMs - 200;
    };
    expect(normalise("label-detected.json", ahead(86_400_000))).toMatchObject({
      ok: true,
      partition: { dt: "2025-11-22", hour: "12" },
    });
    expect(reasonOf("label-detected.json", ahead(86_400_001))).toBe(
      "labels[0].videoMapping.kinesisVideoMapping.producerTimestamp + frameOffsetMillis is 1763812803001 " +
        "(2025-11-22T12:00:03.001Z); expected at most a day after the arrival at 2025-11-21T12:00:03.000Z",
    );
  });

  const mapping = "labels[0].videoMapping.kinesisVideoMapping";
  const timeExpected = "expected a time from 2020 on, in epoch milliseconds (seconds are taken too)";
  test.each<[string, (notification: any) => void]>([
    ["eventNamespace is missing", (n) => delete n.eventNamespace],
    [
      'eventNamespace.type is text of 9 characters; expected "LABEL_DETECTED"',
      (n) => (n.eventNamespace.type = "FACE_SEEN"),
    ],
    ["inputInformation.kinesisVideo is missing", (n) => delete n.inputInformation.kinesisVideo],
    ["inputInformation.kinesisVideo is 7; expected an object", (n) => (n.inputInformation.kinesisVideo = 7)],
    [
      "inputInformation.kinesisVideo.streamArn is text of 5 characters; expected a Kinesis video stream's ARN, arn:aws:kinesisvideo:<region>:<account>:stream/<name>/<creation time>",
      (n) => (n.inputInformation.kinesisVideo.streamArn = "porch"),
    ],
    ["eventId is missing", (n) => delete n.eventId],
    ["sessionId is text of 0 characters; expected text of 1 to 512 characters", (n) => (n.sessionId = "")],
    ["tags is text of 5 characters; expected an object of texts", (n) => (n.tags = "north")],
    ["labels is missing", (n) => delete n.labels],
    ["labels is an object; expected an array of labels", (n) => (n.labels = {})],
    ["labels holds no label; expected at least one", (n) => (n.labels = [])],
    ["labels[1] is null; expected an object", (n) => n.labels.push(null)],
    ["labels[0].id is missing", (n) => delete n.labels[0].id],
    [
      "labels[0].name is text of 1 character; expected a label's name of 1 to 128 letters, digits and signs",
      (n) => (n.labels[0].name = " "),
    ],
    ["labels[0].confidence is 100.5; expected 0..100", (n) => (n.labels[0].confidence = 100.5)],
    ["labels[0].frameImageUri is missing", (n) => delete n.labels[0].frameImageUri],
    [
      "labels[0].frameImageUri is text of 23 characters; expected s3://bucket/key",
      (n) => (n.labels[0].frameImageUri = "https://example.com/key"),
    ],
    ["labels[0].croppedImageUri is 7; expected s3://bucket/key", (n) => (n.labels[0].croppedImageUri = 7)],
    [`${mapping} is missing`, (n) => delete n.labels[0].videoMapping.kinesisVideoMapping],
    [
      `${mapping}.fragmentNumber is 913; expected text of 1 to 128 digits`,
      (n) => (n.labels[0].videoMapping.kinesisVideoMapping.fragmentNumber = 913),
    ],
    [
      `${mapping}.serverTimestamp is text of 3 characters; ${timeExpected}`,
      (n) => (n.labels[0].videoMapping.kinesisVideoMapping.serverTimestamp = "now"),
    ],
    [
      `${mapping}.producerTimestamp is 1577836799999; ${timeExpected}`,
      (n) => (n.labels[0].videoMapping.kinesisVideoMapping.producerTimestamp = 1_577_836_799_999),
    ],
    [
      `${mapping}.producerTimestamp is true; ${timeExpected}`,
      (n) => (n.labels[0].videoMapping.kinesisVideoMapping.producerTimestamp = true),
    ],
    [
      `${mapping}.serverTimestamp is 1763812803001 (2025-11-22T12:00:03.001Z); expected at most a day after the arrival at 2025-11-21T12:00:03.000Z`,
      (n) => (n.labels[0].videoMapping.kinesisVideoMapping.serverTimestamp = 1_763_812_803_001),
    ],
    [
      `${mapping}.frameOffsetMillis is -1; expected milliseconds, from 0 to a day`,
      (n) => (n.labels[0].videoMapping.kinesisVideoMapping.frameOffsetMillis = -1),
    ],
    ["labels[0].boundingBox.left is 1.7; expected 0..1", (n) => (n.labels[0].boundingBox.left = 1.7)],
    ["labels[0].boundingBox.top is -0.1; expected 0..1", (n) => (n.labels[0].boundingBox.top = -0.1)],
    [
      "labels[0].boundingBox.width is 0; expected a number above 0, up to 1",
      (n) => (n.labels[0].boundingBox.width = 0),
    ],
    ["labels[0].boundingBox.height is missing", (n) => delete n.labels[0].boundingBox.height],
    [
      "labels[0].boundingBox reaches 1.25 (left + width); expected at most 1",
      (n) => (n.labels[0].boundingBox = { left: 0.75, top: 0, width: 0.5, height: 1 }),
    ],
    [
      "labels[0].boundingBox reaches 1.5 (top + height); expected at most 1",
      (n) => (n.labels[0].boundingBox = { left: 0, top: 0.5, width: 1, height: 1 }),
    ],
  ])("is rejected because %s", (reason, change) => {
    expect(reasonOf("label-detected.json", change)).toBe(reason);
  });
});
