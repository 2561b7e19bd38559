import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import type { buildApp } from "fauxqs";
import { errorMessage } from "../../base/errors.ts";
import { BROKEN, FILE_ENDINGS, keyPath, NEW, objectsFolder } from "./object-path.ts";

export type S3Store = NonNullable<
  NonNullable<NonNullable<Parameters<typeof buildApp>[0]>["stores"]>["s3Store"]
>;
type S3Object = ReturnType<S3Store["headObject"]>;

/** An object as it is stored, or a delete marker. */
export interface StoredObject extends S3Object {
  /** Its place in the order of all writes; absent if the bucket had no versioning when it was stored. */
  sequence?: number;
  /** Absent for the null version. */
  versionId?: string;
  isDeleteMarker?: true;
}

/** The part of fauxqs's file storage that is replaced. */
export interface ObjectStorage {
  upsertObject(bucket: string, object: StoredObject): void;
  deleteObject(bucket: string, key: string): void;
  renameObject(bucket: string, from: string, to: string): void;
  readBody(bucket: string, key: string): Buffer;
  loadObjects(store: S3Store): void;
  /** Removes the folders that are empty, up to one that stays. */
  cleanEmptyParents(folder: string, upTo: string): void;
}

/** A file that could not be read, with what was done about it. */
export interface SetAside {
  /** The path in the storage folder. */
  readonly file: string;
  readonly reason: string;
}

/**
 * Has fauxqs store an object so that it is whole or absent after a kill at any instant, under a path of its own, and leave
 * out what can't be read when it loads.
 *
 * An object is two files, and the rename of the first one decides: bytes and metadata are written beside their places, the
 * bytes take theirs, then the metadata. When only the metadata is left to rename, the next start does so.
 * @param storage fauxqs's file storage
 * @param folder its folder
 * @param setAside called with each file that can't be read; its name ends with `.broken` from then on
 */
export function storeWholeObjects(
  storage: ObjectStorage,
  folder: string,
  setAside: (broken: SetAside) => void,
): void {
  const filesOf = (bucket: string, key: string) => filesAt(join(objectsFolder(folder, bucket), keyPath(key)));

  storage.upsertObject = (bucket, object) => {
    const { body, ...meta } = object;
    const { data, meta: metaFile } = filesOf(bucket, object.key);
    mkdirSync(dirname(data), { recursive: true });
    try {
      writeFileSync(data + NEW, body);
      writeFileSync(metaFile + NEW, JSON.stringify(meta));
      renameSync(data + NEW, data);
    } catch (error) {
      removeNew(data, metaFile);
      storage.cleanEmptyParents(dirname(data), objectsFolder(folder, bucket));
      throw error;
    }
    renameSync(metaFile + NEW, metaFile);
  };

  storage.deleteObject = (bucket, key) => {
    const { data, meta } = filesOf(bucket, key);
    rmSync(meta, { force: true });
    rmSync(data, { force: true });
    storage.cleanEmptyParents(dirname(data), objectsFolder(folder, bucket));
  };

  storage.readBody = (bucket, key) => readFileSync(filesOf(bucket, key).data);

  storage.renameObject = (bucket, from, to) => {
    if (from === to) return;
    const object = readObject(filesOf(bucket, from));
    storage.upsertObject(bucket, { ...object, key: to, body: storage.readBody(bucket, from) });
    storage.deleteObject(bucket, from);
  };

  storage.loadObjects = (store) => {
    for (const { name: bucket } of store.listBuckets()) {
      const objects = objectsFolder(folder, bucket);
      if (!existsSync(objects)) continue;
      for (const path of objectsIn(objects))
        try {
          const object = readObject(filesAt(path));
          if (moveFiles(path, join(objects, keyPath(object.key))))
            storage.cleanEmptyParents(dirname(path), objects);
          store.restoreObject(bucket, object);
        } catch (error) {
          setFilesAside(filesAt(path), folder, error, setAside);
        }
    }
  };
}

/** Renames the files of an object that can't be read. */
export function setFilesAside(
  { data, meta }: ObjectFiles,
  folder: string,
  error: unknown,
  setAside: (broken: SetAside) => void,
): void {
  for (const file of [data, meta]) if (existsSync(file)) renameSync(file, file + BROKEN);
  setAside({ file: relative(folder, meta), reason: errorMessage(error) });
}

