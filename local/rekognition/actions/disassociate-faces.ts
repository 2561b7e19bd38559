import type * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { clientRequestToken, collectionId, faceIds, userId } from "../faces/inputs.ts";
import { members } from "../inputs.ts";
import type { RekognitionState } from "../state.ts";

const input = members({
  CollectionId: collectionId,
  UserId: userId,
  FaceIds: faceIds(100),
  ClientRequestToken: clientRequestToken,
});

/** A face that has no user is ignored (documented). The response says UPDATING, as that of AssociateFaces. */
export const disassociateFaces: Action<RekognitionState, v.InferOutput<typeof input>, object> = {
  input,
  resources: ({ CollectionId }, { state }) => state.collections.arnOf(CollectionId),
  run: (request, { state: { collections, tokens } }) => {
    const { CollectionId, UserId, FaceIds } = request;
    const collection = collections.get(CollectionId);
    return tokens.once("DisassociateFaces", request, () => {
      const user = collection.existingUser(UserId);
      const all = [...new Set(FaceIds)];
      const taken = all.filter((faceId) => user.faceIds.includes(faceId));
      const unsuccessful = all.flatMap((FaceId) => {
        const other = collection.userOf(FaceId);
        if (!collection.face(FaceId)) return [{ FaceId, Reasons: ["FACE_NOT_FOUND"] }];
        if (other === undefined || other === UserId) return [];
        return [{ FaceId, UserId: other, Reasons: ["ASSOCIATED_TO_A_DIFFERENT_USER"] }];
      });
      if (taken.length > 0)
        collection.putUser({
          userId: UserId,
          faceIds: user.faceIds.filter((faceId) => !taken.includes(faceId)),
        });
      return {
        DisassociatedFaces: taken.map((FaceId) => ({ FaceId })),
        UnsuccessfulFaceDisassociations: unsuccessful,
        UserStatus: "UPDATING",
      };
    });
  },
};
