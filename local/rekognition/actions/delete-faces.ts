import type * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { collectionId, faceIds } from "../faces/inputs.ts";
import { members } from "../inputs.ts";
import type { RekognitionState } from "../state.ts";

const input = members({ CollectionId: collectionId, FaceIds: faceIds(4096) });

/** A face that is associated with a user is not deleted: the response alone says so (documented). */
export const deleteFaces: Action<RekognitionState, v.InferOutput<typeof input>, object> = {
  input,
  resources: ({ CollectionId }, { state }) => state.collections.arnOf(CollectionId),
  run: ({ CollectionId, FaceIds }, { state: { collections } }) => {
    const collection = collections.get(CollectionId);
    const all = [...new Set(FaceIds)];
    const isFree = (faceId: string): boolean =>
      collection.face(faceId) !== undefined && collection.userOf(faceId) === undefined;
    const deleted = all.filter(isFree);
    const refused = all
      .filter((faceId) => !isFree(faceId))
      .map((FaceId) => {
        const UserId = collection.userOf(FaceId);
        return UserId === undefined
          ? { FaceId, Reasons: ["FACE_NOT_FOUND"] }
          : { FaceId, UserId, Reasons: ["ASSOCIATED_TO_AN_EXISTING_USER"] };
      });
    collection.deleteFaces(deleted);
    return { DeletedFaces: deleted, UnsuccessfulFaceDeletions: refused };
  },
};
