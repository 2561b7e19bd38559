import { systemClock } from "../../base/clock.ts";
import { compareKeys } from "./key-order.ts";
import type { ObjectStorage, S3Store, SetAside, StoredObject } from "./object-files.ts";
import type { VersionFiles, VersioningStatus } from "./version-files.ts";
import { newVersionId, NULL_VERSION } from "./version-id.ts";

const sequenceOf = ({ sequence = 0 }: StoredObject): number => sequence;
const isNull = ({ versionId }: StoredObject): boolean => versionId === undefined;
export const idOf = ({ versionId = NULL_VERSION }: StoredObject): string => versionId;

type Objects = Map<string, StoredObject>;

/**
 * The versions of all objects. The current version of an object is what fauxqs keeps, in memory and in files; former ones
 * and delete markers are kept here. The newest version of a key is its current one, unless it is a delete marker.
 *
 * A write keeps the former version first, then does what makes the change, then removes what is no longer needed. So after
 * a kill at any instant the newest version that was written decides, and `load` completes the rest.
 */
export class ObjectVersions {
  readonly #current: ReadonlyMap<string, Objects>;
  readonly #store: S3Store;
  readonly #files: VersionFiles;
  /** How the current version of an object is stored, deleted and read. */
  readonly #objects: Pick<ObjectStorage, "upsertObject" | "deleteObject" | "readBody">;
  readonly #statuses = new Map<string, VersioningStatus>();
  /** By bucket and key: former versions and delete markers, newest first. */
  readonly #former = new Map<string, Map<string, StoredObject[]>>();
  readonly #sortedKeys = new Map<string, string[]>();
  #sequence = 0;

  /**
   * Has fauxqs keep versions.
   * @param objects its storage of objects, each of which is stored and deleted whole
   * @param setAside called with each file that can't be read when it loads
   */
  constructor(
    store: S3Store,
    objects: ObjectStorage,
    files: VersionFiles,
    setAside: (broken: SetAside) => void,
  ) {
    this.#store = store;
    this.#current = (store as unknown as { buckets: Map<string, Objects> }).buckets;
    this.#files = files;
    this.#objects = {
      upsertObject: objects.upsertObject.bind(objects),
      deleteObject: objects.deleteObject.bind(objects),
      readBody: objects.readBody.bind(objects),
    };
    const loadObjects = objects.loadObjects.bind(objects);
    objects.loadObjects = (into) => {
      loadObjects(into);
      for (const bucket of this.#current.keys()) this.#load(bucket, setAside);
    };
    objects.upsertObject = (bucket, object) => this.#put(bucket, object);
    store.deleteObject = (bucket, key) => void this.delete(bucket, key);
    const deleteBucket = store.deleteBucket.bind(store);
    store.deleteBucket = (bucket) => {
      deleteBucket(bucket);
      for (const byBucket of [this.#statuses, this.#former, this.#sortedKeys]) byBucket.delete(bucket);
    };
  }

  /** Whether a bucket has former versions or delete markers. */
  hasFormer(bucket: string): boolean {
    return (this.#former.get(bucket)?.size ?? 0) > 0;
  }

  status(bucket: string): VersioningStatus | undefined {
    return this.#statuses.get(bucket);
  }

  setStatus(bucket: string, status: VersioningStatus): void {
    this.#files.writeStatus(bucket, status);
    this.#statuses.set(bucket, status);
  }

  current(bucket: string, key: string): StoredObject | undefined {
    return this.#current.get(bucket)?.get(key);
  }

  /** All versions of a key, delete markers included, newest first. */
  of(bucket: string, key: string): readonly StoredObject[] {
    const current = this.current(bucket, key);
    const former = this.#formerOf(bucket, key);
    return current ? [current, ...former] : former;
  }

  find(bucket: string, key: string, versionId: string): StoredObject | undefined {
    return this.of(bucket, key).find((version) => idOf(version) === versionId);
  }

  readBody(bucket: string, version: StoredObject): Buffer {
    return version === this.current(bucket, version.key)
      ? this.#objects.readBody(bucket, version.key)
      : this.#files.readBody(bucket, version);
  }

  /** The keys of a bucket in S3's order: of all that it has, and of some that it has no longer. */
  sortedKeys(bucket: string): readonly string[] {
    let keys = this.#sortedKeys.get(bucket);
    if (!keys) {
      const all = new Set([
        ...this.#current.get(bucket)!.keys(),
        ...(this.#former.get(bucket)?.keys() ?? []),
      ]);
      keys = [...all].toSorted(compareKeys);
      this.#sortedKeys.set(bucket, keys);
    }
    return keys;
  }

  /** Deletes an object: for good without versioning, otherwise by a delete marker, which is returned. */
  delete(bucket: string, key: string): StoredObject | undefined {
    const objects = this.#current.get(bucket)!;
    const status = this.status(bucket);
    const current = objects.get(key);
    if (status === undefined) {
      if (current) this.#removeCurrent(bucket, key);
      return undefined;
    }
    const sequence = ++this.#sequence;
    const marker: StoredObject = {
      key,
      sequence,
      ...(status === "Enabled" && { versionId: newVersionId(sequence) }),
      isDeleteMarker: true,
      lastModified: new Date(systemClock.now()),
      body: Buffer.alloc(0),
      contentLength: 0,
      contentType: "",
      etag: "",
      metadata: {},
    };
    this.#replace(bucket, marker, () => {
      this.#files.write(bucket, marker);
      this.#addFormer(bucket, marker);
      if (current) this.#removeCurrent(bucket, key);
    });
    return marker;
  }

  /** Deletes a version for good, if it exists; the newest one that is left is the object's current version. */
  deleteVersion(bucket: string, key: string, versionId: string): StoredObject | undefined {
    const version = this.find(bucket, key, versionId);
    if (!version) return undefined;
    if (version === this.current(bucket, key)) this.#removeCurrent(bucket, key);
    else this.#removeFormer(bucket, version);
    this.#promote(bucket, key);
    return version;
  }

  #put(bucket: string, object: StoredObject): void {
    const status = this.status(bucket);
    if (!this.#current.get(bucket)!.has(object.key)) this.#sortedKeys.delete(bucket);
    if (status === undefined) return this.#objects.upsertObject(bucket, object);
    object.sequence = ++this.#sequence;
    if (status === "Enabled") object.versionId = newVersionId(object.sequence);
    this.#replace(bucket, object, () => this.#objects.upsertObject(bucket, object));
  }

  /** Makes a version the newest of its key. The null version is replaced by a new one, all others are kept. */
  #replace(bucket: string, newest: StoredObject, write: () => void): void {
    const current = this.current(bucket, newest.key);
    const isKept = current && !(isNull(current) && isNull(newest));
    if (isKept) this.#files.keep(bucket, current);
    try {
      write();
    } catch (error) {
      if (isKept) this.#files.remove(bucket, current);
      throw error;
    }
    if (isKept) this.#addFormer(bucket, current);
    this.#dropOlderNulls(bucket, newest);
  }

  #dropOlderNulls(bucket: string, newest: StoredObject): void {
    if (!isNull(newest)) return;
    const older = this.#formerOf(bucket, newest.key).filter((one) => isNull(one) && one !== newest);
    for (const one of older) this.#removeFormer(bucket, one);
  }

