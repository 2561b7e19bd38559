import { backoffMs } from "../../base/backoff.ts";
import { SECOND_MS } from "../../base/durations.ts";
import type { Camera } from "../../schemas/camera.ts";
import type { Face, FaceRequest } from "../../schemas/face.ts";
import type { FacesSeen } from "../../schemas/faces-seen.ts";
import type { Box, FoundFace, FoundFaces, MomentImage } from "../../schemas/images.ts";
import { cropsOf, distinct, inFrame } from "./crops.ts";
import { identify, type PersonRecords } from "./recognise.ts";
import { facesSeen } from "./seen.ts";

/** How long calls that are throttled are made again before the whole image is left to a later attempt. */
const MAX_THROTTLED_MS = 30 * SECOND_MS;
const BACKOFF = { minMs: SECOND_MS / 2, baseMs: SECOND_MS, maxMs: 5 * SECOND_MS };

/** What a search uses; all throw the client's error when there is no result. */
export interface SearchParts {
  now(): number;
  /** 0 up to but not including 1. */
  random(): number;
  sleep(ms: number): Promise<void>;
  readonly collectionId: string;
  findCamera(cameraId: string): Promise<Camera | undefined>;
  /** The image that a stream shows at a moment, producer time. */
  imageAt(streamName: string, atMs: number): Promise<MomentImage>;
  /** The parts of a JPEG in boxes, and where they are, as small ones are widened; undefined if it cannot be decoded. */
  crop(
    jpeg: Uint8Array,
    boxes: readonly Box[],
  ): readonly { readonly jpeg: Uint8Array; readonly box: Box }[] | undefined;
  /** Takes one of the account's searches in this second. @returns false when there is none left */
  takeCall(): Promise<boolean>;
  searchFaces(jpeg: Uint8Array): Promise<FoundFaces>;
  readonly persons: PersonRecords;
  /** @returns for each face whether the lake's delivery stream accepted it */
  enter(faces: readonly Face[]): Promise<readonly boolean[]>;
  /** Reports whose faces were seen to the queue of alerts. */
  report(messages: readonly FacesSeen[]): Promise<void>;
}

/** What came of an image's persons. */
export interface Searched {
  /** Persons whose part of the image was searched. */
  readonly searched: number;
  /** Persons who were not, with the reason. */
  readonly notSearched: readonly { readonly persons: number; readonly reason: string }[];
  /** The faces that the lake now has. */
  readonly faces: readonly Face[];
  /** Why a match counts as unknown. */
  readonly unknown: readonly string[];
}

/**
 * Searches the faces of an image's persons. The image is taken from the video stream once more, so that none is stored for
 * faces. Done again, it enters and reports the same faces under the same numbers.
 * @throws Error when something was refused or throttled, so that the request has to be received again
 */
export async function searchPersons(parts: SearchParts, request: FaceRequest): Promise<Searched> {
  const { cameraId, streamName, atMs, persons } = request;
  const without = (reason: string): Searched => ({
    searched: 0,
    notSearched: [{ persons: persons.length, reason }],
    faces: [],
    unknown: [],
  });
  const camera = await parts.findCamera(cameraId);
  if (!camera?.faces || camera.streamName !== streamName)
    return without("the camera searches no faces any more");
  const untilMs = parts.now() + MAX_THROTTLED_MS;
  const image = await unlessThrottled({ ...parts, untilMs }, "GetImages", () =>
    parts.imageAt(streamName, atMs),
  );
  if (image.kind === "no-video") return without("the stream has the image no more");
  if (image.kind === "unreadable") return without(image.reason);
  if (image.kind === "refused") throw new Error(image.reason);
  const boxes = cropsOf(persons);
  const crops = parts.crop(image.jpeg, boxes);
  if (!crops) return without("the image cannot be decoded");

  const found: (FoundFace & { readonly box: Box })[] = [];
  const notSearched: Searched["notSearched"][number][] = [];
  if (persons.length > boxes.length)
    notSearched.push({
      persons: persons.length - boxes.length,
      reason: `the image shows more than ${boxes.length} persons`,
    });
  let searched = 0;
  for (const { jpeg, box } of crops) {
    const result = await unlessThrottled({ ...parts, untilMs }, "SearchUsersByImage", async () =>
      (await parts.takeCall()) ? await parts.searchFaces(jpeg) : ({ kind: "throttled" } as const),
    );
    if (result.kind === "refused") throw new Error(result.reason);
    if (result.kind === "unreadable") notSearched.push({ persons: 1, reason: result.reason });
    else {
      searched++;
      found.push(...result.faces.map((one) => ({ ...one, box: inFrame(box, one.box) })));
    }
  }
  const { faces, unknown } = await facesOf(parts, request, found);
  await parts.report(facesSeen(faces));
  await enterAll(parts, faces);
  return { searched, notSearched, faces, unknown };
}

/** The rows of an image's faces, each with its person. */
async function facesOf(
  parts: SearchParts,
  request: FaceRequest,
  found: readonly FoundFace[],
): Promise<Pick<Searched, "faces" | "unknown">> {
  const { cameraId, streamName, streamArn, sessionId, fragmentNumber, atMs } = request;
  const faces: Face[] = [];
  const unknown: string[] = [];
  const isSearched = ({ unsearchedReason }: FoundFace): boolean => unsearchedReason === undefined;
  const ordered = [...found.filter(isSearched), ...found.filter((one) => !isSearched(one))];
  // Numbered before those of forgotten persons are left out, so that a repeated search gives the others the same numbers.
  for (const [faceNo, { matches, ...one }] of distinct(ordered).entries()) {
    const identified = await identify(parts, matches, atMs);
    if (!identified) continue;
    unknown.push(...identified.unknown);
    faces.push({
      type: "FACE",
      cameraId,
      streamName,
      streamArn,
      engine: "frames",
      sessionId,
      fragmentNumber,
      seenAtMs: atMs,
      faceNo,
      ...one,
      collectionId: parts.collectionId,
      ...identified.entries,
    });
  }
  return { faces, unknown };
}

/** Enters the faces, those that were refused once more. */
async function enterAll({ enter }: SearchParts, faces: readonly Face[]): Promise<void> {
  let left = faces;
  for (let attempt = 1; left.length > 0; attempt++) {
    const areAccepted = await enter(left);
    left = left.filter((_, index) => !areAccepted[index]);
    if (left.length > 0 && attempt === 2)
      throw new Error(`the delivery stream of faces refused ${left.length} of ${faces.length} faces`);
  }
}

async function unlessThrottled<T extends { readonly kind: string }>(
  { now, random, sleep, untilMs }: SearchParts & { readonly untilMs: number },
  action: string,
  call: () => Promise<T>,
): Promise<Exclude<T, { readonly kind: "throttled" }>> {
  for (let attempt = 1; ; attempt++) {
    const result = await call();
    if (result.kind !== "throttled") return result as Exclude<T, { readonly kind: "throttled" }>;
    if (now() >= untilMs)
      throw new Error(`${action} was throttled for ${MAX_THROTTLED_MS / SECOND_MS} seconds`);
    await sleep(backoffMs(attempt, random(), BACKOFF));
  }
}
