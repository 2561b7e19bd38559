import { createWriteStream } from "node:fs";
import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Mutex } from "../../../base/mutex.ts";
import { connectDuckDb, quoteString } from "../../duckdb.ts";
import { duckDbType, type ColumnField } from "../../glue/column-type.ts";

export interface ParquetOptions {
  readonly compression: "SNAPPY" | "GZIP" | "UNCOMPRESSED";
  readonly writerVersion: "V1" | "V2";
  /** Maximum size of a row group, before compression. */
  readonly blockSizeBytes: number;
  readonly isDictionaryEncoded: boolean;
}

/** DuckDB's row groups are whole vectors, by default of at most this many rows. */
const VECTOR_ROWS = 2_048;
const MAX_ROW_GROUP_ROWS = 122_880;

/**
 * The number of rows of a row group within a block, estimated by the length of their JSON, which is above that of their
 * columns. Groups are smaller than those of AWS, which fills its blocks: readers can skip more of them.
 */
export function rowGroupRows(rows: readonly string[], blockSizeBytes: number): number {
  const meanBytes = rows.reduce((sum, { length }) => sum + length, 0) / Math.max(rows.length, 1);
  const vectors = Math.floor(blockSizeBytes / Math.max(meanBytes, 1) / VECTOR_ROWS);
  return Math.min(Math.max(vectors, 1) * VECTOR_ROWS, MAX_ROW_GROUP_ROWS);
}

/** Maximum length of one row's JSON; a record has at most 1,000 KiB before the Lambda processor and 6 MB after it. */
const MAX_ROW_BYTES = 64 * 1024 * 1024;

/** One file is written at a time, so that hundreds of partitions due at once stay within DuckDB's memory. */
const writing = new Mutex();

/**
 * Writes rows as one Parquet file with exactly these columns.
 * @param rows the JSON of `rowOf`, one text per row
 * @param folder for two temporary files; created when missing, removed afterwards
 */
export const parquetOf = (
  rows: readonly string[],
  columns: readonly ColumnField[],
  options: ParquetOptions,
  folder: string,
): Promise<Buffer> => writing.run(() => writeParquet(rows, columns, options, folder));

async function writeParquet(
  rows: readonly string[],
  columns: readonly ColumnField[],
  options: ParquetOptions,
  folder: string,
): Promise<Buffer> {
  const jsonFile = join(folder, "rows.json");
  const parquetFile = join(folder, "rows.parquet");
  // DuckDB writes TIMESTAMP_MS as INT64 TIMESTAMP_MILLIS, not adjusted to UTC: the milliseconds that Athena engine v3
  // keeps, where it would round microseconds. AWS itself writes INT96 (unconfirmed), which DuckDB does not.
  const types = columns
    .map(({ name, type }) => `${quoteString(name)}: ${quoteString(duckDbType(type, "TIMESTAMP_MS"))}`)
    .join(", ");
  await mkdir(folder, { recursive: true });
  try {
    await pipeline(Readable.from(lines(rows)), createWriteStream(jsonFile));
    const connection = await connectDuckDb();
    try {
      await connection.run(
        `COPY (SELECT * FROM read_json(${quoteString(jsonFile)}, format = 'newline_delimited', auto_detect = false,
           compression = 'uncompressed', maximum_object_size = ${MAX_ROW_BYTES}, columns = {${types}}))
         TO ${quoteString(parquetFile)}
         (FORMAT parquet, COMPRESSION ${options.compression}, PARQUET_VERSION ${options.writerVersion},
           ROW_GROUP_SIZE ${rowGroupRows(rows, options.blockSizeBytes)}
           ${options.isDictionaryEncoded ? "" : ", DICTIONARY_SIZE_LIMIT 1"})`,
      );
    } finally {
      connection.closeSync();
    }
    return await readFile(parquetFile);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function* lines(rows: Iterable<string>): Generator<string> {
  for (const row of rows) yield `${row}\n`;
}
