import type { Image } from "@aws-sdk/client-rekognition";
import type { FaceCollection, StoredFace } from "../../operator/face-collection.ts";
import type { Picture } from "../../operator/face-pictures.ts";
import { isPerson, type PersonRecord } from "../../schemas/person.ts";

/** What a picture shows: a face by a number that is the same for the same person, or none that can be used. */
export type Shown =
  | { readonly face: number }
  | { readonly faces: number }
  | { readonly unindexed: string }
  | { readonly unusable: string };

export class Crash extends Error {
  override readonly name = "Crash";
}

/** The table of persons and the collection in memory, with the rules of both; it crashes before or after a call. */
export class FaceWorld {
  readonly records = new Map<string, PersonRecord>();
  readonly stored = new Map<string, StoredFace & { readonly looks: number }>();
  readonly users = new Set<string>();
  calls = 0;
  crashAt: { readonly call: number; readonly when: "before" | "after" } | undefined;
  readonly #shown = new Map<string, Shown>();

  picture(path: string, shown: Shown): Picture {
    this.#shown.set(path, shown);
    return {
      path,
      read: () =>
        Promise.resolve(
          "unusable" in shown
            ? { kind: "unusable", reason: shown.unusable }
            : { kind: "image", image: { Bytes: Buffer.from(path) } },
        ),
    };
  }

  readonly persons = {
    find: (id: string) => this.#call(() => this.records.get(id)),
    list: () =>
      this.#call(() => [...this.records.values()].toSorted((a, b) => (a.personId < b.personId ? -1 : 1))),
    put: (record: PersonRecord) =>
      this.#call(() => {
        const { version = 0 } = this.records.get(record.personId) ?? {};
        if (record.version !== version + 1) return false;
        this.records.set(record.personId, record);
        return true;
      }),
    takeBack: ({ personId, version }: PersonRecord) =>
      this.#call(() => {
        const now = this.records.get(personId);
        if (now?.version !== version || (isPerson(now) && now.lastSeenAtMs !== undefined)) return false;
        return this.records.delete(personId);
      }),
  };

  readonly collection: Pick<
    FaceCollection,
    | "faces"
    | "checkOneFace"
    | "index"
    | "createUser"
    | "associate"
    | "disassociate"
    | "deleteUser"
    | "deleteFaces"
    | "similarity"
  > = {
    faces: () =>
      this.#call(() =>
        [...this.stored.values()].map(({ faceId, enrolledFor, personId }) => ({
          faceId,
          enrolledFor,
          personId,
        })),
      ),
    checkOneFace: (image) =>
      this.#call(() => {
        const shown = this.#shownBy(image);
        const faces = "faces" in shown ? shown.faces : 1;
        return faces === 1
          ? { kind: "one-face" as const }
          : {
              kind: "refused" as const,
              reason: faces === 0 ? "it shows no face" : `it shows ${faces} faces`,
            };
      }),
    index: (image, personId) =>
      this.#call(() => {
        const shown = this.#shownBy(image);
        if (!("face" in shown))
          return { kind: "refused" as const, reason: "unindexed" in shown ? shown.unindexed : "" };
        const faceId = `${textOf(image)} of ${personId}`;
        if (!this.stored.has(faceId))
          this.stored.set(faceId, { faceId, enrolledFor: personId, personId: undefined, looks: shown.face });
        return { kind: "indexed" as const, faceId };
      }),
    createUser: (personId) => this.#call(() => void this.users.add(personId)),
    associate: (personId, faceIds, minimum = 75) =>
      this.#call(() => {
        if (!this.users.has(personId)) throw new Error(`there is no user ${personId}`);
        const failed = new Map<string, { readonly reason: string; readonly isOthers: boolean }>();
        for (const faceId of faceIds) {
          const face = this.stored.get(faceId);
          const own = [...this.stored.values()].filter((one) => one.personId === personId);
          if (!face) failed.set(faceId, { reason: "not found", isOthers: false });
          else if (face.personId !== undefined && face.personId !== personId)
            failed.set(faceId, { reason: "another's", isOthers: true });
          else if (minimum > 0 && own.length > 0 && own[0]!.looks !== face.looks)
            failed.set(faceId, {
              reason: "it does not look like the person's other pictures",
              isOthers: false,
            });
          else this.stored.set(faceId, { ...face, personId });
        }
        return failed;
      }),
    disassociate: (personId, faceIds) =>
      this.#call(() => {
        for (const faceId of faceIds) {
          const face = this.stored.get(faceId);
          if (face?.personId === personId) this.stored.set(faceId, { ...face, personId: undefined });
        }
      }),
    deleteUser: (personId) =>
      this.#call(() => {
        for (const face of this.stored.values())
          if (face.personId === personId) this.stored.set(face.faceId, { ...face, personId: undefined });
        return this.users.delete(personId);
      }),
    deleteFaces: (faceIds) =>
      this.#call(() => {
        for (const faceId of faceIds) {
          if (this.stored.get(faceId)?.personId !== undefined)
            throw new Error("a user's face is not deleted");
          this.stored.delete(faceId);
        }
      }),
    similarity: (personId, other) =>
      this.#call(() => {
        const looksOf = (id: string) => [...this.stored.values()].find((one) => one.personId === id)?.looks;
        const [one, two] = [looksOf(personId), looksOf(other)];
        return one === undefined || two === undefined ? undefined : one === two ? 99 : 10;
      }),
  };

  /** What is stored, with ids in the order of names. */
  state() {
    return {
      records: [...this.records.values()],
      faces: [...this.stored.values()].toSorted((a, b) => (a.faceId < b.faceId ? -1 : 1)),
      users: [...this.users].toSorted((a, b) => (a < b ? -1 : 1)),
    };
  }

  #shownBy = (image: Image): Shown => this.#shown.get(textOf(image))!;

  async #call<T>(effect: () => T): Promise<T> {
    await Promise.resolve();
    const isCrash = this.crashAt?.call === ++this.calls;
    if (isCrash && this.crashAt?.when === "before") throw new Crash();
    const result = effect();
    if (isCrash) throw new Crash();
    return result;
  }
}

const textOf = ({ Bytes = new Uint8Array() }: Image): string => Buffer.from(Bytes).toString();