  /** Makes the newest former version current, if there is no current one and the newest is no delete marker. */
  #promote(bucket: string, key: string): void {
    const [newest] = this.#formerOf(bucket, key);
    if (!newest || newest.isDeleteMarker || this.current(bucket, key)) return;
    this.#objects.upsertObject(bucket, { ...newest, body: this.#files.readBody(bucket, newest) });
    this.#store.restoreObject(bucket, newest);
    this.#removeFormer(bucket, newest);
  }

  #load(bucket: string, setAside: (broken: SetAside) => void): void {
    const status = this.#files.status(bucket);
    if (status) this.#statuses.set(bucket, status);
    const versions = this.#files.load(bucket, setAside);
    for (const version of versions) this.#addFormer(bucket, version);
    for (const version of [...versions, ...this.#current.get(bucket)!.values()])
      this.#sequence = Math.max(this.#sequence, sequenceOf(version));
    for (const key of new Set(versions.map((version) => version.key))) this.#complete(bucket, key);
  }

  /** Completes a write or a delete of a key that a kill interrupted. */
  #complete(bucket: string, key: string): void {
    const current = this.current(bucket, key);
    const [newest] = this.#formerOf(bucket, key);
    if (current && newest) {
      const copy = this.#formerOf(bucket, key).find((one) => sequenceOf(one) === sequenceOf(current));
      if (sequenceOf(newest) > sequenceOf(current)) {
        if (!copy && !(isNull(current) && isNull(newest))) {
          this.#files.keep(bucket, current);
          this.#addFormer(bucket, current);
        }
        this.#removeCurrent(bucket, key);
      } else if (copy) this.#removeFormer(bucket, copy);
    }
    const newestNull = this.of(bucket, key).find(isNull);
    if (newestNull) this.#dropOlderNulls(bucket, newestNull);
    this.#promote(bucket, key);
  }

  #removeCurrent(bucket: string, key: string): void {
    this.#objects.deleteObject(bucket, key);
    this.#current.get(bucket)!.delete(key);
  }

  #formerOf(bucket: string, key: string): readonly StoredObject[] {
    return this.#former.get(bucket)?.get(key) ?? [];
  }

  #addFormer(bucket: string, version: StoredObject): void {
    let byKey = this.#former.get(bucket);
    if (!byKey) this.#former.set(bucket, (byKey = new Map()));
    if (!byKey.has(version.key) && !this.current(bucket, version.key)) this.#sortedKeys.delete(bucket);
    const versions = [...this.#formerOf(bucket, version.key), version];
    byKey.set(
      version.key,
      versions.toSorted((one, other) => sequenceOf(other) - sequenceOf(one)),
    );
  }

  #removeFormer(bucket: string, version: StoredObject): void {
    this.#files.remove(bucket, version);
    const left = this.#formerOf(bucket, version.key).filter((one) => one !== version);
    if (left.length > 0) this.#former.get(bucket)!.set(version.key, left);
    else this.#former.get(bucket)!.delete(version.key);
  }
}
