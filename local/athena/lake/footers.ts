import { connectDuckDb } from "../../duckdb.ts";
import { columnChunks } from "../engine/column-chunks.ts";
import { quoteString } from "../sql/quote.ts";
import type { LakeFile } from "./files.ts";

/** A column of a Parquet file as its footer tells of it; the physical type is `group` for nested ones. */
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
    const schema = await connection.runAndReadAll(
      `SELECT file_name, name, type, num_children FROM parquet_schema([${paths}])`,
    );
    const columns = Map.groupBy(topLevel(schema.getRowsJson() as SchemaRow[]), ({ file }) => file);
    await connection.run("CREATE SCHEMA IF NOT EXISTS memory.footers");
    const chunks = columnChunks(`[${paths}]`);
    await connection.run(`CREATE TABLE IF NOT EXISTS ${CHUNKS_TABLE} AS ${chunks} WITH NO DATA`);
    if (forgotten.length > 0)
      await connection.run(`DELETE FROM ${CHUNKS_TABLE} WHERE file IN (${listOf(forgotten)})`);
    for (const path of forgotten) footers.delete(path);
    await connection.run(`INSERT INTO ${CHUNKS_TABLE} ${chunks}`);
    for (const [path, { etag }] of added)
      footers.set(path, { etag, columns: columns.get(path) ?? [], usedAtMs: nowMs });
  } finally {
    connection.closeSync();
  }
}

const listOf = (paths: readonly string[]): string => paths.map(quoteString).join(", ");

type SchemaRow = [file: string, name: string, type: string | null, children: string | null];

/** The columns themselves, without the fields inside them: a schema lists each node before its children. */
function* topLevel(rows: readonly SchemaRow[]): Generator<FileColumn & { file: string }> {
  let file: string | undefined;
  /** How many nodes are still to come at each depth below the root. */
  let remaining: number[] = [];
  for (const [path, name, type, children] of rows) {
    const childCount = Number(children ?? 0);
    if (path !== file) {
      file = path;
      remaining = [childCount];
      continue;
    }
    while (remaining.at(-1) === 0) remaining.pop();
    if (remaining.length === 1) yield { file, name, type: childCount > 0 ? "group" : (type ?? "group") };
    remaining[remaining.length - 1]!--;
    if (childCount > 0) remaining.push(childCount);
  }
}
