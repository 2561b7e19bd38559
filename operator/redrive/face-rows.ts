import type { Face } from "../../schemas/face.ts";
import type { FaceRow } from "../../schemas/tables/face-records.ts";
import { splitDocuments } from "./json-documents.ts";
import { faceRowId, type ErrorRecord } from "./read-failures.ts";

/** The record of a row: a row has all that its record has, so that faces need no raw backup. */
export function faceOfRow(row: FaceRow): Face {
  const face: { [Field in keyof Face]: Face[Field] | null } = {
    type: "FACE",
    cameraId: row.camera_id,
    streamName: row.stream_name,
    streamArn: row.stream_arn,
    engine: row.engine as Face["engine"],
    sessionId: row.session_id,
    fragmentNumber: row.fragment_number,
    seenAtMs: row.seen_at_ms,
    faceNo: row.face_no,
    confidence: row.face_confidence,
    box: { left: row.box_left, top: row.box_top, width: row.box_width, height: row.box_height },
    pitch: row.pitch,
    roll: row.roll,
    yaw: row.yaw,
    brightness: row.brightness,
    sharpness: row.sharpness,
    collectionId: row.collection_id,
    unsearchedReason: row.unsearched_reason,
    matches: row.matches,
    personId: row.person_id,
    similarity: row.similarity,
  };
  // Of a face, only the confidence may be null; all else is absent.
  const present = Object.entries(face).filter(([field, value]) => value !== null || field === "confidence");
  return Object.fromEntries(present) as unknown as Face;
}

/** The faces of the rows that could not be converted, by their ids. */
export function originalsOfRows(failed: readonly ErrorRecord[]): Map<string, string> {
  const originals = new Map<string, string>();
  for (const { data } of failed)
    for (const document of splitDocuments(data.toString("utf8")).documents) {
      const row = JSON.parse(document) as FaceRow;
      originals.set(faceRowId(row)!, JSON.stringify(faceOfRow(row)));
    }
  return originals;
}
