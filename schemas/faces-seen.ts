import * as v from "valibot";
import { cameraId } from "./camera-id.ts";
import { seenPerson } from "./person.ts";

/** What searchFaces and recordFaces report to raiseAlerts: whose faces a camera has seen. It names no one: there are ids. */
export const facesSeen = v.strictObject({
  faces: v.strictObject({
    cameraId,
    /** Absent if the engine does not say it. */
    sessionId: v.optional(v.string()),
    seen: v.pipe(
      v.array(
        v.strictObject({
          person: seenPerson,
          /** Producer time of the image. */
          seenAtMs: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
          /** Number of the face in the image, as its row in the lake has it. */
          faceNo: v.pipe(v.number(), v.integer(), v.minValue(0)),
        }),
      ),
      v.minLength(1, "expected at least one face"),
    ),
  }),
});

export type FacesSeen = v.InferOutput<typeof facesSeen>;
