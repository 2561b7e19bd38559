import {
  AssociateFacesCommand,
  CreateUserCommand,
  DescribeCollectionCommand,
  DetectFacesCommand,
  IndexFacesCommand,
  paginateListFaces,
  SearchUsersByImageCommand,
  SearchUsersCommand,
  type Image,
  type RekognitionClient,
} from "@aws-sdk/client-rekognition";
import { enrolledFaces, MAX_FACES_OF_PERSON, unlessConflict } from "../aws/enrolled-faces.ts";
import { chunksOf } from "../base/chunks.ts";
import type { Clock } from "../base/clock.ts";
import { ignoreError, isNamed } from "../base/errors.ts";
import { NO_IMAGE } from "./face-pictures.ts";
import { faceReason } from "./face-reasons.ts";

/** From which confidence something is counted as a face: rather than not. */
const FACE_CONFIDENCE = 50;

/** A stored face: a vector, no image. */
export interface StoredFace {
  readonly faceId: string;
  /** The person that it was enrolled for. */
  readonly enrolledFor: string | undefined;
  /** The user that it is associated with. */
  readonly personId: string | undefined;
}

/** A result for one picture, or why there is none. */
export type Pictured<T> = T | { readonly kind: "refused"; readonly reason: string };

/** Why a face is not a person's. */
interface NotAssociated {
  readonly reason: string;
  /** Whether it is another person's. */
  readonly isOthers: boolean;
}

/** A person that looks like a face. */
export interface Match {
  readonly personId: string;
  /** 0 to 100. */
  readonly similarity: number;
}

const refused = (reason: string) => ({ kind: "refused", reason }) as const;

/** What Rekognition refuses in one image, in words; any other error concerns all images. */
function imageProblem(error: unknown): string {
  if (isNamed(error, "InvalidImageFormatException")) return NO_IMAGE;
  if (isNamed(error, "ImageTooLargeException"))
    return "it is too large for Rekognition: at most 5 MB, or 15 MB in S3, and 10,000 pixels a side";
  if (isNamed(error, "InvalidS3ObjectException"))
    return "Rekognition cannot read the object: the bucket has to be in its Region, and you have to have s3:GetObject";
  throw error;
}

