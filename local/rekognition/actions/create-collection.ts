import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { collectionExists } from "../errors.ts";
import { FACE_MODEL_VERSION } from "../faces/forms.ts";
import { collectionId } from "../faces/inputs.ts";
import { members, tags } from "../inputs.ts";
import type { RekognitionState } from "../state.ts";

const input = members({ CollectionId: collectionId, Tags: v.optional(tags) });

/** The ARN in the response lacks its first part, as in the example of AWS's API reference. */
export const createCollection: Action<RekognitionState, v.InferOutput<typeof input>, object> = {
  input,
  resources: ({ CollectionId }, { state }) => state.collections.arnOf(CollectionId),
  run: ({ CollectionId, Tags }, { state: { collections } }) => {
    if (collections.find(CollectionId)) throw collectionExists(CollectionId);
    collections.create({ id: CollectionId, tags: Tags });
    return {
      StatusCode: 200,
      CollectionArn: collections.arnOf(CollectionId).replace(/^arn:/, ""),
      FaceModelVersion: FACE_MODEL_VERSION,
    };
  },
};
