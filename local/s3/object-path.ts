import { join } from "node:path";

/** Folder under the data folder in which fauxqs keeps objects as files. */
export const storageFolder = (dataFolder: string): string => join(dataFolder, "s3");

/**
 * The file in which an object's bytes lie, for readers that want a path (DuckDB).
 * Follows fauxqs's layout: `buckets/<bucket>/objects/<key>.data`, unsafe characters percent-encoded.
 */
export function objectPath(dataFolder: string, bucket: string, key: string): string {
  // oxlint-disable-next-line no-control-regex -- the control characters are what must be encoded
  const encoded = key.replaceAll(
    /[<>:"|?*\\%\x00-\x1f]/g,
    (character) => `%${character.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
  return `${join(storageFolder(dataFolder), "buckets", bucket, "objects", ...encoded.split("/"))}.data`;
}
