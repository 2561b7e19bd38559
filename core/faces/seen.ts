/** What alerts get of faces. Pure. */
import { MINUTE_MS } from "../../base/durations.ts";
import type { Face } from "../../schemas/face.ts";
import type { FacesSeen } from "../../schemas/faces-seen.ts";
import { UNKNOWN_PERSON } from "../../schemas/person.ts";

/** Faces of one person at one camera that are less than this apart say the same, for an alert. */
export const SAME_FACE_MS = MINUTE_MS;

/**
 * The messages about some faces, one for each camera and session. A face that was not searched says nothing of a person, and
 * of several faces that say the same, the first one is enough.
 */
export function facesSeen(faces: readonly Face[]): FacesSeen[] {
  const searched = faces
    .filter(({ unsearchedReason }) => unsearchedReason === undefined)
    .toSorted((a, b) => a.seenAtMs - b.seenAtMs || a.faceNo - b.faceNo);
  const ofSessions = Map.groupBy(searched, ({ cameraId, sessionId }) =>
    JSON.stringify([cameraId, sessionId]),
  );
  return [...ofSessions.values()].map((ofSession) => {
    const { cameraId, sessionId } = ofSession[0]!;
    const seen: FacesSeen["faces"]["seen"] = [];
    for (const { personId: person = UNKNOWN_PERSON, seenAtMs, faceNo } of ofSession)
      if (!seen.some((one) => one.person === person && seenAtMs - one.seenAtMs < SAME_FACE_MS))
        seen.push({ person, seenAtMs, faceNo });
    return { faces: { cameraId, ...(sessionId !== undefined && { sessionId }), seen } };
  });
}
