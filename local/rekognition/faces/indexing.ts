import { createHash } from "node:crypto";
import { randomId } from "../../../base/random.ts";
import { collectionIsFull } from "../errors.ts";
import type { FaceCollection, StoredFace } from "./collection.ts";
import type { FoundFace } from "./found-face.ts";
import { lowQuality, type LowQuality, type QualityFilter } from "./quality.ts";
import type { Vector } from "./vectors.ts";

/** Faces of a picture that IndexFaces adds at most, whatever MaxFaces is (documented). */
const MAX_FACES_OF_PICTURE = 100;
/** Faces in a collection (documented: Rekognition quotas). */
const MAX_FACES_OF_COLLECTION = 20_000_000;

interface Unindexed {
  readonly face: FoundFace;
  readonly reasons: readonly (LowQuality | "EXCEEDS_MAX_FACES")[];
}

/**
 * Which faces of a picture are added, and why the others are not: those below the quality bar go first, then the smallest
 * (documented).
 * @param faces largest first
 */
export function indexable(
  faces: readonly FoundFace[],
  maxFaces: number,
  filter: QualityFilter,
): { indexed: FoundFace[]; unindexed: Unindexed[] } {
  const judged = faces.map((face) => ({ face, reasons: lowQuality(face, filter) }));
  const good = judged.filter(({ reasons }) => reasons.length === 0).map(({ face }) => face);
  const count = Math.min(maxFaces, MAX_FACES_OF_PICTURE);
  return {
    indexed: good.slice(0, count),
    unindexed: [
      ...good.slice(count).map((face) => ({ face, reasons: ["EXCEEDS_MAX_FACES"] as const })),
      ...judged.filter(({ reasons }) => reasons.length > 0),
    ],
  };
}

interface Indexed {
  /** The picture's bytes. */
  readonly content: Buffer;
  readonly externalImageId: string | undefined;
  readonly vectorOf: (face: FoundFace) => Vector;
}

/**
 * The records of the faces: those that the collection has of the same picture and external image id, and new ones.
 * @throws AwsError ServiceQuotaExceededException
 */
export function recordsOf(
  faces: readonly FoundFace[],
  collection: FaceCollection,
  { content, externalImageId, vectorOf }: Indexed,
): StoredFace[] {
  const pictureHash = createHash("sha256").update(content).digest("hex");
  const known = collection
    .faces()
    .filter((face) => face.pictureHash === pictureHash && face.externalImageId === externalImageId);
  const imageId = known[0]?.imageId ?? randomId();
  const records = faces.map((face): StoredFace => {
    const stored = known.find(({ box }) => JSON.stringify(box) === JSON.stringify(face.box));
    if (stored) return stored;
    return {
      faceId: randomId(),
      imageId,
      ...(externalImageId !== undefined && { externalImageId }),
      box: face.box,
      confidence: face.confidence,
      pictureHash,
      vector: vectorOf(face),
    };
  });
  const added = records.filter(({ faceId }) => !collection.face(faceId)).length;
  if (collection.faceCount + added > MAX_FACES_OF_COLLECTION) throw collectionIsFull(MAX_FACES_OF_COLLECTION);
  return records;
}
