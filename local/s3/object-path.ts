import { join } from "node:path";

/** The folder in which fauxqs stores objects as files. */
export const storageFolder = (dataFolder: string): string => join(dataFolder, "s3");

const UNSAFE = '<>:"|?*\\%';

/**
 * The file with an object's bytes, for readers that need a path (DuckDB).
 * Follows fauxqs's layout: `buckets/<bucket>/objects/<key>.data`, unsafe and control characters percent-encoded.
 */
export function objectPath(dataFolder: string, bucket: string, key: string): string {
  const encoded = Array.from(key)
    .map((one) => (UNSAFE.includes(one) || one < " " ? percentEncode(one) : one))
    .join("");
  return `${join(storageFolder(dataFolder), "buckets", bucket, "objects", ...encoded.split("/"))}.data`;
}

const percentEncode = (character: string): string =>
  `%${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
