import type { DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";

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

/** Loads it only now: most of what starts the local cloud asks no SQL. */
async function open(): Promise<DuckDBInstance> {
  const { DuckDBInstance } = await import("@duckdb/node-api");
  return await DuckDBInstance.create(":memory:", {
    memory_limit: MEMORY_LIMIT,
    threads: THREADS,
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
  });
}
