import type * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { FACE_MODEL_VERSION, faceMatchForm } from "../faces/forms.ts";
import {
  atMost,
  collectionId,
  DEFAULT_MAX_MATCHES,
  DEFAULT_THRESHOLD,
  faceId,
  percent,
} from "../faces/inputs.ts";
import { members } from "../inputs.ts";
import type { RekognitionState } from "../state.ts";

const input = members({
  CollectionId: collectionId,
  FaceId: faceId,
  MaxFaces: atMost(4096, DEFAULT_MAX_MATCHES),
  FaceMatchThreshold: percent(DEFAULT_THRESHOLD),
});

/** The faces that a face of the collection matches, without itself. */
export const searchFaces: Action<RekognitionState, v.InferOutput<typeof input>, object> = {
  input,
  resources: ({ CollectionId }, { state }) => state.collections.arnOf(CollectionId),
  run: ({ CollectionId, FaceId, MaxFaces, FaceMatchThreshold }, { state: { collections } }) => {
    const collection = collections.get(CollectionId);
    const { vector } = collection.existingFace(FaceId);
    const similar = collection
      .similarFaces(vector, { threshold: FaceMatchThreshold, max: MaxFaces + 1 })
      .filter(({ match }) => match.faceId !== FaceId)
      .slice(0, MaxFaces);
    return {
      SearchedFaceId: FaceId,
      FaceMatches: similar.map((one) => faceMatchForm(one, collection)),
      FaceModelVersion: FACE_MODEL_VERSION,
    };
  },
};
