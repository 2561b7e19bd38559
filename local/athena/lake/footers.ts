import { systemClock } from "../../../base/clock.ts";
import { MINUTE_MS } from "../../../base/durations.ts";
import { Mutex } from "../../../base/mutex.ts";
import { quoteString } from "../../duckdb.ts";
import { columnChunks } from "../engine/column-chunks.ts";
import type { LakeDuckDb } from "../engine/lake-duckdb.ts";
import type { LakeFile } from "./files.ts";

/**
 * A column in the footer of a Parquet file. The physical type is `group` for nested columns. The footer of a file without
 * rows has no column.
 */
interface FileColumn {
  readonly name: string;
  readonly type: string;
}

interface Footer {
  readonly etag: string;
  readonly columns: readonly FileColumn[];
  usedAtMs: number;
}

/** DuckDB's table of the column chunks of all files whose footers were read. */
export const CHUNKS_TABLE = "memory.footers.chunks";

/** Of more files, footers are dropped that no query used for a while, which is longer than planning takes. */
const MAX_FILES = 5000;
const UNUSED_MS = 5 * MINUTE_MS;

/** By path on disk, of each lake: the column chunks are in the lake's DuckDB. */
const footersOf = new WeakMap<LakeDuckDb, Map<string, Footer>>();
const reading = new Mutex();

/**
 * The columns of Parquet files, by path on disk. The footer of a file is read again only when the file changes: queries
 * read the same files again and again, and opening them takes most of the time of a small query.
 * @throws DuckDB's error, which contains the path, for a file that is not Parquet
 */
export async function readFooters(
  files: ReadonlyMap<string, LakeFile>,
  lake: LakeDuckDb,
): Promise<ReadonlyMap<string, readonly FileColumn[]>> {
  const footers = footersOf.get(lake) ?? new Map<string, Footer>();
  footersOf.set(lake, footers);
  await reading.run(() => readNew(files, footers, lake));
  const nowMs = systemClock.now();
  return new Map(
    Array.from(files.keys(), (path) => {
      const footer = footers.get(path)!;
      footer.usedAtMs = nowMs;
      return [path, footer.columns];
    }),
  );
}

async function readNew(
  files: ReadonlyMap<string, LakeFile>,
  footers: Map<string, Footer>,
  lake: LakeDuckDb,
): Promise<void> {
  const nowMs = systemClock.now();
  const isNew = ([path, { etag }]: readonly [string, LakeFile]) => footers.get(path)?.etag !== etag;
  const added = [...files].filter(isNew);
  const changed = added.map(([path]) => path).filter((path) => footers.has(path));
  const isFull = footers.size + added.length > MAX_FILES;
  const unused = isFull
    ? [...footers].filter(([path, { usedAtMs }]) => !files.has(path) && nowMs - usedAtMs > UNUSED_MS)
    : [];
  if (added.length === 0) return;
  const dropped = [...changed, ...unused.map(([path]) => path)];
  const connection = await lake.connect();
  try {
    const paths = listOf(added.map(([path]) => path));
    await connection.run("CREATE SCHEMA IF NOT EXISTS memory.footers");
    const chunks = columnChunks(`[${paths}]`);
    await connection.run(`CREATE TABLE IF NOT EXISTS ${CHUNKS_TABLE} AS ${chunks} WITH NO DATA`);
    if (dropped.length > 0)
      await connection.run(`DELETE FROM ${CHUNKS_TABLE} WHERE file IN (${listOf(dropped)})`);
    for (const path of dropped) footers.delete(path);
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
