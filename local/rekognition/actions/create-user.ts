import type * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { userExists } from "../errors.ts";
import { clientRequestToken, collectionId, userId } from "../faces/inputs.ts";
import { members } from "../inputs.ts";
import type { RekognitionState } from "../state.ts";

const input = members({ CollectionId: collectionId, UserId: userId, ClientRequestToken: clientRequestToken });

export const createUser: Action<RekognitionState, v.InferOutput<typeof input>, object> = {
  input,
  resources: ({ CollectionId }, { state }) => state.collections.arnOf(CollectionId),
  run: (request, { state: { collections, tokens } }) => {
    const { CollectionId, UserId } = request;
    const collection = collections.get(CollectionId);
    return tokens.once("CreateUser", request, () => {
      if (collection.user(UserId)) throw userExists(UserId);
      collection.putUser({ userId: UserId, faceIds: [] });
      return {};
    });
  },
};