/**
 * Sets aside the descriptions of buckets and uploads that can't be read. A bucket is described anew; an upload no longer
 * exists, or lacks the part.
 */
export function setBrokenDescriptionsAside(folder: string, setAside: (broken: SetAside) => void): void {
  const check = (file: string): boolean => {
    if (!existsSync(file)) return true;
    try {
      readJson(file);
      return true;
    } catch (error) {
      renameSync(file, file + BROKEN);
      setAside({ file: relative(folder, file), reason: errorMessage(error) });
      return false;
    }
  };
  for (const bucket of foldersIn(join(folder, "buckets"))) {
    const file = join(folder, "buckets", bucket, ".bucket.json");
    if (check(file)) continue;
    const creationDate = statSync(dirname(file)).birthtime.toISOString();
    writeFileSync(file, JSON.stringify({ name: bucket, creationDate, type: "general-purpose" }));
  }
  for (const upload of foldersIn(join(folder, "_multipart"))) {
    const uploadFolder = join(folder, "_multipart", upload);
    check(join(uploadFolder, ".upload.json"));
    const parts = join(uploadFolder, "parts");
    if (!existsSync(parts)) continue;
    for (const name of readdirSync(parts)) if (name.endsWith(FILE_ENDINGS.meta)) check(join(parts, name));
  }
}

export interface ObjectFiles {
  readonly data: string;
  readonly meta: string;
}

export const filesAt = (path: string): ObjectFiles => ({
  data: path + FILE_ENDINGS.data,
  meta: path + FILE_ENDINGS.meta,
});

/** The order matters: metadata alone counts as an object whose bytes are in place. */
function removeNew(data: string, meta: string): void {
  rmSync(meta + NEW, { force: true });
  rmSync(data + NEW, { force: true });
}

/** The paths of the objects in a folder, without the endings, after what a kill interrupted is completed or removed. */
function objectsIn(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true });
  const below = entries
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => objectsIn(join(folder, name)));
  const withEnding = (ending: string): string[] =>
    entries
      .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
      .map(({ name }) => join(folder, name.slice(0, -ending.length)));
  // A delete removes the metadata first: bytes alone are those of an object that was being deleted.
  for (const path of withEnding(FILE_ENDINGS.data)) {
    const { data, meta } = filesAt(path);
    if (!existsSync(meta) && !existsSync(meta + NEW)) rmSync(data);
  }
  const interrupted = Object.values(FILE_ENDINGS).flatMap((ending) => withEnding(ending + NEW));
  const completed = interrupted.filter((path) => {
    const { data, meta } = filesAt(path);
    if (existsSync(data + NEW)) removeNew(data, meta);
    if (!existsSync(meta + NEW)) return false;
    renameSync(meta + NEW, meta);
    return true;
  });
  return [...new Set([...below, ...withEnding(FILE_ENDINGS.meta), ...completed])];
}

/**
 * An object without its bytes, which are read when they are requested.
 * @throws Error that says what is wrong with its files
 */
export function readObject({ data, meta }: ObjectFiles): StoredObject {
  const read = readJson(meta) as Omit<StoredObject, "lastModified" | "body"> & { lastModified: string };
  if (typeof read.key !== "string" || typeof read.etag !== "string")
    throw new Error("it has no key or no etag");
  if (read.isDeleteMarker)
    return { ...read, lastModified: new Date(read.lastModified), body: Buffer.alloc(0) };
  if (!existsSync(data)) throw new Error("the object has no bytes");
  const { size } = statSync(data);
  if (size !== read.contentLength)
    throw new Error(`the object has ${size} bytes instead of ${String(read.contentLength)}`);
  return { ...read, lastModified: new Date(read.lastModified), body: Buffer.alloc(0) };
}

function readJson(file: string): object {
  const text = readFileSync(file, "utf8");
  if (text === "") throw new Error("it is empty");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error("it is not JSON");
  }
  if (typeof value !== "object" || value === null) throw new Error("it is not a JSON object");
  return value;
}

/** Moves an object to its own path: earlier versions stored some keys under that of another one. */
function moveFiles(from: string, to: string): boolean {
  if (from === to) return false;
  const [old, own] = [filesAt(from), filesAt(to)];
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(old.meta, own.meta + NEW);
  renameSync(old.data, own.data);
  renameSync(own.meta + NEW, own.meta);
  rmSync(old.meta);
  return true;
}

const foldersIn = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => name)
    : [];
