import { open } from "node:fs/promises";
import { duckDbMessage } from "../engine/duckdb-error.ts";
import type { LakeDuckDb } from "../engine/lake-duckdb.ts";
import { QueryError } from "../errors.ts";
import { s3Uri } from "../s3-uri.ts";
import type { LakeTable } from "./catalog.ts";
import type { LakeFile } from "./files.ts";
import { readFooters } from "./footers.ts";

/** The physical types of Parquet that are readable as a DuckDB type; `group` for nested types. */
const READABLE: readonly (readonly [duckDb: RegExp, parquet: readonly string[]])[] = [
  [/\[\]$|^MAP\(|^STRUCT\(/, ["group"]],
  [/^VARCHAR|^BLOB/, ["BYTE_ARRAY", "FIXED_LEN_BYTE_ARRAY"]],
  [/^BOOLEAN/, ["BOOLEAN"]],
  [/^BIGINT/, ["INT32", "INT64"]],
  [/^INTEGER|^SMALLINT|^TINYINT|^DATE/, ["INT32"]],
  [/^DOUBLE/, ["FLOAT", "DOUBLE"]],
  [/^FLOAT/, ["FLOAT"]],
  [/^TIMESTAMP/, ["INT64", "INT96"]],
  [/^DECIMAL/, ["INT32", "INT64", "BYTE_ARRAY", "FIXED_LEN_BYTE_ARRAY"]],
];

/**
 * Checks that files are Parquet and that the columns to read have types that are compatible with those of the table
 * (observed: HIVE_BAD_DATA errors).
 * @param files by path on disk
 * @param lake that the files are in
 * @throws QueryError that names the object
 */
export async function checkFiles(
  table: LakeTable,
  files: ReadonlyMap<string, LakeFile>,
  columns: ReadonlySet<string>,
  lake: LakeDuckDb,
): Promise<void> {
  if (files.size === 0) return;
  let columnsOf: Awaited<ReturnType<typeof readFooters>>;
  try {
    columnsOf = await readFooters(files, lake);
  } catch (error) {
    const message = duckDbMessage(error);
    const [path, file] = [...files].find(([one]) => message.includes(`'${one}'`)) ?? [];
    if (path === undefined || !file) throw error;
    throw malformed(s3Uri(file), await readTail(path, file.sizeBytes));
  }
  for (const [path, file] of files)
    for (const { name, type } of columnsOf.get(path) ?? []) {
      const column = table.columns.find((one) => one.name === name.toLowerCase() && columns.has(one.name));
      const readable = column && READABLE.find(([pattern]) => pattern.test(column.duckDb))?.[1];
      if (readable && !readable.includes(type))
        throw new QueryError(
          `HIVE_BAD_DATA: Field ${name}'s type ${type} in parquet file ${s3Uri(file)} is incompatible ` +
            `with type ${column.type} defined in table schema`,
        );
    }
}

const MAGIC = "PAR1";
/** The length of the footer and the magic number, at the end of a file. */
const TAIL_BYTES = 8;

/** The error of Trino's reader for a file that is not Parquet, or incomplete (observed; the second is unconfirmed). */
function malformed(uri: string, tail: string): QueryError {
  const what =
    tail.length < TAIL_BYTES
      ? `${uri} is not a valid Parquet File`
      : tail.endsWith(MAGIC)
        ? "Its footer cannot be read"
        : `Expected magic number: ${MAGIC} got: ${tail.slice(-MAGIC.length)}`;
  return new QueryError(`HIVE_BAD_DATA: Malformed Parquet file. ${what} [${uri}]`);
}

async function readTail(path: string, sizeBytes: number): Promise<string> {
  const file = await open(path);
  try {
    const position = Math.max(0, sizeBytes - TAIL_BYTES);
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(TAIL_BYTES), position });
    return buffer.toString("latin1", 0, bytesRead);
  } finally {
    await file.close();
  }
}
