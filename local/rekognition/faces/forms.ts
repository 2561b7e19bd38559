import type { FaceCollection, Similar, StoredFace, StoredUser } from "./collection.ts";
import { boundingBox } from "./found-face.ts";

/**
 * The version of the face model that collections have: that of new collections on AWS (documented: model versioning). The
 * faces are not from that model.
 */
export const FACE_MODEL_VERSION = "7.0";

/** A face as responses show it. */
export const faceForm = (face: StoredFace, collection: FaceCollection) => ({
  FaceId: face.faceId,
  BoundingBox: boundingBox(face.box),
  ImageId: face.imageId,
  ExternalImageId: face.externalImageId,
  Confidence: face.confidence,
  IndexFacesModelVersion: FACE_MODEL_VERSION,
  UserId: collection.userOf(face.faceId),
});

export const faceMatchForm = ({ similarity, match }: Similar<StoredFace>, collection: FaceCollection) => ({
  Similarity: similarity,
  Face: faceForm(match, collection),
});

export const userForm = ({ userId, faceIds }: StoredUser) => ({
  UserId: userId,
  UserStatus: faceIds.length > 0 ? ("ACTIVE" as const) : ("CREATED" as const),
});

export const userMatchForm = ({ similarity, match }: Similar<StoredUser>) => ({
  Similarity: similarity,
  User: userForm(match),
});
