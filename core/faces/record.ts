import * as v from "valibot";
import type { Camera } from "../../schemas/camera.ts";
import { faceSearchRecord, type FaceSearchRecord } from "../../schemas/face-search-record.ts";
import type { Face } from "../../schemas/face.ts";
import { personId } from "../../schemas/person.ts";
import { cameraIdOf, streamNameOf } from "../camera.ts";
import { identify, type PersonRecords } from "./recognise.ts";

/** A record that is not one of a FaceSearch processor of this stack's cameras. */
export class UnreadableRecordError extends Error {
  override readonly name = "UnreadableRecordError";
}

/** What recording uses; all throw the client's error when there is no result. */
export interface RecordParts {
  now(): number;
  readonly collectionId: string;
  /** Prefix of the names of the cameras' streams. */
  readonly cameraStreamPrefix: string;
  findCamera(cameraId: string): Promise<Pick<Camera, "faces" | "streamName"> | undefined>;
  readonly persons: PersonRecords;
}

/** What came of a record. */
export interface Recorded {
  readonly faces: readonly Face[];
  /** Why a match counts as unknown. */
  readonly unknown: readonly string[];
}

/**
 * The faces of a record, each with its person, who is the external image id of the best match. A camera that searches no faces
 * any more has none, and the face of a forgotten person is left out. The record names no session.
 * @throws UnreadableRecordError that says where it cannot be read
 */
export async function facesOfRecord(parts: RecordParts, text: string): Promise<Recorded> {
  const { InputInformation, FaceSearchResponse } = readRecord(text);
  const { StreamArn, FragmentNumber, ProducerTimestamp, FrameOffsetInSeconds } =
    InputInformation.KinesisVideo;
  const streamName = streamNameOf(StreamArn);
  const cameraId = cameraOf(parts, streamName);
  const faces: Face[] = [];
  const unknown: string[] = [];
  if (FaceSearchResponse.length === 0) return { faces, unknown };
  const camera = await parts.findCamera(cameraId);
  if (!camera?.faces || camera.streamName !== streamName) return { faces, unknown };
  // Documented: the time of a frame is the fragment's and its offset, which doubles hold to the millisecond.
  const seenAtMs = Math.round(ProducerTimestamp * 1000 + FrameOffsetInSeconds * 1000);
  // Numbered as they are in the record, so that a record that repeats has the same numbers.
  for (const [faceNo, { DetectedFace, MatchedFaces }] of FaceSearchResponse.entries()) {
    const identified = await identify(parts, matchesOf(MatchedFaces ?? []), seenAtMs);
    if (!identified) continue;
    unknown.push(...identified.unknown);
    const { BoundingBox, Confidence, Pose, Quality } = DetectedFace;
    faces.push({
      type: "FACE",
      cameraId,
      streamName,
      streamArn: StreamArn,
      engine: "face-search",
      fragmentNumber: FragmentNumber,
      seenAtMs,
      faceNo,
      confidence: Confidence ?? null,
      box: {
        left: BoundingBox.Left,
        top: BoundingBox.Top,
        width: BoundingBox.Width,
        height: BoundingBox.Height,
      },
      ...present({
        pitch: Pose?.Pitch,
        roll: Pose?.Roll,
        yaw: Pose?.Yaw,
        brightness: Quality?.Brightness,
        sharpness: Quality?.Sharpness,
      }),
      collectionId: parts.collectionId,
      ...identified.entries,
    });
  }
  return { faces, unknown };
}

/** Why a record could not be taken, or undefined. */
export function unreadableRecord(text: string, cameraStreamPrefix: string): string | undefined {
  try {
    const { KinesisVideo } = readRecord(text).InputInformation;
    cameraOf({ cameraStreamPrefix }, streamNameOf(KinesisVideo.StreamArn));
    return undefined;
  } catch (error) {
    if (error instanceof UnreadableRecordError) return error.message;
    throw error;
  }
}

function readRecord(text: string): FaceSearchRecord {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw new UnreadableRecordError("the record is not JSON");
  }
  const parsed = v.safeParse(faceSearchRecord, document, { abortEarly: true });
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw new UnreadableRecordError(`${v.getDotPath(issue) ?? "the record"}: ${issue.message}`);
}

function cameraOf(
  { cameraStreamPrefix }: Pick<RecordParts, "cameraStreamPrefix">,
  streamName: string,
): string {
  if (streamName.startsWith(cameraStreamPrefix)) return cameraIdOf(streamName, cameraStreamPrefix);
  throw new UnreadableRecordError(`the stream ${streamName} is of no camera of this stack`);
}

/** Whom the matches name, the most similar first. What nobody enrolled here has no id of ours, and names nobody. */
function matchesOf(matched: NonNullable<FaceSearchRecord["FaceSearchResponse"][number]["MatchedFaces"]>) {
  const best = new Map<string, number>();
  for (const { Similarity, Face } of matched) {
    const id = Face.ExternalImageId;
    if (v.is(personId, id)) best.set(id, Math.max(Similarity, best.get(id) ?? 0));
  }
  return [...best]
    .map(([id, similarity]) => ({ personId: id, similarity }))
    .toSorted((a, b) => b.similarity - a.similarity);
}

const present = <T extends Record<string, number | null | undefined>>(numbers: T) =>
  Object.fromEntries(
    Object.entries(numbers).filter(([, value]) => value !== null && value !== undefined),
  ) as Partial<Record<keyof T, number>>;
