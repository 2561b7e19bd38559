import { mkdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { randomId } from "../base/random.ts";

const MEMORY_LIMIT = "800MB";
const THREADS = "2";

let instance: Promise<DuckDBInstance> | undefined;
let spillRoot: string | undefined;

/**
 * Opens a connection to this process's one in-memory DuckDB for SQL of the local cloud's own, which writes Parquet files.
 * Close the connection with `closeSync()` after use.
 */
export async function connectDuckDb(): Promise<DuckDBConnection> {
  instance ??= openDuckDb();
  return await (await instance).connect();
}

/**
 * Loads DuckDB only when it is needed: most programs that start the local cloud run no SQL. What does not fit into memory
 * goes to a folder that no other process writes to, unlike DuckDB's default, `.tmp`.
 */
export async function openDuckDb(): Promise<DuckDBInstance> {
  const { DuckDBInstance } = await import("@duckdb/node-api");
  const created = await DuckDBInstance.create(":memory:", {
    temp_directory: spillFolder(),
    memory_limit: MEMORY_LIMIT,
    threads: THREADS,
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
  });
  const connection = await created.connect();
  // Queries read the footers of the same files again and again.
  await connection.run("SET GLOBAL parquet_metadata_cache = true");
  connection.closeSync();
  return created;
}

/** A folder for what one instance cannot hold in memory; all of a process go when it ends. */
function spillFolder(): string {
  if (spillRoot === undefined) {
    const root = join(tmpdir(), `doorstep-duckdb-${randomId()}`);
    process.on("exit", () => rmSync(root, { recursive: true, force: true }));
    mkdirSync(root);
    spillRoot = root;
  }
  return join(spillRoot, randomId());
}

/** An identifier as DuckDB and Trino quote it. */
export const quoteIdentifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A string literal as DuckDB and Trino write it. */
export const quoteString = (text: string): string => `'${text.replaceAll("'", "''")}'`;
