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

/** The rows that are in the temporary file of their JSON. */
interface Written {
  readonly rows: number;
  readonly sizeBytes: number;
  readonly longestBytes: number;
}

/**
 * The number of rows of a row group within a block, estimated by the length of their JSON, which is above that of their
 * columns. Groups are smaller than those of AWS, which fills its blocks: readers can skip more of them.
 */
export function rowGroupRows(
  { rows, sizeBytes }: Pick<Written, "rows" | "sizeBytes">,
  blockSizeBytes: number,
): number {
  const meanBytes = sizeBytes / Math.max(rows, 1);
  const vectors = Math.floor(blockSizeBytes / Math.max(meanBytes, 1) / VECTOR_ROWS);
  return Math.min(Math.max(vectors, 1) * VECTOR_ROWS, MAX_ROW_GROUP_ROWS);
}

/** DuckDB reads JSON into buffers of twice its `maximum_object_size`, one or more per thread. */
const MIN_ROW_BYTES = 1024 * 1024;
/** Rows are written to the temporary file in blocks of about this size. */
const BLOCK_LENGTH = 64 * 1024;

/** One file is written at a time, so that hundreds of partitions due at once stay within DuckDB's memory. */
const writing = new Mutex();

/**
 * Writes rows as one Parquet file with exactly these columns.
 * @param rows the JSON of `rowOf`, one text per row; read once, so that they need not be in memory together
 * @param folder for two temporary files; created when missing, removed afterwards
 * @returns undefined if there are no rows
 */
export const parquetOf = (
  rows: Iterable<string>,
  columns: readonly ColumnField[],
  options: ParquetOptions,
  folder: string,
): Promise<Buffer | undefined> => writing.run(() => writeParquet(rows, columns, options, folder));

async function writeParquet(
  rows: Iterable<string>,
  columns: readonly ColumnField[],
  options: ParquetOptions,
  folder: string,
): Promise<Buffer | undefined> {
  const jsonFile = join(folder, "rows.json");
  const parquetFile = join(folder, "rows.parquet");
  // DuckDB writes TIMESTAMP_MS as INT64 TIMESTAMP_MILLIS, not adjusted to UTC: the milliseconds that Athena engine v3
  // keeps, where it would round microseconds. AWS itself writes INT96 (unconfirmed), which DuckDB does not.
  const types = columns
    .map(({ name, type }) => `${quoteString(name)}: ${quoteString(duckDbType(type, "TIMESTAMP_MS"))}`)
    .join(", ");
  await mkdir(folder, { recursive: true });
  try {
    const written = await writeLines(rows, jsonFile);
    if (written.rows === 0) return undefined;
    const connection = await connectDuckDb();
    try {
      await connection.run(
        `COPY (SELECT * FROM read_json(${quoteString(jsonFile)}, format = 'newline_delimited', auto_detect = false,
           compression = 'uncompressed', maximum_object_size = ${Math.max(written.longestBytes + 1, MIN_ROW_BYTES)}, columns = {${types}}))
         TO ${quoteString(parquetFile)}
         (FORMAT parquet, COMPRESSION ${options.compression}, PARQUET_VERSION ${options.writerVersion},
           ROW_GROUP_SIZE ${rowGroupRows(written, options.blockSizeBytes)}
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

async function writeLines(rows: Iterable<string>, file: string): Promise<Written> {
  let [count, sizeBytes, longestBytes] = [0, 0, 0];
  function* blocks(): Generator<string> {
    let block = "";
    for (const row of rows) {
      const bytes = Buffer.byteLength(row);
      count++;
      sizeBytes += bytes;
      longestBytes = Math.max(longestBytes, bytes);
      block += `${row}\n`;
      if (block.length < BLOCK_LENGTH) continue;
      yield block;
      block = "";
    }
    if (block !== "") yield block;
  }
  await pipeline(Readable.from(blocks()), createWriteStream(file));
  return { rows: count, sizeBytes, longestBytes };
}
