import type * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { userForm } from "../faces/forms.ts";
import { collectionId, pageOf } from "../faces/inputs.ts";
import { pageAfter } from "../faces/listing.ts";
import { members } from "../inputs.ts";
import type { RekognitionState } from "../state.ts";

const MAX_PAGE = 500;
const input = members({ CollectionId: collectionId, ...pageOf(MAX_PAGE) });

/** Ordered by user id; AWS orders by an id of its own (documented). */
export const listUsers: Action<RekognitionState, v.InferOutput<typeof input>, object> = {
  input,
  resources: ({ CollectionId }, { state }) => state.collections.arnOf(CollectionId),
  run: ({ CollectionId, ...request }, { state: { collections } }) => {
    const users = collections.get(CollectionId).users();
    const { page, NextToken } = pageAfter(users, ({ userId }) => userId, request, MAX_PAGE);
    return { Users: page.map(userForm), NextToken };
  },
};
