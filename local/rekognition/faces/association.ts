import { tooManyFacesOfUser } from "../errors.ts";
import type { FaceCollection } from "./collection.ts";
import { distance, meanOf, similarityOf, type Vector } from "./vectors.ts";

/** Documented: AssociateFaces. */
const MAX_FACES_OF_USER = 100;

interface Unsuccessful {
  readonly FaceId: string;
  readonly UserId?: string;
  readonly Confidence?: number;
  readonly Reasons: readonly ("FACE_NOT_FOUND" | "ASSOCIATED_TO_A_DIFFERENT_USER" | "LOW_MATCH_CONFIDENCE")[];
}

/**
 * Which faces become the user's. The threshold holds for a user that has a face already (documented). The middle of the faces
 * so far is what a face is compared with; that, and that the first face of a request counts for the next ones, are ours.
 * @throws AwsError ServiceQuotaExceededException for a user with 100 faces
 */
export function associate(
  collection: FaceCollection,
  userId: string,
  faceIds: readonly string[],
  threshold: number,
): { faceIds: readonly string[]; associated: string[]; unsuccessful: Unsuccessful[] } {
  const user = collection.existingUser(userId);
  if (user.faceIds.length >= MAX_FACES_OF_USER) throw tooManyFacesOfUser(userId, MAX_FACES_OF_USER);
  const own = [...user.faceIds];
  const vectors: Vector[] = own.flatMap((faceId) => collection.face(faceId)?.vector ?? []);
  const associated: string[] = [];
  const unsuccessful: Unsuccessful[] = [];
  for (const FaceId of new Set(faceIds)) {
    if (own.includes(FaceId)) continue;
    const face = collection.face(FaceId);
    const other = collection.userOf(FaceId);
    const confidence =
      face && vectors.length > 0 ? similarityOf(distance(face.vector, meanOf(vectors))) : 100;
    if (!face) unsuccessful.push({ FaceId, Reasons: ["FACE_NOT_FOUND"] });
    else if (other !== undefined)
      unsuccessful.push({ FaceId, UserId: other, Reasons: ["ASSOCIATED_TO_A_DIFFERENT_USER"] });
    else if (confidence < threshold)
      unsuccessful.push({ FaceId, Confidence: confidence, Reasons: ["LOW_MATCH_CONFIDENCE"] });
    // The reason for a face beyond the hundredth is not documented: none of the documented ones says it.
    else if (own.length >= MAX_FACES_OF_USER) unsuccessful.push({ FaceId, Reasons: [] });
    else {
      own.push(FaceId);
      vectors.push(face.vector);
      associated.push(FaceId);
    }
  }
  return { faceIds: own, associated, unsuccessful };
}