/** The stack's collection of faces. Each person is a user in it, under the same id. */
export const faceCollection = (CollectionId: string, client: RekognitionClient, clock: Clock) => {
  const { disassociate, deleteUser, deleteFaces } = enrolledFaces(CollectionId, client, clock);
  return {
    disassociate,
    deleteUser,
    deleteFaces,

    /** @throws Error that says what to do when there is no such collection */
    async describe() {
      try {
        const {
          FaceCount = 0,
          UserCount = 0,
          FaceModelVersion,
        } = await client.send(new DescribeCollectionCommand({ CollectionId }));
        return { faces: FaceCount, users: UserCount, modelVersion: FaceModelVersion };
      } catch (error) {
        if (!isNamed(error, "ResourceNotFoundException")) throw error;
        throw new Error(
          `there is no collection ${CollectionId} in this account and Region, though the stack created it: create it again under this id (aws rekognition create-collection), then enrol everybody again`,
          { cause: error },
        );
      }
    },

    /** Whether an image shows exactly one face. Stores nothing. */
    async checkOneFace(image: Image): Promise<Pictured<{ readonly kind: "one-face" }>> {
      try {
        const { FaceDetails = [] } = await client.send(new DetectFacesCommand({ Image: image }));
        const faces = FaceDetails.filter(({ Confidence = 0 }) => Confidence >= FACE_CONFIDENCE);
        if (faces.length === 1) return { kind: "one-face" };
        return refused(
          faces.length === 0 ? "it shows no face" : `it shows ${faces.length} faces; cut out the person's`,
        );
      } catch (error) {
        return refused(imageProblem(error));
      }
    },

    /** Stores the face of an image for a person. The same image is stored once (documented: IndexFaces). */
    async index(
      image: Image,
      personId: string,
    ): Promise<Pictured<{ readonly kind: "indexed"; readonly faceId: string }>> {
      try {
        const { FaceRecords = [], UnindexedFaces = [] } = await client.send(
          new IndexFacesCommand({
            CollectionId,
            Image: image,
            ExternalImageId: personId,
            MaxFaces: 1,
            QualityFilter: "AUTO",
            DetectionAttributes: ["DEFAULT"],
          }),
        );
        const faceId = FaceRecords[0]?.Face?.FaceId;
        if (faceId !== undefined) return { kind: "indexed", faceId };
        return refused(faceReason(UnindexedFaces.flatMap(({ Reasons = [] }) => Reasons)));
      } catch (error) {
        return refused(imageProblem(error));
      }
    },

    /** All stored faces. */
    async faces(): Promise<StoredFace[]> {
      const found: StoredFace[] = [];
      for await (const { Faces = [] } of paginateListFaces({ client }, { CollectionId, MaxResults: 4096 }))
        for (const { FaceId, ExternalImageId, UserId } of Faces)
          found.push({ faceId: FaceId!, enrolledFor: ExternalImageId, personId: UserId });
      return found;
    },

    /** Creates a person's user, unless it exists. */
    async createUser(personId: string): Promise<void> {
      await client
        .send(new CreateUserCommand({ CollectionId, UserId: personId }))
        .catch((error: unknown) => ignoreError(error, "ConflictException", undefined));
    },

    /**
     * Makes faces a person's; those that are already stay so.
     * @param minimum similarity with the person's other faces, 0 to 100 (documented default: 75)
     * @returns why some are not, by face
     */
    async associate(
      personId: string,
      faceIds: readonly string[],
      minimum?: number,
    ): Promise<Map<string, NotAssociated>> {
      const failed = new Map<string, NotAssociated>();
      for (const FaceIds of chunksOf(faceIds, MAX_FACES_OF_PERSON))
        try {
          const { UnsuccessfulFaceAssociations = [] } = await unlessConflict(clock, () =>
            client.send(
              new AssociateFacesCommand({
                CollectionId,
                UserId: personId,
                FaceIds,
                ...(minimum !== undefined && { UserMatchThreshold: minimum }),
              }),
            ),
          );
          for (const { FaceId = "", Reasons = [], Confidence } of UnsuccessfulFaceAssociations)
            failed.set(FaceId, associationProblem(Reasons, Confidence));
        } catch (error) {
          if (!isNamed(error, "ServiceQuotaExceededException")) throw error;
          for (const faceId of FaceIds) failed.set(faceId, { reason: TOO_MANY, isOthers: false });
        }
      return failed;
    },

    /** The persons that the largest face of an image resembles, the most similar first. Stores nothing. */
    async search(
      image: Image,
      threshold: number,
    ): Promise<
      Pictured<{ readonly kind: "matches"; readonly matches: readonly Match[]; readonly otherFaces: number }>
    > {
      try {
        const {
          SearchedFace,
          UserMatches = [],
          UnsearchedFaces = [],
        } = await client.send(
          new SearchUsersByImageCommand({
            CollectionId,
            Image: image,
            MaxUsers: 5,
            UserMatchThreshold: threshold,
            QualityFilter: "AUTO",
          }),
        );
        if (!SearchedFace) {
          const reasons = UnsearchedFaces.flatMap(({ Reasons = [] }) => Reasons);
          return refused(reasons.length === 0 ? "it shows no face" : faceReason(reasons));
        }
        const matches = UserMatches.map(({ User, Similarity = 0 }) => ({
          personId: User?.UserId ?? "",
          similarity: Similarity,
        }));
        return { kind: "matches", matches, otherFaces: UnsearchedFaces.length };
      } catch (error) {
        return refused(imageProblem(error));
      }
    },

    /** How similar two persons' users are; undefined where one of them has no face. */
    async similarity(personId: string, other: string): Promise<number | undefined> {
      const { UserMatches = [] } = await client
        .send(
          new SearchUsersCommand({ CollectionId, UserId: personId, UserMatchThreshold: 0, MaxUsers: 500 }),
        )
        .catch((error: unknown) => ignoreError(error, "ResourceNotFoundException", { UserMatches: [] }));
      return UserMatches.find(({ User }) => User?.UserId === other)?.Similarity;
    },
  };
};

export type FaceCollection = ReturnType<typeof faceCollection>;

const TOO_MANY = `a person has at most ${MAX_FACES_OF_PERSON} pictures`;

function associationProblem(reasons: readonly string[], confidence: number | undefined): NotAssociated {
  if (reasons.includes("ASSOCIATED_TO_A_DIFFERENT_USER"))
    return { reason: "its face belongs to another person", isOthers: true };
  const reason = reasons.includes("LOW_MATCH_CONFIDENCE")
    ? `it does not look like the person's other pictures (${Math.round(confidence ?? 0)} %)`
    : reasons.includes("FACE_NOT_FOUND")
      ? "its face was deleted meanwhile; run it again"
      : reasons.join(", ") || TOO_MANY;
  return { reason, isOthers: false };
}
