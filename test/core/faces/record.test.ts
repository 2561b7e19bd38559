import { describe, expect, test } from "@jest/globals";
import * as v from "valibot";
import { facesOfRecord, UnreadableRecordError, type RecordParts } from "../../../core/faces/record.ts";
import { camera as cameraSchema } from "../../../schemas/camera.ts";
import { face as faceSchema } from "../../../schemas/face.ts";
import type { PersonRecord } from "../../../schemas/person.ts";

const NOW_MS = Date.parse("2026-11-30T12:00:00Z");
const STREAM_ARN =
  "arn:aws:kinesisvideo:us-east-1:000000000000:stream/doorstep-dev-camera-door/1763700000000";
const id = (digit: string) => `person-${digit.repeat(20)}`;
const consent = { givenBy: "them", givenAtMs: 0, wording: "2026-11", expiresAtMs: NOW_MS + 1 };
const anna = { personId: id("a"), version: 1, name: "Anna", consent, createdAtMs: 0 };

/** Documented: the example of the guide, with ids of ours. */
const record = (matched: readonly { Similarity: number; Face: object }[], own: object = {}) => ({
  InputInformation: {
    KinesisVideo: {
      StreamArn: STREAM_ARN,
      FragmentNumber: "91343852333289682796718532614445757584843717598",
      ServerTimestamp: 1_764_500_400.455,
      ProducerTimestamp: 1_764_500_400.193,
      FrameOffsetInSeconds: 2,
      ...own,
    },
  },
  StreamProcessorInformation: { Status: "RUNNING" },
  FaceSearchResponse: [
    {
      DetectedFace: {
        BoundingBox: { Height: 0.075, Width: 0.05625, Left: 0.428125, Top: 0.40833333 },
        Confidence: 99.975174,
        Landmarks: [{ X: 0.4452057, Y: 0.4395594, Type: "eyeLeft" }],
        Pose: { Pitch: -0.91, Roll: 0.8, Yaw: 1.5 },
        Quality: { Brightness: 57.4, Sharpness: 99.9 },
      },
      MatchedFaces: matched,
    },
  ],
});
const match = (ExternalImageId: string, Similarity = 96) => ({ Similarity, Face: { ExternalImageId } });

function partsWith(records: readonly PersonRecord[], faces = true): RecordParts & { puts: PersonRecord[] } {
  const camera = v.parse(cameraSchema, {
    cameraId: "door",
    engine: "face-search",
    faces,
    streamName: "doorstep-dev-camera-door",
    processorName: "doorstep-dev-camera-door",
    keyVersion: 1,
  });
  const puts: PersonRecord[] = [];
  return {
    now: () => NOW_MS,
    collectionId: "doorstep-dev-faces",
    cameraStreamPrefix: "doorstep-dev-camera-",
    findCamera: async () => await Promise.resolve(camera),
    persons: {
      find: async (personId) => await Promise.resolve(records.find((one) => one.personId === personId)),
      put: async (one) => await Promise.resolve(puts.push(one) > 0),
    },
    puts,
  };
}
const facesOf = async (document: object, parts = partsWith([anna])) =>
  (await facesOfRecord(parts, JSON.stringify(document))).faces;

describe("a record of a face search", () => {
  test("gives a row per face, at the fragment's time and its offset, of the best match", async () => {
    const parts = partsWith([anna]);
    const faces = await facesOf(record([match(id("b"), 91), match(id("a"), 96)]), parts);
    expect(faces).toEqual([
      {
        type: "FACE",
        cameraId: "door",
        streamName: "doorstep-dev-camera-door",
        streamArn: STREAM_ARN,
        engine: "face-search",
        fragmentNumber: "91343852333289682796718532614445757584843717598",
        seenAtMs: 1_764_500_402_193,
        faceNo: 0,
        confidence: 99.975174,
        box: { left: 0.428125, top: 0.40833333, width: 0.05625, height: 0.075 },
        pitch: -0.91,
        roll: 0.8,
        yaw: 1.5,
        brightness: 57.4,
        sharpness: 99.9,
        collectionId: "doorstep-dev-faces",
        matches: 2,
        personId: id("a"),
        similarity: 96,
      },
    ]);
    expect(faces.every((one) => v.is(faceSchema, one))).toBe(true);
    expect(parts.puts).toEqual([expect.objectContaining({ personId: id("a"), version: 2 })]);
  });

  test("that comes again gives the same rows", async () => {
    expect(await facesOf(record([match(id("a"))]))).toEqual(await facesOf(record([match(id("a"))])));
  });

  test.each([
    ["nobody", []],
    ["an id that is not ours", [match("anna.jpg")]],
    ["somebody who is not enrolled", [match(id("c"))]],
  ])("that matches %s is of an unknown face", async (_, matched) => {
    const [face] = await facesOf(record(matched));
    expect(face).toMatchObject({ matches: 0, faceNo: 0 });
    expect(face).not.toHaveProperty("personId");
  });

  test("of a forgotten person leaves the face out, and of a merged one names the other", async () => {
    const forgotten = {
      personId: id("a"),
      version: 2,
      forgottenAtMs: 1,
      reason: "requested",
      step: "done",
      ids: [id("a")],
      removed: {},
    } as unknown as PersonRecord;
    expect(await facesOf(record([match(id("a"))]), partsWith([forgotten]))).toEqual([]);
    const merged = { personId: id("b"), version: 2, mergedInto: id("a") };
    const [face] = await facesOf(record([match(id("b"))]), partsWith([anna, merged]));
    expect(face).toMatchObject({ personId: id("a"), similarity: 96 });
  });

  test("of a camera whose faces are off, or without faces, gives nothing", async () => {
    expect(await facesOf(record([match(id("a"))]), partsWith([anna], false))).toEqual([]);
    expect(await facesOf({ ...record([]), FaceSearchResponse: [] })).toEqual([]);
  });

  test.each([
    ["not JSON", "{", "the record is not JSON"],
    ["another document", "{}", /^InputInformation: /],
    [
      "milliseconds",
      JSON.stringify(record([], { ProducerTimestamp: 1_764_500_400_193 })),
      "InputInformation.KinesisVideo.ProducerTimestamp: expected seconds since 1970, not milliseconds",
    ],
    [
      "another stack's stream",
      JSON.stringify(record([], { StreamArn: STREAM_ARN.replace("doorstep", "other") })),
      /other-dev-camera-door/,
    ],
  ])("that is %s is unreadable, and the error says why", async (_, text, message) => {
    const reading = facesOfRecord(partsWith([]), text);
    await expect(reading).rejects.toThrow(UnreadableRecordError);
    await expect(reading).rejects.toThrow(message);
  });
});
