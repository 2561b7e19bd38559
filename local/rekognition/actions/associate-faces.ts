import type * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { associate } from "../faces/association.ts";
import { clientRequestToken, collectionId, faceIds, percent, userId } from "../faces/inputs.ts";
import { members } from "../inputs.ts";
import type { RekognitionState } from "../state.ts";

const DEFAULT_THRESHOLD = 75;
const input = members({
  CollectionId: collectionId,
  UserId: userId,
  FaceIds: faceIds(100),
  UserMatchThreshold: percent(DEFAULT_THRESHOLD),
  ClientRequestToken: clientRequestToken,
});

/** The response says UPDATING, as on AWS, where the update goes on after it; here it is done. */
export const associateFaces: Action<RekognitionState, v.InferOutput<typeof input>, object> = {
  input,
  resources: ({ CollectionId }, { state }) => state.collections.arnOf(CollectionId),
  run: (request, { state: { collections, tokens } }) => {
    const { CollectionId, UserId, FaceIds, UserMatchThreshold } = request;
    const collection = collections.get(CollectionId);
    return tokens.once("AssociateFaces", request, () => {
      const {
        faceIds: own,
        associated,
        unsuccessful,
      } = associate(collection, UserId, FaceIds, UserMatchThreshold);
      if (associated.length > 0) collection.putUser({ userId: UserId, faceIds: own });
      return {
        AssociatedFaces: associated.map((FaceId) => ({ FaceId })),
        UnsuccessfulFaceAssociations: unsuccessful,
        UserStatus: own.length > 0 ? "UPDATING" : "CREATED",
      };
    });
  },
};
