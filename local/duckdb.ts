import { DuckDBInstance, type DuckDBConnection } from "@duckdb/node-api";

const MEMORY_LIMIT = "800MB";
const THREADS = "2";

let instance: Promise<DuckDBInstance> | undefined;

/**
 * A connection to the one in-memory DuckDB of this process, which writes the lake's Parquet and answers its SQL.
 * Close the connection with `closeSync()` after use.
 */
export async function connectDuckDb(): Promise<DuckDBConnection> {
  instance ??= DuckDBInstance.create(":memory:", {
    memory_limit: MEMORY_LIMIT,
    threads: THREADS,
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
  });
  return await (await instance).connect();
}
