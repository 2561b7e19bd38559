import { connectDuckDb } from "../../duckdb.ts";
import { columnChunks } from "../engine/column-chunks.ts";
import { quoteString } from "../../duckdb.ts";
import type { LakeFile } from "./files.ts";

/**
 * A column of a Parquet file as its footer tells of it; the physical type is `group` for nested ones. A file without rows
 * tells of none.
 */
export interface FileColumn {
  readonly name: string;
  readonly type: string;
}

interface Footer {
  readonly etag: string;
  readonly columns: readonly FileColumn[];
  usedAtMs: number;
}

/** The table of the column chunks of all files whose footers are known, in DuckDB's memory. */
export const CHUNKS_TABLE = "memory.footers.chunks";

/** Footers of more files are forgotten once nobody has asked for them for a while: longer than a query plans. */
const MAX_FILES = 5000;
const KEPT_FOR_MS = 300_000;

const footers = new Map<string, Footer>();
let lastRead: Promise<unknown> = Promise.resolve();

/**
 * The columns of Parquet files, by their path on disk. Footers are read once, as long as a file stays as it is: the
 * same files are asked about again and again, and to open each is what takes the time of a small query.
 * @throws DuckDB's error, which names the path, for a file that is not Parquet; nothing is learnt then
 */
export async function readFooters(
  files: ReadonlyMap<string, LakeFile>,
): Promise<ReadonlyMap<string, readonly FileColumn[]>> {
  const read = lastRead.then(() => readNew(files));
  lastRead = read.catch(() => {});
  await read;
  const nowMs = performance.now();
  return new Map(
    Array.from(files.keys(), (path) => {
      const footer = footers.get(path)!;
      footer.usedAtMs = nowMs;
      return [path, footer.columns];
    }),
  );
}

async function readNew(files: ReadonlyMap<string, LakeFile>): Promise<void> {
  const nowMs = performance.now();
  const isNew = ([path, { etag }]: readonly [string, LakeFile]) => footers.get(path)?.etag !== etag;
  const added = [...files].filter(isNew);
  const changed = added.map(([path]) => path).filter((path) => footers.has(path));
  const isFull = footers.size + added.length > MAX_FILES;
  const left = isFull
    ? [...footers].filter(([path, { usedAtMs }]) => !files.has(path) && nowMs - usedAtMs > KEPT_FOR_MS)
    : [];
  if (added.length === 0) return;
  const forgotten = [...changed, ...left.map(([path]) => path)];
  const connection = await connectDuckDb();
  try {
    const paths = listOf(added.map(([path]) => path));
    await connection.run("CREATE SCHEMA IF NOT EXISTS memory.footers");
    const chunks = columnChunks(`[${paths}]`);
    await connection.run(`CREATE TABLE IF NOT EXISTS ${CHUNKS_TABLE} AS ${chunks} WITH NO DATA`);
    if (forgotten.length > 0)
      await connection.run(`DELETE FROM ${CHUNKS_TABLE} WHERE file IN (${listOf(forgotten)})`);
    for (const path of forgotten) footers.delete(path);
    await connection.run(`INSERT INTO ${CHUNKS_TABLE} ${chunks}`);
    const found = await connection.runAndReadAll(
      `SELECT file, name, any_value(type) FROM ${CHUNKS_TABLE} WHERE file IN (${paths}) GROUP BY file, name ORDER BY min(rowid)`,
    );
    const columns = Map.groupBy(found.getRows() as ColumnRow[], ([file]) => file);
    for (const [path, { etag }] of added)
      footers.set(path, {
        etag,
        columns: columns.get(path)?.map(([, name, type]) => ({ name, type })) ?? [],
        usedAtMs: nowMs,
      });
  } finally {
    connection.closeSync();
  }
}

const listOf = (paths: readonly string[]): string => paths.map(quoteString).join(", ");

type ColumnRow = [file: string, name: string, type: string];
