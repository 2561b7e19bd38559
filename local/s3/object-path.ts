import { createHash } from "node:crypto";
import { join } from "node:path";

/** The folder in which objects are stored as files. */
export const storageFolder = (dataFolder: string): string => join(dataFolder, "s3");

/** The file with an object's bytes, for readers that need a path (DuckDB). */
export const objectPath = (dataFolder: string, bucket: string, key: string): string =>
  join(objectsFolder(storageFolder(dataFolder), bucket), keyPath(key) + FILE_ENDINGS.data);

export const objectsFolder = (storage: string, bucket: string): string =>
  join(storage, "buckets", bucket, "objects");

/** The folder of a bucket's former versions and delete markers, beside that of its objects, where no reader of the lake looks. */
export const versionsFolder = (storage: string, bucket: string): string =>
  join(storage, "buckets", bucket, "versions");

/** What the names of an object's files end with. */
export const FILE_ENDINGS = { data: ".data", meta: ".meta.json" } as const;

/** The ending of a file that is written, before it takes its place. */
export const NEW = ".new";
/** The ending of a file that could not be read when the cloud started. */
export const BROKEN = ".broken";

const UNSAFE = '<>:"|?*\\%';
const FILE_ENDING = /\.(?=(?:data|meta\.json|new|broken)$)/;
/** Bytes of a name; file systems allow 255, with the endings. */
const MAX_NAME_BYTES = 200;

/**
 * The path of an object's files in its bucket's folder, without their endings; no two keys have the same, and none lies
 * below another's file. The parts of the key are folders, with unsafe and control characters percent-encoded. An empty part
 * is `%`, a folder never ends like a file, and a part that is too long for a file system is `%~` and its SHA-256.
 */
export function keyPath(key: string): string {
  const parts = key.split("/").map(safeName);
  const file = parts.pop()!;
  return [...parts.map((folder) => folder.replace(FILE_ENDING, "%2e")), file].join("/");
}

function safeName(part: string): string {
  if (part === "") return "%";
  const encoded = Array.from(part, (one) =>
    UNSAFE.includes(one) || one < " " ? percentEncode(one) : one,
  ).join("");
  if (Buffer.byteLength(encoded) <= MAX_NAME_BYTES) return encoded;
  return `%~${createHash("sha256").update(part).digest("hex")}`;
}

const percentEncode = (character: string): string =>
  `%${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
