import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { FACE_MODEL_VERSION, faceForm } from "../faces/forms.ts";
import { collectionId, faceIds, pageOf, userId } from "../faces/inputs.ts";
import { pageAfter } from "../faces/listing.ts";
import { members } from "../inputs.ts";
import type { RekognitionState } from "../state.ts";

const MAX_PAGE = 4096;
const input = members({
  CollectionId: collectionId,
  UserId: v.optional(userId),
  FaceIds: v.optional(faceIds(MAX_PAGE)),
  ...pageOf(MAX_PAGE),
});

/** Ordered by face id. A filter by a user that does not exist finds none (unconfirmed). */
export const listFaces: Action<RekognitionState, v.InferOutput<typeof input>, object> = {
  input,
  resources: ({ CollectionId }, { state }) => state.collections.arnOf(CollectionId),
  run: ({ CollectionId, UserId, FaceIds, ...request }, { state: { collections } }) => {
    const collection = collections.get(CollectionId);
    const wanted = FaceIds && new Set(FaceIds);
    const faces = collection
      .faces()
      .filter(({ faceId }) => UserId === undefined || collection.userOf(faceId) === UserId)
      .filter(({ faceId }) => !wanted || wanted.has(faceId));
    const { page, NextToken } = pageAfter(faces, ({ faceId }) => faceId, request, MAX_PAGE);
    return {
      Faces: page.map((face) => faceForm(face, collection)),
      NextToken,
      FaceModelVersion: FACE_MODEL_VERSION,
    };
  },
};
