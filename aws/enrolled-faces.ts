import {
  DeleteFacesCommand,
  DeleteUserCommand,
  DisassociateFacesCommand,
  paginateListFaces,
  paginateListUsers,
  RekognitionClient,
} from "@aws-sdk/client-rekognition";
import { chunksOf } from "../base/chunks.ts";
import { sleep, systemClock, type Clock } from "../base/clock.ts";
import { SECOND_MS } from "../base/durations.ts";
import { ignoreError, isNamed } from "../base/errors.ts";

/** These calls have a quota of 5 a second (documented: Rekognition quotas), so the client slows down when it is throttled. */
const defaultClient = /* @__PURE__ */ new RekognitionClient({ retryMode: "adaptive", maxAttempts: 10 });

/** Documented (AssociateFaces, DisassociateFaces): faces of a call, and of a user. */
export const MAX_FACES_OF_PERSON = 100;
/** Documented: the faces of a call. */
const MAX_LISTED = 4096;
const MAX_DELETED = 4096;
const MAX_USERS_LISTED = 500;
/** A user that another call is changing is in conflict (documented: AssociateFaces, DisassociateFaces); it takes seconds. */
const MAX_ATTEMPTS = 10;

/** Repeats a call while another one changes the same user. */
export async function unlessConflict<T>(clock: Clock, call: () => Promise<T>): Promise<T> {
  for (let attempts = 1; ; attempts++)
    try {
      return await call();
    } catch (error) {
      if (attempts >= MAX_ATTEMPTS || !isNamed(error, "ConflictException")) throw error;
      await sleep(clock, SECOND_MS);
    }
}

/** What of persons is stored in the collection, and its removal. */
export const enrolledFaces = (CollectionId: string, client = defaultClient, clock: Clock = systemClock) => {
  /** @returns the faces that are left, and why */
  const deleteFaces = async (faceIds: readonly string[]): Promise<Map<string, string>> => {
    const left = new Map<string, string>();
    for (const FaceIds of chunksOf(faceIds, MAX_DELETED)) {
      const { UnsuccessfulFaceDeletions = [] } = await client.send(
        new DeleteFacesCommand({ CollectionId, FaceIds }),
      );
      for (const { FaceId = "", Reasons = [] } of UnsuccessfulFaceDeletions)
        if (!Reasons.includes("FACE_NOT_FOUND")) left.set(FaceId, Reasons.join(", "));
    }
    return left;
  };

  return {
    /** All faces that were enrolled as one of the persons, or are theirs now. */
    async facesOf(ids: ReadonlySet<string>) {
      const found = [];
      const pages = paginateListFaces({ client }, { CollectionId, MaxResults: MAX_LISTED });
      for await (const { Faces = [] } of pages)
        for (const { FaceId = "", ExternalImageId = "", UserId } of Faces)
          if (ids.has(ExternalImageId) || ids.has(UserId ?? ""))
            found.push({ faceId: FaceId, externalImageId: ExternalImageId, userId: UserId });
      return found;
    },

    /** Of the persons, those that are users. */
    async usersOf(ids: ReadonlySet<string>): Promise<string[]> {
      const found: string[] = [];
      const pages = paginateListUsers({ client }, { CollectionId, MaxResults: MAX_USERS_LISTED });
      for await (const { Users = [] } of pages)
        for (const { UserId = "" } of Users) if (ids.has(UserId)) found.push(UserId);
      return found;
    },

    /** Takes faces from a user. Faces and users that are gone are fine. */
    async disassociate(userId: string, faceIds: readonly string[]): Promise<void> {
      for (const FaceIds of chunksOf(faceIds, MAX_FACES_OF_PERSON))
        await unlessConflict(clock, () =>
          client.send(new DisassociateFacesCommand({ CollectionId, UserId: userId, FaceIds })),
        ).catch((error: unknown) => ignoreError(error, "ResourceNotFoundException", undefined));
    },

    /** Deletes a user; its faces stay, of nobody. @returns false when there is none */
    async deleteUser(userId: string): Promise<boolean> {
      try {
        await unlessConflict(clock, () =>
          client.send(new DeleteUserCommand({ CollectionId, UserId: userId })),
        );
        return true;
      } catch (error) {
        return ignoreError(error, "ResourceNotFoundException", false);
      }
    },

    /**
     * Deletes faces that no user has; those that are gone are fine. A face that a user still has is left without an exception
     * (documented: DeleteFaces), also for the seconds that the user takes to lose it, so it is deleted again.
     * @throws Error that names a face that is left, and why
     */
    async deleteFaces(faceIds: readonly string[]): Promise<void> {
      for (let attempts = 1, due = faceIds; ; attempts++) {
        const left = await deleteFaces(due);
        const [first] = left;
        if (!first) return;
        if (attempts >= MAX_ATTEMPTS)
          throw new Error(
            `${left.size} faces were not deleted, the first, ${first[0]}, because of ${first[1]}`,
          );
        due = [...left.keys()];
        await sleep(clock, SECOND_MS);
      }
    },
  };
};
