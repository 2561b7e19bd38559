import type { GlueClient } from "@aws-sdk/client-glue";
import type { S3Client } from "@aws-sdk/client-s3";
import type { Cloud } from "../../cloud.ts";
import { AwsError } from "../../errors.ts";
import type { Principal } from "../../iam/principal.ts";
import { objectPath } from "../../s3/object-path.ts";
import { QueryCancelled, QueryError } from "../errors.ts";
import { listFiles, type LakeFile } from "../lake/files.ts";
import { checkFiles } from "../lake/parquet-check.ts";
import { csvLine } from "../results/csv.ts";
import { formatValue } from "../results/format.ts";
import type { Query } from "../sql/statement.ts";
import { unnamedColumn } from "../sql/translate.ts";
import { columnInfo, type ColumnInfo } from "../sql/types.ts";
import { duckDbMessage, explainDuckDbError, isUnexplained } from "./duckdb-error.ts";
import { Relations } from "./relations.ts";
import { scansOf, type Scan } from "./scan-plan.ts";
import type { Session } from "./connection.ts";

/** What a query runs with. */
export interface QueryContext {
  readonly cloud: Cloud;
  readonly caller: Principal;
  /** Clients that call with the caller's rights. */
  readonly glue: GlueClient;
  readonly s3: S3Client;
  readonly database: string;
  /** Bytes over which the workgroup calls the query off; undefined for no limit. */
  readonly cutoffBytes: number | undefined;
  readonly signal: AbortSignal;
  /** Called when planning has ended and `scannedBytes` are about to be read. */
  onPlanned(scannedBytes: number): void;
}

export interface QueryResult {
  readonly columns: readonly ColumnInfo[];
  /** The result file. */
  readonly body: string;
  readonly extension: "csv" | "txt";
}

const MAX_RESULT_BYTES = 128 * 1024 * 1024;

/**
 * Answers a query: plans it on empty tables, reads from the plan which files it needs, and runs it on those alone.
 * @throws QueryError in Athena's words; QueryCancelled over the cut-off
 */
export async function runQuery(query: Query, session: Session, context: QueryContext): Promise<QueryResult> {
  const relations = new Relations(context.glue, session, context.cloud.clock.now());
  const sql = await relations.prepare(query, context.database);
  try {
    const scans = scansOf(await session.plan(sql));
    context.onPlanned(await openFiles(scans, relations, session, context));
    return await readRows(query, sql, session, context.signal);
  } catch (error) {
    if (error instanceof QueryCancelled || context.signal.aborted) throw error;
    const malformed = malformedLine(relations, duckDbMessage(error));
    if (malformed) throw malformed;
    const explained = explainDuckDbError(error, query);
    throw (isUnexplained(explained) && (await unreadableFile(relations, session))) || explained;
  }
}

/** The failure by a line of JSON that is none (observed words but for the file's name). */
function malformedLine({ files }: Relations, message: string): QueryError | undefined {
  if (!message.includes("JSON")) return undefined;
  for (const [path, { bucket, key }] of files)
    if (message.includes(path))
      return new QueryError(`HIVE_CURSOR_ERROR: Row is not a valid JSON Object [s3://${bucket}/${key}]`);
  return undefined;
}

/** The failure by the first file whose pages cannot be read (observed words); undefined when all can. */
async function unreadableFile({ files }: Relations, session: Session): Promise<QueryError | undefined> {
  for (const [path, { bucket, key }] of files)
    if (!(await session.isReadable(path)))
      return new QueryError(`HIVE_CURSOR_ERROR: Failed to read Parquet file: s3://${bucket}/${key}`);
  return undefined;
}

/** The query's plan as text, from empty tables. */
export async function explainQuery(
  query: Query,
  session: Session,
  context: QueryContext,
): Promise<QueryResult> {
  const relations = new Relations(context.glue, session, context.cloud.clock.now());
  const sql = await relations.prepare(query, context.database);
  try {
    const [[, plan] = []] = await session.rows(`EXPLAIN ${sql}`);
    return {
      columns: [columnInfo("Query Plan", "VARCHAR")],
      body: `Query Plan\n${String(plan)}`,
      extension: "txt",
    };
  } catch (error) {
    throw explainDuckDbError(error, query);
  }
}

