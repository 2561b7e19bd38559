import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { randomId } from "../base/random.ts";

const MEMORY_LIMIT = "800MB";
const THREADS = "2";

let instance: Promise<DuckDBInstance> | undefined;

/**
 * A connection to the one in-memory DuckDB of this process, which writes the lake's Parquet and answers its SQL.
 * Close the connection with `closeSync()` after use.
 */
export async function connectDuckDb(): Promise<DuckDBConnection> {
  instance ??= open();
  return await (await instance).connect();
}

/**
 * Loads it only now: most of what starts the local cloud asks no SQL. What does not fit into memory goes to a folder that
 * no other process writes to, unlike DuckDB's own choice, `.tmp`.
 */
async function open(): Promise<DuckDBInstance> {
  const { DuckDBInstance } = await import("@duckdb/node-api");
  const folder = join(tmpdir(), `doorstep-duckdb-${randomId()}`);
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const created = await DuckDBInstance.create(":memory:", {
    temp_directory: folder,
    memory_limit: MEMORY_LIMIT,
    threads: THREADS,
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
  });
  const connection = await created.connect();
  // Of the same files, query after query reads the footers, several times each.
  await connection.run("SET GLOBAL parquet_metadata_cache = true");
  connection.closeSync();
  return created;
}
