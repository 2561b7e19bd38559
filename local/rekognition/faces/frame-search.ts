import type { Frame } from "../detection/detector.ts";
import type { Collections } from "./collections.ts";
import { faceDetail, type FaceDetail } from "./found-face.ts";
import { faceForm } from "./forms.ts";
import type { FaceFinder } from "./face-finder.ts";
import { lowQuality } from "./quality.ts";

/** An element of FaceSearchResponse in the record of a FaceSearch stream processor (documented: Kinesis data streams reference). */
export interface FrameFace {
  readonly DetectedFace: FaceDetail;
  readonly MatchedFaces: readonly {
    /** In percent. */
    readonly Similarity: number;
    readonly Face: {
      readonly BoundingBox: FaceDetail["BoundingBox"];
      readonly FaceId: string;
      readonly Confidence: number;
      readonly ImageId: string;
      readonly ExternalImageId?: string | undefined;
    };
  }[];
}

/** How many faces a record lists for one that was found; unconfirmed on AWS. */
const MAX_MATCHES = 5;

export interface FrameSearch {
  readonly collectionId: string;
  /** FaceMatchThreshold, in percent. */
  readonly threshold: number;
  /** Of the fragment that has the frame: which clip it is from. */
  readonly metadata: ReadonlyMap<string, string>;
}

/**
 * The faces in a frame of video, and the faces of a collection that they match, most similar first. Faces that are too
 * small, dark, blurred or turned match none.
 * @throws AwsError ResourceNotFoundException without the collection; Error without the face model or when it fails
 */
export async function searchFrame(
  frame: Frame,
  { collectionId, threshold, metadata }: FrameSearch,
  collections: Collections,
  finder: FaceFinder,
): Promise<FrameFace[]> {
  const faces = await finder.inFrame(frame, metadata);
  const collection = collections.get(collectionId);
  return faces.map((face) => {
    const matches =
      lowQuality(face, "AUTO").length > 0
        ? []
        : collection.similarFaces(finder.vectorOf(face, collection), { threshold, max: MAX_MATCHES });
    return {
      DetectedFace: faceDetail(face),
      MatchedFaces: matches.map(({ similarity, match }) => {
        const { FaceId, BoundingBox, ImageId, ExternalImageId, Confidence } = faceForm(match, collection);
        return {
          Similarity: similarity,
          Face: { BoundingBox, FaceId, Confidence, ImageId, ExternalImageId },
        };
      }),
    };
  });
}
