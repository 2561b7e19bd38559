import type { CollectionFace, FaceCollection, ForgetParts, Persons } from "../../../core/faces/forget.ts";
import type { FaceFiles, ObjectVersion } from "../../../core/faces/face-files.ts";
import { bufferOf } from "../../../core/lake/rewrite-faces.ts";
import { TurnableClock } from "../../../base/clock.ts";
import type { PersonRecord } from "../../../schemas/person.ts";
import { parquetFile } from "../../../cli/generate/parquet.ts";
import type { Table } from "../../../schemas/tables/column.ts";

/** What the tests kill a run with. */
export class Killed extends Error {}

/** Some columns of face_records, one of each type. */
export const TABLE: Table = {
  name: "face_records",
  description: "",
  columns: [
    { name: "stream_arn", type: "string", comment: "" },
    { name: "seen_at", type: "timestamp", comment: "" },
    { name: "seen_at_ms", type: "bigint", comment: "" },
    { name: "face_no", type: "int", comment: "" },
    { name: "box_left", type: "double", comment: "" },
    { name: "yaw", type: "double", nullable: true, comment: "" },
    { name: "person_id", type: "string", nullable: true, comment: "" },
    { name: "similarity", type: "double", nullable: true, comment: "" },
  ],
  partitions: [],
};

export interface FaceRow {
  readonly seen_at_ms: number;
  readonly face_no: number;
  readonly person_id: string | null;
  readonly yaw: number | null;
}

export const rowOf = (row: FaceRow) => ({
  stream_arn: "arn:aws:kinesisvideo:us-east-1:123456789012:stream/doorstep-dev-camera-porch/1",
  box_left: 0.25,
  similarity: row.person_id === null ? null : 97.5,
  ...row,
});

export const fileOf = (rows: readonly FaceRow[]): Uint8Array =>
  new Uint8Array(parquetFile(TABLE, rows.map(rowOf)));

interface Stored {
  readonly versionId: string;
  readonly bytes: Uint8Array;
}

/** A bucket with versions, a collection and a table of persons in memory, which fail at a call of choice. */
export class World {
  readonly clock = new TurnableClock(Date.parse("2026-12-01T00:00:00Z"));
  /** Versions of each key, oldest first. */
  readonly objects = new Map<string, Stored[]>();
  faces: CollectionFace[] = [];
  readonly users = new Set<string>();
  readonly records = new Map<string, PersonRecord>();
  /** Calls until the run is killed. */
  callsLeft = Infinity;
  calls = 0;
  /** Whether the call during which the run is killed still takes effect. */
  isKilledAfter = false;
  #versions = 0;

  put(key: string, bytes: Uint8Array): void {
    const versions = this.objects.get(key) ?? [];
    this.objects.set(key, [...versions, { versionId: `v${++this.#versions}`, bytes }]);
  }

  /** The bytes of all versions of all objects. */
  allBytes(): Uint8Array[] {
    return [...this.objects.values()].flat().map(({ bytes }) => bytes);
  }

  async #call<T>(act: () => T): Promise<T> {
    this.calls++;
    await Promise.resolve();
    if (this.callsLeft <= 0) throw new Killed();
    if (--this.callsLeft > 0) return act();
    if (this.isKilledAfter) act();
    throw new Killed();
  }

  readonly #persons: Persons = {
    find: (personId) => this.#call(() => this.records.get(personId)),
    put: (record) =>
      this.#call(() => {
        if ((this.records.get(record.personId)?.version ?? 0) !== record.version - 1) return false;
        this.records.set(record.personId, record);
        return true;
      }),
    list: () => this.#call(() => [...this.records.values()]),
  };

  readonly #collection: FaceCollection = {
    facesOf: (ids) =>
      this.#call(() =>
        this.faces.filter(
          ({ userId, externalImageId }) => ids.has(userId ?? "") || ids.has(externalImageId ?? ""),
        ),
      ),
    usersOf: (ids) => this.#call(() => [...this.users].filter((id) => ids.has(id))),
    disassociate: (userId, faceIds) =>
      this.#call(() => {
        this.faces = this.faces.map((face) =>
          face.userId === userId && faceIds.includes(face.faceId) ? { ...face, userId: undefined } : face,
        );
      }),
    deleteUser: (userId) =>
      this.#call(() => {
        this.faces = this.faces.map((face) =>
          face.userId === userId ? { ...face, userId: undefined } : face,
        );
        return this.users.delete(userId);
      }),
    deleteFaces: (faceIds) =>
      this.#call(() => {
        const kept = this.faces.filter(
          ({ faceId, userId }) => !faceIds.includes(faceId) || userId !== undefined,
        );
        const left = kept.find(({ faceId }) => faceIds.includes(faceId));
        this.faces = kept;
        if (left) throw new Error(`${left.faceId}: ASSOCIATED_TO_AN_EXISTING_USER`);
      }),
  };

  readonly files: FaceFiles = {
    versions: (prefix, after = "") => this.#pages(prefix, after),
    open: async (version) => bufferOf(await this.#bytesOf(version)),
    readVersion: (version) => this.#bytesOf(version),
    read: (key) => this.#call(() => this.objects.get(key)!.at(-1)!.bytes),
    write: (key, bytes) => this.#call(() => this.put(key, bytes)),
    remove: async (versions) => {
      // One at a time: a run may be killed between two.
      for (const { key, versionId } of versions)
        await this.#call(() => {
          const left = (this.objects.get(key) ?? []).filter((one) => one.versionId !== versionId);
          if (left.length === 0) this.objects.delete(key);
          else this.objects.set(key, left);
        });
    },
  };

  #bytesOf({ key, versionId }: ObjectVersion): Promise<Uint8Array> {
    return this.#call(() => {
      const found = this.objects.get(key)?.find((one) => one.versionId === versionId);
      if (!found) throw new Error(`there is no version ${versionId} of ${key}`);
      return found.bytes;
    });
  }

  async *#pages(prefix: string, after: string): AsyncGenerator<ObjectVersion[]> {
    const keys = [...this.objects.keys()].filter((key) => key.startsWith(prefix) && key > after).toSorted();
    // Two keys a page.
    for (let at = 0; at < keys.length; at += 2)
      yield await this.#call(() =>
        keys.slice(at, at + 2).flatMap((key) =>
          (this.objects.get(key) ?? [])
            .map(({ versionId, bytes }, index, all) => ({
              key,
              versionId,
              isLatest: index === all.length - 1,
              sizeBytes: bytes.length,
            }))
            .toReversed(),
        ),
      );
  }

  parts(more: Partial<ForgetParts> = {}): ForgetParts {
    return {
      now: () => this.clock.now(),
      sleep: (ms) => this.#call(() => this.clock.turn(ms)),
      persons: this.#persons,
      collection: this.#collection,
      files: this.files,
      settleMs: 3000,
      ...more,
    };
  }
}
