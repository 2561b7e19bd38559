import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { normaliseNotification } from "../../../core/lake/normalise.ts";
import { faceOfRow } from "../../../operator/redrive/face-rows.ts";
import { alerts, detections, faces, normalise, reasonOf, sessions } from "../../support/normalise.ts";
import { exampleText, faceArbitrary } from "../../support/notifications.ts";

const EXAMPLE = "face.json";

describe("a face", () => {
  test("is one row with every column, in the hour in which it was seen", () => {
    expect(normalise(EXAMPLE, () => {}, faces)).toEqual({
      ok: true,
      table: "face_records",
      partition: { dt: "2025-11-21", hour: "11" },
      row: {
        camera_id: "front-door",
        stream_name: "doorstep-dev-camera-front-door",
        stream_arn:
          "arn:aws:kinesisvideo:us-east-1:000000000000:stream/doorstep-dev-camera-front-door/1763700000000",
        engine: "frames",
        session_id: "session-1",
        fragment_number: "91343852333181432392682062622220590765191907586",
        seen_at: "2025-11-21T11:59:59.075Z",
        seen_at_ms: 1_763_726_399_075,
        face_no: 0,
        face_confidence: 99.98,
        box_left: 0.41,
        box_top: 0.18,
        box_width: 0.07,
        box_height: 0.16,
        pitch: -4.2,
        roll: 1.5,
        yaw: 12.25,
        brightness: 71.5,
        sharpness: 78.6,
        collection_id: "doorstep-dev-faces",
        unsearched_reason: null,
        matches: 1,
        person_id: "person-00000000000000000001",
        similarity: 98.75,
        received_at: "2025-11-21T12:00:03.000Z",
        received_at_ms: 1_763_726_403_000,
      },
    });
  });

  test("may lack what an engine does not report, and a person", () => {
    const leaveOut = (face: Record<string, unknown>) => {
      for (const field of [
        "sessionId",
        "pitch",
        "roll",
        "yaw",
        "brightness",
        "sharpness",
        "personId",
        "similarity",
      ])
        delete face[field];
      Object.assign(face, { confidence: null, matches: 0, unsearchedReason: "LOW_FACE_QUALITY" });
    };
    expect(normalise(EXAMPLE, leaveOut, faces)).toMatchObject({
      row: {
        session_id: null,
        face_confidence: null,
        pitch: null,
        roll: null,
        yaw: null,
        brightness: null,
        sharpness: null,
        unsearched_reason: "LOW_FACE_QUALITY",
        matches: 0,
        person_id: null,
        similarity: null,
      },
    });
  });

  test("is rejected without its texts for anything that a face is not", () => {
    const reasonFor = (change: object) => reasonOf(EXAMPLE, (face) => Object.assign(face, change), faces);
    expect([
      reasonFor({ name: "Anna" }),
      reasonFor({ personId: "anna" }),
      reasonFor({ engine: "stream-processor" }),
      reasonFor({ landmarks: [] }),
      reasonFor({ faceNo: -1 }),
      reasonFor({ similarity: 101 }),
      reasonFor({ seenAtMs: 1_763_726 }),
      reasonFor({ seenAtMs: 1_773_726_400_000 }),
    ]).toEqual([
      "the notification has an unknown field",
      "personId is text of 4 characters; expected person- and 20 hexadecimal digits",
      'engine is text of 16 characters; expected ("frames" | "face-search")',
      "the notification has an unknown field",
      "faceNo is -1; expected >=0",
      "similarity is 101; expected <=100",
      "seenAtMs is 1763726; expected a time of the lake, at most a day after the arrival at 2025-11-21T12:00:03.000Z",
      "seenAtMs is 1773726400000; expected a time of the lake, at most a day after the arrival at 2025-11-21T12:00:03.000Z",
    ]);
  });

  test("belongs in no other table, and nothing else in its own", () => {
    for (const context of [detections, sessions, alerts])
      expect(normalise(EXAMPLE, () => {}, context)).toMatchObject({ ok: false });
    expect(normaliseNotification(exampleText("label-detected.json"), faces)).toMatchObject({ ok: false });
  });

  test("is found in its row again, so that a redrive needs no raw backup", () => {
    fc.assert(
      fc.property(faceArbitrary, (face) => {
        const normalised = normaliseNotification(JSON.stringify(face), faces);
        if (!normalised.ok || normalised.table !== "face_records") throw new Error("expected a face's row");
        expect(faceOfRow(JSON.parse(JSON.stringify(normalised.row)))).toEqual(
          JSON.parse(JSON.stringify(face)),
        );
      }),
    );
  });
});
