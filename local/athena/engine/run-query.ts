import { AwsError } from "../../errors.ts";
import { notSupported, QueryCancelled, QueryError } from "../errors.ts";
import type { LakeTable } from "../lake/catalog.ts";
import type { LakeFile } from "../lake/files.ts";
import { checkFiles } from "../lake/parquet-check.ts";
import { columnInfo } from "../results/column-info.ts";
import { csvLine } from "../results/csv.ts";
import { formatValue } from "../results/format.ts";
import { s3Uri } from "../s3-uri.ts";
import { unnamedColumn } from "../sql/translate.ts";
import type { OpenQuery, QueryContext, QueryResult } from "./context.ts";
import { scansOf, type Scan } from "./scan-plan.ts";
import { tableScans, type TableScans } from "./table-scans.ts";

const MAX_RESULT_BYTES = 128 * 1024 * 1024;

/** Plans a query on empty tables, reads from the plan which files it needs, and runs it on those alone. */
export async function runQuery(open: OpenQuery): Promise<QueryResult> {
  open.context.onPlanned(await openFiles(open));
  return await readRows(open);
}

/** Creates the tables with the files that the scans need; returns the bytes that the scans will read. */
async function openFiles(open: OpenQuery): Promise<number> {
  const { relations, connection, context } = open;
  const plan = scansOf(await connection.plan(open.sql));
  for (const [mark, table] of relations.tables)
    checkInjected(
      table,
      plan.filter((scan) => scan.mark === mark),
    );
  let scannedBytes = 0;
  for await (const tableScan of tableScans(plan, open)) {
    const { table, files } = tableScan;
    for (const [path, file] of files) relations.files.set(path, file);
    for (const file of files.values()) authorise(context, file);
    scannedBytes += await bytesOf(tableScan, open);
    const { cutoffBytes } = context;
    if (cutoffBytes !== undefined && scannedBytes > cutoffBytes) {
      context.onPlanned(cutoffBytes); // Athena stops reading there (observed)
      throw new QueryCancelled("Bytes scanned limit was exceeded");
    }
    if (table.format === "json") await connection.readJson(table, files);
    else await connection.readParquet(table, files);
    context.signal.throwIfAborted();
  }
  return scannedBytes;
}

/** @throws QueryError for a scan without a constant for an injected partition column */
function checkInjected({ projection }: LakeTable, scans: readonly Scan[]): void {
  for (const [column, { type }] of projection?.columns ?? [])
    if (
      type === "injected" &&
      scans.some(({ conditions }) => !conditions.some(({ equals }) => equals === column))
    )
      throw new QueryError(
        `CONSTRAINT_VIOLATION: For the injected projected partition column ${column}, the WHERE clause must ` +
          "contain only static equality conditions, and at least one such condition must be present.",
      );
}

/** The bytes that the scans of a table read: JSON files as a whole, of Parquet files the column chunks they need. */
async function bytesOf({ table, scans, files }: TableScans, { connection }: OpenQuery): Promise<number> {
  let bytes = 0;
  if (table.format === "json") {
    for (const { paths } of scans) for (const path of paths) bytes += files.get(path)!.sizeBytes;
  } else if (files.size > 0) {
    const columns = scans.flatMap((scan) => [...scan.columns]).map((column) => column.split(".")[0]!);
    await checkFiles(table, files, new Set(columns), connection.lake);
    for (const scan of scans) bytes += await connection.scannedBytes(table, scan, scan.predicates);
  }
  return bytes;
}

/** Checks the caller's permission for an object, since DuckDB reads it from disk and not through S3. */
function authorise({ cloud, caller }: QueryContext, file: LakeFile): void {
  try {
    cloud.access.authorise(caller, "s3:GetObject", `arn:${cloud.partition}:s3:::${file.bucket}/${file.key}`);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw new QueryError(`Permission denied on S3 path: ${s3Uri(file)}`);
  }
}

async function readRows({ query, sql, connection, context }: OpenQuery): Promise<QueryResult> {
  context.signal.throwIfAborted();
  const result = await connection.stream(sql);
  const types = result.columnTypes();
  if (types.some((type) => String(type).includes('STRUCT("" ')))
    throw notSupported("a ROW without field names is not emulated; CAST it to ROW(name type, …)");
  const areValues = query.source.tokens[0]?.word === "VALUES";
  const names = result
    .columnNames()
    .map((name, index) => (/^_col\d+$/.test(name) || areValues ? unnamedColumn(index) : name));
  const lines = [csvLine(names)];
  let sizeBytes = 0;
  for await (const rows of result.yieldRows()) {
    context.signal.throwIfAborted();
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
    // JSON is text under another name.
    columns: names.map((name, index) => columnInfo(name, types[index]?.alias ?? String(types[index]))),
    body: lines.join(""),
    extension: "csv",
  };
}
