import { createHash } from "node:crypto";
import { existsSync, mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import type { DuckDBConnection, DuckDBResult } from "@duckdb/node-api";
import { chunksOf } from "../../../base/chunks.ts";
import { nextTurn } from "../../../base/clock.ts";
import { Mutex } from "../../../base/mutex.ts";
import { quoteIdentifier, quoteString } from "../../duckdb.ts";
import type { LakeTable } from "../lake/catalog.ts";
import type { LakeFile } from "../lake/files.ts";
import { CHUNKS_TABLE } from "../lake/footers.ts";
import type { OperandTypes } from "../sql/operand-types.ts";
import { scannedBytesQuery } from "./column-chunks.ts";
import { startReports } from "./js-functions.ts";
import { MACROS, type LakeDuckDb } from "./lake-duckdb.ts";
import { TABLE_MARK, type Scan } from "./scan-plan.ts";

const FILES = "$files";
const FILES_PER_INSERT = 5000;
const MAX_INTERRUPTS = 1_000_000;

/** Optimisations by which DuckDB scans less than Trino, or once instead of twice. */
const NOT_IN_TRINO =
  "late_materialization,common_subplan,window_self_join,top_n_window_elimination,join_elimination";

/** The optimisers are disabled for all connections, so one query is planned at a time. */
const planning = new Mutex();

/** The connection of one query, with a database in memory for its tables and views. */
export class QueryConnection {
  readonly lake: LakeDuckDb;
  readonly #duckDb: DuckDBConnection;
  readonly #catalog: string;
  readonly #signal: AbortSignal;
  #isOpen = true;

  private constructor(lake: LakeDuckDb, duckDb: DuckDBConnection, catalog: string, signal: AbortSignal) {
    this.lake = lake;
    this.#duckDb = duckDb;
    this.#catalog = catalog;
    this.#signal = signal;
  }

  /**
   * @param id the execution's
   * @param database of tables without one in the query
   * @param lake whose files the query may read
   * @param signal interrupts the running statement
   */
  static async open(
    id: string,
    database: string,
    lake: LakeDuckDb,
    signal: AbortSignal,
  ): Promise<QueryConnection> {
    const duckDb = await lake.connect();
    const connection = new QueryConnection(lake, duckDb, `athena ${id}`, signal);
    mkdirSync(lake.shapeFolder, { recursive: true });
    const catalog = quoteIdentifier(connection.#catalog);
    await duckDb.run(`ATTACH ':memory:' AS ${catalog}`);
    await connection.#addSchema(database);
    await connection.#addSchema(FILES);
    await duckDb.run(`SET search_path = ${quoteString(`${catalog}.${quoteIdentifier(database)},${MACROS}`)}`);
    signal.addEventListener("abort", () => void connection.#interrupt());
    return connection;
  }

  async close(): Promise<void> {
    this.#isOpen = false;
    await this.#duckDb.run("SET search_path = 'memory.main'");
    await this.#duckDb.run(`DETACH ${quoteIdentifier(this.#catalog)}`);
    this.#duckDb.closeSync();
  }

  /** DuckDB ignores an interrupt before the statement has started, so the interrupt is repeated until the query ends. */
  async #interrupt(): Promise<void> {
    for (let count = 0; this.#isOpen && count < MAX_INTERRUPTS; count++) {
      this.#duckDb.interrupt();
      await nextTurn();
    }
  }

  async #addSchema(name: string): Promise<void> {
    await this.#duckDb.run(`CREATE SCHEMA IF NOT EXISTS ${this.#name(name)}`);
  }

  /** The rows of a small query. */
  async rows(sql: string): Promise<unknown[][]> {
    return (await this.#duckDb.runAndReadAll(sql)).getRowsJson();
  }

  /** DuckDB's plan of a query, from its `EXPLAIN (FORMAT json)`, in which every scan reads what Trino's would. */
  async plan(sql: string): Promise<unknown> {
    return await planning.run(async () => {
      // A query that starts to run in the meantime is only less optimised.
      await this.#duckDb.run(`SET GLOBAL disabled_optimizers = '${NOT_IN_TRINO}'`);
      try {
        const [[, text] = []] = await this.rows(`EXPLAIN (FORMAT json) ${sql}`);
        return JSON.parse(String(text)) as unknown;
      } finally {
        await this.#duckDb.run("RESET GLOBAL disabled_optimizers");
      }
    });
  }

  /**
   * The types that DuckDB finds for the operands in a query.
   * @param probingSql the query with its reports, whose first argument is the id given
   * @returns what was reported before the query was planned or refused; operands that have several types are left out
   */
  async operandTypes(probingSql: (id: string) => string): Promise<OperandTypes> {
    const id = this.#catalog;
    const found = startReports(id);
    try {
      (await this.#duckDb.prepare(probingSql(id))).destroySync();
    } catch {
      // What is known of a query that was interrupted is not all.
      this.#signal.throwIfAborted();
      // The query itself will fail, in words about itself.
    }
    return found();
  }

  /** DuckDB's names of the types of a query's columns; the query is planned, not run. */
  async columnTypes(sql: string): Promise<string[]> {
    const prepared = await this.#duckDb.prepare(sql);
    try {
      return Array.from({ length: prepared.columnCount }, (_, index) => {
        const type = prepared.columnType(index);
        return type.alias ?? (type.typeId === 36 ? '"NULL"' : String(type));
      });
    } finally {
      prepared.destroySync();
    }
  }

  async columnNames(sql: string): Promise<string[]> {
    return (await this.#duckDb.run(sql)).columnNames();
  }

  /** Runs a query whose rows are fetched as they are produced. */
  async stream(sql: string): Promise<DuckDBResult> {
    return await this.#duckDb.stream(sql);
  }

  /** Creates or replaces a view; its SQL names tables with their database. */
  async createView(database: string, name: string, sql: string): Promise<void> {
    await this.#addSchema(database);
    await this.#duckDb.run(`CREATE OR REPLACE VIEW ${this.#name(database, name)} AS ${sql}`);
  }

  /** Creates a table without rows, for planning; its scans are marked in the plan. */
  async createEmptyTable(table: LakeTable): Promise<void> {
    const shape = quoteString(await this.#shapeOf(table));
    const columns = columnsOf(table).map(({ name }) => quoteIdentifier(name));
    const mark = `${quoteIdentifier(TABLE_MARK)} = ${quoteString(markOf(table))}`;
    // Twice, because DuckDB's planner would remove a single empty file by its statistics.
    await this.createView(
      table.database,
      table.name,
      `SELECT ${columns.join(", ")} FROM read_parquet([${shape}, ${shape}]) WHERE ${mark}`,
    );
  }

  /** Adds the files of a table, with their partitions. @param files by path */
  async addFiles(table: LakeTable, files: ReadonlyMap<string, LakeFile>): Promise<void> {
    const columns = table.partitionKeys.map(({ name, duckDb }) => `, ${quoteIdentifier(name)} ${duckDb}`);
    const name = this.#name(FILES, markOf(table));
    await this.#duckDb.run(`CREATE TABLE ${name} ("$path" VARCHAR${columns.join("")})`);
    const rows = Array.from(files, ([path, { partition }]) => `(${listOf([path, ...partition])})`);
    for (const chunk of chunksOf(rows, FILES_PER_INSERT))
      await this.#duckDb.run(`INSERT INTO ${name} VALUES ${chunk.join(", ")}`);
  }

  /** Paths of the table's files for which every predicate on its partition columns holds. */
  async prune(table: LakeTable, predicates: readonly string[]): Promise<Set<string>> {
    const rows = await this.rows(this.#pathsQuery(table, predicates));
    return new Set(rows.map(([path]) => String(path)));
  }

  /**
   * How many combinations of partition values meet the predicates, and which values of each column these have. Athena
   * lists the location of each, whether or not there are files (documented: Athena guide, "Partition projection",
   * considerations).
   * @param values of each partition column
   */
  async projectedPartitions(
    values: ReadonlyMap<string, readonly string[]>,
    predicates: readonly string[],
  ): Promise<{ readonly count: number; readonly values: ReadonlyMap<string, readonly string[]> }> {
    const columns = [...values].map(
      ([name, some]) => `(SELECT unnest([${listOf(some)}]) AS ${quoteIdentifier(name)})`,
    );
    const where = predicates.map((predicate) => `(${predicate})`).join(" AND ") || "true";
    const distinct = [...values.keys()].map(
      (name) => `string_agg(DISTINCT ${quoteIdentifier(name)}, chr(31))`,
    );
    const [[count, ...lists] = []] = await this.rows(
      `SELECT ${["count(*)", ...distinct].join(", ")} FROM ${columns.join(", ")} WHERE ${where}`,
    );
    const found = [...values.keys()].map((name, index) => {
      const list = lists[index];
      return [name, typeof list === "string" ? list.split("\u001F").toSorted() : []] as const;
    });
    return { count: Number(count), values: new Map(found) };
  }

  /**
   * The bytes that a scan reads of the table's files, whose footers have been read.
   * @param predicates on partition columns, as for `prune`
   */
  async scannedBytes(table: LakeTable, scan: Scan, predicates: readonly string[]): Promise<number> {
    const comparable = new Map(table.columns.map(({ name, duckDb }) => [name, duckDb] as const));
    // A partition column is not read from the files, even if files have a column of its name.
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

  /** Replaces the empty table by one that reads lines of JSON. @param files by path */
  async readJson(table: LakeTable, files: ReadonlyMap<string, LakeFile>): Promise<void> {
    const types = table.columns.map(({ name, duckDb }) => `${quoteString(name)}: ${quoteString(duckDb)}`);
    const columns = table.columns.map(({ name }) => `data.${quoteIdentifier(name)}`);
    const parts = (["gzip", "uncompressed"] as const).flatMap((compression) => {
      const paths = [...files]
        .filter(([, { key }]) => key.endsWith(".gz") === (compression === "gzip"))
        .map(([path]) => path);
      if (paths.length === 0) return [];
      const source =
        `read_json([${listOf(paths)}], format = 'newline_delimited', compression = '${compression}', ` +
        `filename = '$path', columns = {${types.join(", ")}}, ignore_errors = ${table.ignoresMalformed})`;
      return this.#selectFrom(source, columns, table);
    });
    if (parts.length > 0) await this.createView(table.database, table.name, parts.join(" UNION ALL "));
  }

  /** Replaces the empty table by one that reads Parquet files. @param files by path */
  async readParquet(table: LakeTable, files: ReadonlyMap<string, LakeFile>): Promise<void> {
    const columns = table.columns.map(({ name, duckDb }) => {
      const column = `data.${quoteIdentifier(name)}`;
      // Athena's timestamps have milliseconds; finer ones are rounded.
      const value = duckDb === "TIMESTAMP" ? `CAST(${column} AS TIMESTAMP_MS)` : column;
      return `CAST(${value} AS ${duckDb}) AS ${quoteIdentifier(name)}`;
    });
    // The shape comes first, so that columns which every file lacks exist, as NULL.
    const paths = listOf([await this.#shapeOf(table), ...files.keys()]);
    const source = `read_parquet([${paths}], union_by_name = true, hive_partitioning = false, filename = '$path')`;
    await this.createView(table.database, table.name, this.#selectFrom(source, columns, table));
  }

  /** A query of the columns of a source, which is named `data`, and of the partition columns of its files. */
  #selectFrom(source: string, columns: readonly string[], table: LakeTable): string {
    const keys = table.partitionKeys.map(({ name }) => `files.${quoteIdentifier(name)}`);
    return (
      `SELECT ${[...columns, ...keys].join(", ")} FROM ${source} AS data ` +
      `JOIN ${this.#name(FILES, markOf(table))} AS files ON data."$path" = files."$path"`
    );
  }

  /** Whether all pages of a Parquet file are readable. */
  async isReadable(path: string): Promise<boolean> {
    const read = this.rows(`SELECT bit_xor(hash(COLUMNS(*))) FROM read_parquet(${quoteString(path)})`);
    return await read.then(
      () => true,
      () => false,
    );
  }

  /** Path of an empty Parquet file with the table's columns. */
  async #shapeOf(table: LakeTable): Promise<string> {
    const columns = columnsOf(table).map(
      ({ name, duckDb }) => `CAST(NULL AS ${duckDb}) AS ${quoteIdentifier(name)}`,
    );
    columns.push(`${quoteString(markOf(table))} AS ${quoteIdentifier(TABLE_MARK)}`);
    const select = `SELECT ${columns.join(", ")} WHERE false`;
    const path = join(this.lake.shapeFolder, `${createHash("sha256").update(select).digest("hex")}.parquet`);
    if (!existsSync(path)) {
      const draft = `${path}.${this.#catalog}`; // another query may be reading or writing the same shape
      await this.#duckDb.run(`COPY (${select}) TO ${quoteString(draft)} (FORMAT parquet)`);
      renameSync(draft, path);
    }
    return path;
  }

  #name(...parts: readonly string[]): string {
    return [this.#catalog, ...parts].map(quoteIdentifier).join(".");
  }
}

/** The name of a table in plans and in the list of files. */
export const markOf = ({ database, name }: { database: string; name: string }): string =>
  `${database}.${name}`;

const columnsOf = (table: LakeTable) => [...table.columns, ...table.partitionKeys];

const listOf = (texts: readonly string[]): string => texts.map(quoteString).join(", ");
