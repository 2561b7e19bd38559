import * as v from "valibot";
import { cameraId } from "./camera-id.ts";
import { personId } from "./person.ts";

const epochMs = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const finite = v.pipe(v.number(), v.finite());
const percent = v.pipe(v.number(), v.minValue(0), v.maxValue(100));

/** Left, top, width and height as shares of the frame. */
const box = v.strictObject({ left: finite, top: finite, width: finite, height: finite });

/**
 * Work for searchFaces: the persons that a sample of the engine `frames` shows. The image is not in it: it is in the video
 * stream.
 */
export const faceRequest = v.strictObject({
  cameraId,
  streamName: v.string(),
  streamArn: v.string(),
  sessionId: v.string(),
  /** Producer time of the image. */
  atMs: epochMs,
  /** The fragment that shows it. */
  fragmentNumber: v.string(),
  /** Boxes of persons, largest first. */
  persons: v.pipe(v.array(box), v.minLength(1)),
});

export type FaceRequest = v.InferOutput<typeof faceRequest>;

/** One face in one analysed image: what the delivery stream of faces takes, and a row of the lake. No landmarks, no vector. */
export const face = v.strictObject({
  type: v.literal("FACE"),
  cameraId,
  streamName: v.string(),
  streamArn: v.string(),
  engine: v.picklist(["frames", "face-search"]),
  /** Absent if the engine does not say it. */
  sessionId: v.optional(v.string()),
  fragmentNumber: v.string(),
  /** Producer time of the image. */
  seenAtMs: epochMs,
  /** Number of the face in the image, from 0; with camera, engine and time it names the fact. */
  faceNo: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1000)),
  /** That it is a face. */
  confidence: v.nullable(percent),
  box,
  pitch: v.optional(finite),
  roll: v.optional(finite),
  yaw: v.optional(finite),
  brightness: v.optional(finite),
  sharpness: v.optional(finite),
  collectionId: v.string(),
  /** Why it was not searched, e.g. LOW_FACE_QUALITY; absent if it was. */
  unsearchedReason: v.optional(v.string()),
  /** How many enrolled persons are similar enough. */
  matches: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1_000_000)),
  /** The most similar one; absent if the face is unknown. */
  personId: v.optional(personId),
  similarity: v.optional(percent),
});

export type Face = v.InferOutput<typeof face>;
