import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { FACE_MODEL_VERSION, userMatchForm } from "../faces/forms.ts";
import {
  atMost,
  collectionId,
  DEFAULT_MAX_MATCHES,
  DEFAULT_THRESHOLD,
  faceId,
  percent,
  userId,
} from "../faces/inputs.ts";
import { members } from "../inputs.ts";
import type { RekognitionState } from "../state.ts";

const input = v.pipe(
  members({
    CollectionId: collectionId,
    UserId: v.optional(userId),
    FaceId: v.optional(faceId),
    MaxUsers: atMost(500, DEFAULT_MAX_MATCHES),
    UserMatchThreshold: percent(DEFAULT_THRESHOLD),
  }),
  v.check(
    ({ UserId, FaceId }) => (UserId === undefined) !== (FaceId === undefined),
    "expected either UserId or FaceId",
  ),
);

/** The users that a face or a user of the collection matches; a user is not among its own matches (unconfirmed). */
export const searchUsers: Action<RekognitionState, v.InferOutput<typeof input>, object> = {
  input,
  resources: ({ CollectionId }, { state }) => state.collections.arnOf(CollectionId),
  run: ({ CollectionId, UserId, FaceId, MaxUsers, UserMatchThreshold }, { state: { collections } }) => {
    const collection = collections.get(CollectionId);
    const vector =
      FaceId !== undefined
        ? collection.existingFace(FaceId).vector
        : collection.userVector(collection.existingUser(UserId!));
    const similar = vector
      ? collection
          .similarUsers(vector, { threshold: UserMatchThreshold, max: MaxUsers + 1 })
          .filter(({ match }) => match.userId !== UserId)
          .slice(0, MaxUsers)
      : [];
    return {
      UserMatches: similar.map(userMatchForm),
      FaceModelVersion: FACE_MODEL_VERSION,
      ...(FaceId !== undefined && { SearchedFace: { FaceId } }),
      ...(UserId !== undefined && { SearchedUser: { UserId } }),
    };
  },
};
