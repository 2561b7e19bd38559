import { SearchUsersByImageCommand, type FaceDetail } from "@aws-sdk/client-rekognition";
import { isNamed } from "../base/errors.ts";
import type { FoundFace, FoundFaces } from "../schemas/images.ts";
import { imageClient, imageRefusal, sendOnce } from "./image-analysis.ts";

/** How many enrolled persons one face may resemble. */
const MAX_USERS = 5;

/**
 * Rekognition's SearchUsersByImage in a collection.
 * @param threshold the similarity from which a face counts as a person's, 0 to 100
 * @param client one that makes each attempt once
 */
export const faceSearch = (
  { collectionId, threshold }: { readonly collectionId: string; readonly threshold: number },
  client = imageClient,
) => ({
  /**
   * The largest face of a JPEG or PNG of at most 5 MB, with the enrolled persons it resembles, and the faces that were not
   * searched because they are not the largest or of low quality. An image without a face is no error (documented:
   * SearchUsersByImage; SearchFacesByImage refuses it).
   * @throws the client's error when there is no result
   */
  async searchFaces(jpeg: Uint8Array): Promise<FoundFaces> {
    const command = new SearchUsersByImageCommand({
      CollectionId: collectionId,
      Image: { Bytes: jpeg },
      MaxUsers: MAX_USERS,
      UserMatchThreshold: threshold,
      QualityFilter: "AUTO",
    });
    try {
      const {
        SearchedFace,
        UserMatches = [],
        UnsearchedFaces = [],
      } = await sendOnce(() => client.send(command));
      const matches = UserMatches.flatMap(({ Similarity = 0, User }) =>
        User?.UserId === undefined ? [] : [{ personId: User.UserId, similarity: Similarity }],
      ).toSorted((a, b) => b.similarity - a.similarity);
      const searched = foundFace(SearchedFace?.FaceDetail, { matches });
      const others = UnsearchedFaces.flatMap(({ FaceDetails, Reasons = [] }) =>
        foundFace(FaceDetails, { unsearchedReason: Reasons[0] ?? "UNKNOWN", matches: [] }),
      );
      return { kind: "faces", faces: [...searched, ...others] };
    } catch (error) {
      if (isNamed(error, "ResourceNotFoundException"))
        return {
          kind: "refused",
          reason: `there is no collection ${collectionId}, though the stack created it: create it again under this id and enrol everybody again: ${error.message}`,
        };
      return imageRefusal(error, "SearchUsersByImage");
    }
  },
});

/** None if Rekognition says nothing of it, or not where it is. */
function foundFace(
  { BoundingBox, Confidence, Pose, Quality }: FaceDetail = {},
  result: Pick<FoundFace, "matches" | "unsearchedReason">,
): FoundFace[] {
  if (!BoundingBox) return [];
  const { Left = 0, Top = 0, Width = 0, Height = 0 } = BoundingBox;
  return [
    {
      confidence: Confidence ?? null,
      box: { left: Left, top: Top, width: Width, height: Height },
      pitch: Pose?.Pitch,
      roll: Pose?.Roll,
      yaw: Pose?.Yaw,
      brightness: Quality?.Brightness,
      sharpness: Quality?.Sharpness,
      ...result,
    },
  ];
}
