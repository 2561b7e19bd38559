import type * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { FACE_MODEL_VERSION } from "../faces/forms.ts";
import { collectionId } from "../faces/inputs.ts";
import { members } from "../inputs.ts";
import type { RekognitionState } from "../state.ts";

const input = members({ CollectionId: collectionId });

export const describeCollection: Action<RekognitionState, v.InferOutput<typeof input>, object> = {
  input,
  resources: ({ CollectionId }, { state }) => state.collections.arnOf(CollectionId),
  run: ({ CollectionId }, { state: { collections } }) => {
    const { record, faceCount, userCount } = collections.get(CollectionId);
    return {
      FaceCount: faceCount,
      FaceModelVersion: FACE_MODEL_VERSION,
      CollectionARN: collections.arnOf(CollectionId),
      CreationTimestamp: record.createdAtMs / 1000,
      UserCount: userCount,
    };
  },
};
