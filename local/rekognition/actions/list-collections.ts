import type * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { FACE_MODEL_VERSION } from "../faces/forms.ts";
import { pageOf } from "../faces/inputs.ts";
import { pageAfter } from "../faces/listing.ts";
import { members } from "../inputs.ts";
import type { RekognitionState } from "../state.ts";

const MAX_PAGE = 4096;
const input = members(pageOf(MAX_PAGE));

/** Ordered by id. */
export const listCollections: Action<RekognitionState, v.InferOutput<typeof input>, object> = {
  input,
  resources: () => "*",
  run: (request, { state: { collections } }) => {
    const { page, NextToken } = pageAfter(collections.ids(), (id) => id, request, MAX_PAGE);
    return { CollectionIds: page, NextToken, FaceModelVersions: page.map(() => FACE_MODEL_VERSION) };
  },
};
