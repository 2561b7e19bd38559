import { expect, test } from "@jest/globals";
import fc from "fast-check";
import * as v from "valibot";
import { facesSeen } from "../../../core/faces/seen.ts";
import { facesSeen as facesSeenSchema } from "../../../schemas/faces-seen.ts";
import type { Face } from "../../../schemas/face.ts";

const idOf = (digit: number): string => `person-${String(digit).repeat(20)}`;
const faceOf = (given: Partial<Face>): Face => ({
  type: "FACE",
  cameraId: "front-door",
  streamName: "front-door",
  streamArn: "arn:stream",
  engine: "frames",
  fragmentNumber: "7",
  seenAtMs: 0,
  faceNo: 0,
  confidence: 99,
  box: { left: 0, top: 0, width: 1, height: 1 },
  collectionId: "faces",
  matches: 0,
  ...given,
});

test("each camera and session has one message, with ids alone", () => {
  const faces = [
    faceOf({ sessionId: "one", seenAtMs: 5, personId: idOf(1), similarity: 98 }),
    faceOf({ sessionId: "one", seenAtMs: 5, faceNo: 1 }),
    faceOf({ sessionId: "two", seenAtMs: 5 }),
    faceOf({ cameraId: "back-yard", seenAtMs: 7, faceNo: 3 }),
  ];
  expect(facesSeen(faces)).toEqual([
    {
      faces: {
        cameraId: "front-door",
        sessionId: "one",
        seen: [
          { person: idOf(1), seenAtMs: 5, faceNo: 0 },
          { person: "unknown", seenAtMs: 5, faceNo: 1 },
        ],
      },
    },
    {
      faces: {
        cameraId: "front-door",
        sessionId: "two",
        seen: [{ person: "unknown", seenAtMs: 5, faceNo: 0 }],
      },
    },
    { faces: { cameraId: "back-yard", seen: [{ person: "unknown", seenAtMs: 7, faceNo: 3 }] } },
  ]);
});

test("a face that was not searched is nobody's", () => {
  expect(facesSeen([faceOf({ unsearchedReason: "LOW_FACE_QUALITY" })])).toEqual([]);
});

test("of the faces of one person within a minute, the first one is reported, in whatever order they come", () => {
  const times = fc.array(fc.record({ seenAtMs: fc.nat(300_000), digit: fc.constantFrom(0, 1, 2) }));
  fc.assert(
    fc.property(times, (given) => {
      const faces = given.map(({ seenAtMs, digit }, faceNo) =>
        faceOf({ seenAtMs, faceNo, ...(digit > 0 && { personId: idOf(digit) }) }),
      );
      const messages = facesSeen(faces);
      for (const message of messages) v.parse(facesSeenSchema, message);
      expect(messages).toEqual(facesSeen(faces.toReversed()));
      const seen = messages.flatMap((message) => message.faces.seen);
      for (const { seenAtMs, personId = "unknown" } of faces) {
        const near = seen.filter(
          (one) => one.person === personId && one.seenAtMs <= seenAtMs && seenAtMs - one.seenAtMs < 60_000,
        );
        expect(near).toHaveLength(1);
      }
    }),
  );
});
