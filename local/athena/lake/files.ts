import { paginateListObjectsV2, type S3Client } from "@aws-sdk/client-s3";
import { projects } from "../../glue/projection/projection.ts";
import { QueryError } from "../errors.ts";
import { parseS3Uri, s3Uri } from "../s3-uri.ts";
import type { LakeTable } from "./catalog.ts";

/** A file of a table. */
export interface LakeFile {
  readonly bucket: string;
  readonly key: string;
  readonly sizeBytes: number;
  /** Changes with the content. */
  readonly etag: string;
  /** Values of the partition columns, in the order of the columns. */
  readonly partition: readonly string[];
}

const MAX_LISTED_OBJECTS = 1_000_000;

/**
 * Lists the files of a table: the objects in its location, in the partitions of its projection. Objects that are empty or
 * whose names start with `_` or `.` are not data (documented: Athena guide, "Create tables", hidden files).
 * @throws QueryError when the client may not list the location
 */
export async function listFiles(
  s3: S3Client,
  table: LakeTable,
  nowMs: number,
  signal: AbortSignal,
): Promise<LakeFile[]> {
  if (table.partitionKeys.length > 0 && !table.projection) return []; // partitions are not registered
  const location = locate(table);
  const uri = s3Uri({ bucket: location.bucket, key: location.prefix });
  const files: LakeFile[] = [];
  let listed = 0;
  try {
    const request = { Bucket: location.bucket, Prefix: location.prefix };
    for await (const page of paginateListObjectsV2({ client: s3 }, request, { abortSignal: signal })) {
      for (const { Key = "", Size = 0, ETag = "" } of page.Contents ?? []) {
        if (++listed > MAX_LISTED_OBJECTS)
          throw new QueryError(`${uri} has more than ${MAX_LISTED_OBJECTS} objects`);
        const partition = Size === 0 ? undefined : location.partitionOf(Key);
        const isProjected = partition?.every((value, index) => {
          const column = table.projection?.columns.get(table.partitionKeys[index]!.name);
          return column !== undefined && projects(column, value, nowMs);
        });
        if (partition && isProjected)
          files.push({ bucket: location.bucket, key: Key, sizeBytes: Size, etag: ETag, partition });
      }
    }
  } catch (error) {
    const name = error instanceof Error ? error.name : "";
    if (name === "AccessDenied" || name === "AccessDeniedException")
      throw new QueryError(`Permission denied on S3 path: ${uri}`);
    if (name === "NoSuchBucket")
      throw new QueryError(
        `HIVE_METASTORE_ERROR: the bucket ${location.bucket} of table ${table.database}.${table.name} does not exist`,
      );
    throw error;
  }
  return files;
}

interface Location {
  readonly bucket: string;
  /** The start of all keys of the table. */
  readonly prefix: string;
  /** Values of the partition columns in a key, in the order of the columns; undefined for a key that is not data. */
  partitionOf(key: string): string[] | undefined;
}

/** The location of a table's files, by its projection template or its own location. */
function locate({
  bucket,
  prefix,
  partitionKeys,
  projection,
}: Pick<LakeTable, "bucket" | "prefix" | "partitionKeys" | "projection">): Location {
  const names = partitionKeys.map(({ name }) => name);
  const template =
    projection?.template ?? `s3://${bucket}/${prefix}${names.map((name) => `${name}=\${${name}}/`).join("")}`;
  const { bucket: templateBucket, key: path } = parseS3Uri(template)!;
  const placeholders: string[] = [];
  const pattern = path.split(/\$\{([^}]*)\}/).map((part, index) => {
    if (index % 2 === 0) return RegExp.escape(part);
    const seen = placeholders.indexOf(part);
    if (seen >= 0) return `\\${seen + 1}`;
    placeholders.push(part);
    return "([^/]*)";
  });
  const reader = new RegExp(`^${pattern.join("")}(?:(?![_.])[^/]+/)*(?![_.])[^/]+$`, "s");
  const order = names.map((name) => placeholders.indexOf(name) + 1);
  return {
    bucket: templateBucket,
    prefix: path.split("${")[0]!,
    partitionOf: (key) => {
      const match = reader.exec(key);
      return match ? order.map((group) => match[group]!) : undefined;
    },
  };
}
