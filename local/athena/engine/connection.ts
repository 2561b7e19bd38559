import { createHash } from "node:crypto";
import { existsSync, mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import type { DuckDBConnection, DuckDBResult } from "@duckdb/node-api";
import { connectDuckDb } from "../../duckdb.ts";
import type { LakeTable } from "../lake/catalog.ts";
import { CHUNKS_TABLE } from "../lake/footers.ts";
import { scannedBytesQuery } from "./column-chunks.ts";
import { TABLE_MARK, type Scan } from "./scan-plan.ts";
import { macroStatements } from "../sql/macros.ts";
import { quoteIdentifier, quoteString } from "../../duckdb.ts";

const MACROS = "memory.athena";
const FILES = "$files";
const FILES_PER_INSERT = 5000;

/** Optimisations by which DuckDB scans less, or once instead of twice. */
const NOT_IN_TRINO =
  "late_materialization,common_subplan,window_self_join,top_n_window_elimination,join_elimination";

let lastPlan: Promise<unknown> = Promise.resolve();
let macros: Promise<void> | undefined;

/** One query's DuckDB: a connection of its own, and a database in memory that holds its tables and views. */
export class Session {
  readonly #connection: DuckDBConnection;
  readonly #catalog: string;
  readonly #shapeFolder: string;

  private constructor(connection: DuckDBConnection, catalog: string, shapeFolder: string) {
    this.#connection = connection;
    this.#catalog = catalog;
    this.#shapeFolder = shapeFolder;
  }

  /**
   * @param id the query's, unique among those that run
   * @param database of tables that are named without one
   * @param folder for files that describe the shape of tables
   */
  static async open(id: string, database: string, folder: string): Promise<Session> {
    const connection = await connectDuckDb();
    const session = new Session(connection, `athena ${id}`, folder);
    mkdirSync(folder, { recursive: true });
    macros ??= makeMacros(connection);
    await macros;
    const catalog = quoteIdentifier(session.#catalog);
    await connection.run(`ATTACH ':memory:' AS ${catalog}`);
    await session.addSchema(database);
    await session.addSchema(FILES);
    await connection.run("SET TimeZone = 'UTC'");
    await connection.run("SET integer_division = true");
    await connection.run(
      `SET search_path = ${quoteString(`${catalog}.${quoteIdentifier(database)},${MACROS}`)}`,
    );
    return session;
  }

  async close(): Promise<void> {
    await this.#connection.run("SET search_path = 'memory.main'");
    await this.#connection.run(`DETACH ${quoteIdentifier(this.#catalog)}`);
    this.#connection.closeSync();
  }

  interrupt(): void {
    this.#connection.interrupt();
  }

  async addSchema(name: string): Promise<void> {
    await this.#connection.run(`CREATE SCHEMA IF NOT EXISTS ${this.#name(name)}`);
  }

  /** Rows of a small query. */
  async rows(sql: string): Promise<unknown[][]> {
    return (await this.#connection.runAndReadAll(sql)).getRowsJson();
  }

  /** DuckDB's plan of a query, from its `EXPLAIN (FORMAT json)`, where every scan reads what Trino's would. */
  async plan(sql: string): Promise<unknown> {
    const plan = lastPlan.then(async () => {
      // The setting is that of all connections: one query is planned at a time, and one that starts to run meanwhile
      // is only less optimised.
      await this.#connection.run(`SET GLOBAL disabled_optimizers = '${NOT_IN_TRINO}'`);
      try {
        const [[, text] = []] = await this.rows(`EXPLAIN (FORMAT json) ${sql}`);
        return JSON.parse(String(text)) as unknown;
      } finally {
        await this.#connection.run("RESET GLOBAL disabled_optimizers");
      }
    });
    lastPlan = plan.catch(() => {});
    return await plan;
  }

  async columnNames(sql: string): Promise<string[]> {
    return (await this.#connection.run(sql)).columnNames();
  }

  /** A query whose rows are fetched as they are made. */
  async stream(sql: string): Promise<DuckDBResult> {
    return await this.#connection.stream(sql);
  }

  /** Makes a view; its SQL names tables with their database. */
  async view(database: string, name: string, sql: string): Promise<void> {
    await this.addSchema(database);
    await this.#connection.run(`CREATE OR REPLACE VIEW ${this.#name(database, name)} AS ${sql}`);
  }

  /** Makes a table that has columns but reads nothing, for planning: its scans are marked in the plan. */
  async planTable(table: LakeTable): Promise<void> {
    const shape = quoteString(await this.#shapeOf(table));
    const columns = [...table.columns, ...table.partitionKeys]
      .map(({ name }) => quoteIdentifier(name))
      .join(", ");
    const mark = `${quoteIdentifier(TABLE_MARK)} = ${quoteString(markOf(table))}`;
    // Twice, because DuckDB would plan a single empty file away by its statistics.
    await this.view(
      table.database,
      table.name,
      `SELECT ${columns} FROM read_parquet([${shape}, ${shape}]) WHERE ${mark}`,
    );
  }

  /** Tells DuckDB the files of a table and their partitions. */
  async addFiles(
    table: LakeTable,
    files: readonly { path: string; partition: readonly string[] }[],
  ): Promise<void> {
    const columns = table.partitionKeys.map(({ name, duckDb }) => `${quoteIdentifier(name)} ${duckDb}`);
    const name = this.#name(FILES, markOf(table));
    await this.#connection.run(
      `CREATE TABLE ${name} ("$path" VARCHAR${columns.map((column) => `, ${column}`).join("")})`,
    );
    const rows = files.map(({ path, partition }) => `(${[path, ...partition].map(quoteString).join(", ")})`);
    for (let from = 0; from < rows.length; from += FILES_PER_INSERT) {
      const values = rows.slice(from, from + FILES_PER_INSERT).join(", ");
      await this.#connection.run(`INSERT INTO ${name} VALUES ${values}`);
    }
  }

  /** Paths of the table's files for which every predicate on its partition columns holds. */
  async prune(table: LakeTable, predicates: readonly string[]): Promise<Set<string>> {
    const rows = await this.rows(this.#pathsQuery(table, predicates));
    return new Set(rows.map(([path]) => String(path)));
  }

  /**
   * Bytes that a scan reads of the table's files, whose footers have been read.
   * @param predicates on partition columns, as for `prune`
   */
  async scannedBytes(table: LakeTable, scan: Scan, predicates: readonly string[]): Promise<number> {
    const comparable = new Map(table.columns.map(({ name, duckDb }) => [name, duckDb] as const));
    // A partition column is not read from the files, though some files have a column of its name.
    const columns = new Set([...scan.columns].filter((column) => comparable.has(column.split(".")[0]!)));
    const files = this.#pathsQuery(table, predicates);
    const sql = scannedBytesQuery(CHUNKS_TABLE, files, { ...scan, columns }, comparable);
    const [[bytes] = []] = await this.rows(sql);
    return Number(bytes);
  }

  #pathsQuery(table: LakeTable, predicates: readonly string[]): string {
    const where = predicates.map((predicate) => `(${predicate})`).join(" AND ") || "true";
    return `SELECT "$path" FROM ${this.#name(FILES, markOf(table))} WHERE ${where}`;
  }

  /** Makes a table that reads lines of JSON, in place of the planned one. @param files by their path */
  async readJson(table: LakeTable, files: ReadonlyMap<string, { readonly key: string }>): Promise<void> {
    const types = table.columns
      .map(({ name, duckDb }) => `${quoteString(name)}: ${quoteString(duckDb)}`)
      .join(", ");
    const keys = table.partitionKeys.map(({ name }) => `files.${quoteIdentifier(name)}`);
    const columns = table.columns.map(({ name }) => `data.${quoteIdentifier(name)}`);
    const parts = (["gzip", "uncompressed"] as const).flatMap((compression) => {
      const paths = [...files].filter(([, { key }]) => key.endsWith(".gz") === (compression === "gzip"));
      if (paths.length === 0) return [];
      return (
        `SELECT ${[...columns, ...keys].join(", ")} FROM read_json([${paths.map(([path]) => quoteString(path)).join(", ")}], ` +
        `format = 'newline_delimited', compression = '${compression}', filename = true, columns = {${types}}, ` +
        `ignore_errors = ${table.ignoresMalformed}) AS data ` +
        `JOIN ${this.#name(FILES, markOf(table))} AS files ON data.filename = files."$path"`
      );
    });
    if (parts.length > 0) await this.view(table.database, table.name, parts.join(" UNION ALL "));
  }

  /** Makes a table that reads the given files, in place of the planned one. */
  async readTable(table: LakeTable, paths: ReadonlySet<string>): Promise<void> {
    const columns = table.columns.map(({ name, duckDb }) => {
      const column = `data.${quoteIdentifier(name)}`;
      // Athena's timestamps have milliseconds; finer ones are rounded.
      const value = duckDb === "TIMESTAMP" ? `CAST(${column} AS TIMESTAMP_MS)` : column;
      return `CAST(${value} AS ${duckDb}) AS ${quoteIdentifier(name)}`;
    });
    const keys = table.partitionKeys.map(
      ({ name }) => `files.${quoteIdentifier(name)} AS ${quoteIdentifier(name)}`,
    );
    // The shape comes first, so that columns missing from every file are there, as NULL.
    const sources = [await this.#shapeOf(table), ...paths].map(quoteString).join(", ");
    await this.view(
      table.database,
      table.name,
      `SELECT ${[...columns, ...keys].join(", ")} ` +
        `FROM read_parquet([${sources}], union_by_name = true, hive_partitioning = false, filename = '$path') AS data ` +
        `JOIN ${this.#name(FILES, markOf(table))} AS files ON data."$path" = files."$path"`,
    );
  }

  /** Whether all pages of a Parquet file can be read. */
  async isReadable(path: string): Promise<boolean> {
    const read = this.rows(`SELECT bit_xor(hash(COLUMNS(*))) FROM read_parquet(${quoteString(path)})`);
    return await read.then(
      () => true,
      () => false,
    );
  }

  /** Path of an empty Parquet file with the table's columns. */
  async #shapeOf(table: LakeTable): Promise<string> {
    const columns = [...table.columns, ...table.partitionKeys].map(
      ({ name, duckDb }) => `CAST(NULL AS ${duckDb}) AS ${quoteIdentifier(name)}`,
    );
    columns.push(`${quoteString(markOf(table))} AS ${quoteIdentifier(TABLE_MARK)}`);
    const select = `SELECT ${columns.join(", ")} WHERE false`;
    const path = join(this.#shapeFolder, `${createHash("sha256").update(select).digest("hex")}.parquet`);
    if (!existsSync(path)) {
      const draft = `${path}.${this.#catalog}`; // another query may be reading or writing the same shape
      await this.#connection.run(`COPY (${select}) TO ${quoteString(draft)} (FORMAT parquet)`);
      renameSync(draft, path);
    }
    return path;
  }

  #name(...parts: readonly string[]): string {
    return [this.#catalog, ...parts].map(quoteIdentifier).join(".");
  }
}

/** How a table is called in plans and in the list of files. */
export const markOf = ({ database, name }: { database: string; name: string }): string =>
  `${database}.${name}`;

async function makeMacros(connection: DuckDBConnection): Promise<void> {
  await connection.run(`CREATE SCHEMA IF NOT EXISTS ${MACROS}`);
  await connection.run(`SET search_path = '${MACROS}'`);
  await connection.run("SET integer_division = true"); // a macro keeps the meaning that "/" had when it was made
  for (const statement of macroStatements(MACROS)) await connection.run(statement);
}
