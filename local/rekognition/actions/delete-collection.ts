import type * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { collectionId } from "../faces/inputs.ts";
import { members } from "../inputs.ts";
import type { RekognitionState } from "../state.ts";

const input = members({ CollectionId: collectionId });

/** Deletes the collection with all its faces and users. */
export const deleteCollection: Action<RekognitionState, v.InferOutput<typeof input>, object> = {
  input,
  resources: ({ CollectionId }, { state }) => state.collections.arnOf(CollectionId),
  run: ({ CollectionId }, { state }) => {
    state.collections.delete(CollectionId);
    return { StatusCode: 200 };
  },
};