/** Puts the files that the scans need behind their tables; returns how many bytes the scans will read. */
async function openFiles(
  scans: readonly Scan[],
  { tables, files }: Relations,
  session: Session,
  { cloud, caller, s3, cutoffBytes, signal, onPlanned }: QueryContext,
): Promise<number> {
  let scannedBytes = 0;
  for (const [mark, table] of tables) {
    const own = scans.filter((scan) => scan.mark === mark);
    if (own.length === 0) continue;
    const keys = new Set(table.partitionKeys.map(({ name }) => name));
    for (const [column, { type }] of table.projection?.columns ?? [])
      if (
        type === "injected" &&
        own.some(({ conditions }) => !conditions.some(({ equals }) => equals === column))
      )
        throw new QueryError(
          `CONSTRAINT_VIOLATION: For the injected projected partition column ${column}, the WHERE clause must ` +
            "contain only static equality conditions, and at least one such condition must be present.",
        );
    const listed = await listFiles(s3, table, cloud.clock.now(), signal);
    const byPath = new Map(listed.map((file) => [objectPath(cloud.dataFolder, file.bucket, file.key), file]));
    await session.addFiles(
      table,
      [...byPath].map(([path, { partition }]) => ({ path, partition })),
    );
    const needed = new Map<string, LakeFile>();
    const predicatesOf = ({ conditions }: Scan) =>
      conditions
        .filter(({ columns }) => columns.size > 0 && [...columns].every((name) => keys.has(name)))
        .map((condition) => condition.sql);
    for (const scan of own)
      for (const path of await session.prune(table, predicatesOf(scan))) needed.set(path, byPath.get(path)!);
    for (const [path, file] of needed) files.set(path, file);
    for (const { bucket, key } of needed.values()) mayRead(cloud, caller, bucket, key);
    const columns = new Set(own.flatMap((scan) => [...scan.columns]).map((column) => column.split(".")[0]!));
    if (table.format === "json") {
      // Lines are read whole, whatever columns are asked for.
      for (const scan of own)
        for (const path of await session.prune(table, predicatesOf(scan)))
          scannedBytes += needed.get(path)!.sizeBytes;
    } else if (needed.size > 0) {
      await checkFiles(table, needed, columns);
      for (const scan of own) scannedBytes += await session.scannedBytes(table, scan, predicatesOf(scan));
    }
    if (cutoffBytes !== undefined && scannedBytes > cutoffBytes) {
      onPlanned(cutoffBytes); // Athena stops reading there (observed)
      throw new QueryCancelled("Bytes scanned limit was exceeded");
    }
    if (table.format === "json") await session.readJson(table, needed);
    else await session.readTable(table, new Set(needed.keys()));
    signal.throwIfAborted();
  }
  return scannedBytes;
}

/** The files are read from disk, so S3 cannot ask: the caller's right to each object is checked here. */
function mayRead(cloud: Cloud, caller: Principal, bucket: string, key: string): void {
  try {
    cloud.access.authorise(caller, "s3:GetObject", `arn:${cloud.partition}:s3:::${bucket}/${key}`);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw new QueryError(`Permission denied on S3 path: s3://${bucket}/${key}`);
  }
}

async function readRows(
  query: Query,
  sql: string,
  session: Session,
  signal: AbortSignal,
): Promise<QueryResult> {
  signal.throwIfAborted();
  const result = await session.stream(sql);
  const types = result.columnTypes();
  if (types.some((type) => String(type).includes('STRUCT("" ')))
    throw new QueryError(
      "NOT_SUPPORTED: a ROW without field names is not emulated; CAST it to ROW(name type, …)",
    );
  const areValues = query.source.tokens[0]?.word === "VALUES";
  const names = result
    .columnNames()
    .map((name, index) => (/^_col\d+$/.test(name) || areValues ? unnamedColumn(index) : name));
  const lines = [csvLine(names)];
  let sizeBytes = 0;
  for await (const rows of result.yieldRows()) {
    signal.throwIfAborted();
    for (const row of rows) {
      const line = csvLine(row.map((value, index) => formatValue(value, types[index]!)));
      sizeBytes += Buffer.byteLength(line);
      if (sizeBytes > MAX_RESULT_BYTES)
        throw new QueryError(
          `the result has more than ${MAX_RESULT_BYTES} bytes; select less, or add a LIMIT`,
        );
      lines.push(line);
    }
  }
  return {
    columns: names.map((name, index) => columnInfo(name, String(types[index]))),
    body: lines.join(""),
    extension: "csv",
  };
}
