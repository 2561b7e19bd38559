import { createWriteStream } from "node:fs";
import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { connectDuckDb } from "../duckdb.ts";
import { duckDbType, type HiveField } from "./hive-type.ts";

export interface ParquetOptions {
  readonly compression: "SNAPPY" | "GZIP" | "UNCOMPRESSED";
  readonly writerVersion: "V1" | "V2";
  readonly blockSizeBytes: number;
  readonly isDictionaryEncoded: boolean;
}

/** DuckDB makes row groups of whole vectors, and by itself of at most this many rows. */
const VECTOR_ROWS = 2_048;
const MAX_ROW_GROUP_ROWS = 122_880;

/**
 * Rows of a row group that stays within a block: by the length of their JSON, which their columns stay below.
 * Groups are smaller than AWS makes them, which fills its blocks: readers can skip the more.
 */
export function rowGroupRows(rows: readonly string[], blockSizeBytes: number): number {
  const meanBytes = rows.reduce((sum, { length }) => sum + length, 0) / Math.max(rows.length, 1);
  const vectors = Math.floor(blockSizeBytes / Math.max(meanBytes, 1) / VECTOR_ROWS);
  return Math.min(Math.max(vectors, 1) * VECTOR_ROWS, MAX_ROW_GROUP_ROWS);
}

/** Longest JSON text of one row; a record has at most 1,000 KiB before the Lambda processor and 6 MB after it. */
const MAX_ROW_BYTES = 64 * 1024 * 1024;

let lastWrite: Promise<unknown> = Promise.resolve();

/**
 * Writes rows as one Parquet file with exactly these columns.
 * One file is written at a time, so that hundreds of partitions due at once stay within DuckDB's memory.
 * @param rows JSON objects, one per row, as `rowOf` makes them
 * @param folder where the two temporary files may lie; made when missing, removed afterwards
 */
export function parquetOf(
  rows: readonly string[],
  columns: readonly HiveField[],
  options: ParquetOptions,
  folder: string,
): Promise<Buffer> {
  const write = lastWrite.then(() => writeParquet(rows, columns, options, folder));
  lastWrite = write.catch(() => {});
  return write;
}

async function writeParquet(
  rows: readonly string[],
  columns: readonly HiveField[],
  options: ParquetOptions,
  folder: string,
): Promise<Buffer> {
  const jsonFile = join(folder, "rows.json");
  const parquetFile = join(folder, "rows.parquet");
  const types = columns.map(({ name, type }) => `${literal(name)}: ${literal(duckDbType(type))}`).join(", ");
  await mkdir(folder, { recursive: true });
  try {
    await pipeline(Readable.from(lines(rows)), createWriteStream(jsonFile));
    const connection = await connectDuckDb();
    try {
      await connection.run(
        `COPY (SELECT * FROM read_json(${literal(jsonFile)}, format = 'newline_delimited', auto_detect = false,
           compression = 'uncompressed', maximum_object_size = ${MAX_ROW_BYTES}, columns = {${types}}))
         TO ${literal(parquetFile)}
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

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
