import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import {
  filesAt,
  readObject,
  setFilesAside,
  type ObjectFiles,
  type SetAside,
  type StoredObject,
} from "./object-files.ts";
import { FILE_ENDINGS, keyPath, NEW, objectsFolder, versionsFolder } from "./object-path.ts";

/** Whether versions of a bucket's objects are kept. */
export type VersioningStatus = "Enabled" | "Suspended";

/**
 * The files of former versions and delete markers, in a folder beside the bucket's objects. The rename of the metadata
 * decides whether a version exists: it comes after the bytes when one is written, and first when one is removed.
 */
export class VersionFiles {
  readonly #storage: string;

  constructor(storage: string) {
    this.#storage = storage;
  }

  /** Keeps the current version of an object as a former one; its own files stay as they are. */
  keep(bucket: string, object: StoredObject): void {
    const { data } = this.#filesOf(bucket, object);
    const current = join(objectsFolder(this.#storage, bucket), keyPath(object.key) + FILE_ENDINGS.data);
    mkdirSync(versionsFolder(this.#storage, bucket), { recursive: true });
    rmSync(data, { force: true });
    linkOrCopy(current, data);
    this.write(bucket, object);
  }

  /** Writes the metadata of a version whose bytes are in place, or of a delete marker. */
  write(bucket: string, version: StoredObject): void {
    const file = this.#filesOf(bucket, version).meta;
    mkdirSync(versionsFolder(this.#storage, bucket), { recursive: true });
    writeFileSync(file + NEW, JSON.stringify({ ...version, body: undefined }));
    renameSync(file + NEW, file);
  }

  remove(bucket: string, version: StoredObject): void {
    const { data, meta } = this.#filesOf(bucket, version);
    rmSync(meta, { force: true });
    rmSync(data, { force: true });
  }

  readBody = (bucket: string, version: StoredObject): Buffer =>
    readFileSync(this.#filesOf(bucket, version).data);

  /**
   * All versions in a bucket's folder, after what a kill interrupted is removed.
   * @param setAside called with each file that can't be read
   */
  load(bucket: string, setAside: (broken: SetAside) => void): StoredObject[] {
    const folder = versionsFolder(this.#storage, bucket);
    if (!existsSync(folder)) return [];
    const names = new Set(readdirSync(folder));
    const versions: StoredObject[] = [];
    for (const name of names) {
      const path = join(folder, name);
      if (name.endsWith(NEW)) rmSync(path);
      else if (name.endsWith(FILE_ENDINGS.data)) {
        const meta = name.slice(0, -FILE_ENDINGS.data.length) + FILE_ENDINGS.meta;
        if (!names.has(meta)) rmSync(path);
      } else if (name.endsWith(FILE_ENDINGS.meta)) {
        const files = filesAt(path.slice(0, -FILE_ENDINGS.meta.length));
        try {
          versions.push(readObject(files));
        } catch (error) {
          setFilesAside(files, this.#storage, error, setAside);
        }
      }
    }
    return versions;
  }

  status(bucket: string): VersioningStatus | undefined {
    const file = this.#statusFile(bucket);
    if (!existsSync(file)) return undefined;
    return readFileSync(file, "utf8") === "Suspended" ? "Suspended" : "Enabled";
  }

  writeStatus(bucket: string, status: VersioningStatus): void {
    const file = this.#statusFile(bucket);
    writeFileSync(file + NEW, status);
    renameSync(file + NEW, file);
  }

  #statusFile = (bucket: string): string => join(this.#storage, "buckets", bucket, ".versioning");

  /** A key and a place in the order of writes have one version. */
  #filesOf(bucket: string, { key, sequence = 0 }: Pick<StoredObject, "key" | "sequence">): ObjectFiles {
    const name = `${createHash("sha256").update(key).digest("hex").slice(0, 32)}-${sequence}`;
    return filesAt(join(versionsFolder(this.#storage, bucket), name));
  }
}

/** A second name for the same bytes, which nothing changes in place; a copy where the file system has no links. */
function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}
