import { Readable } from "node:stream";
import { AthenaClient, type QueryExecution } from "@aws-sdk/client-athena";
import { GlueClient } from "@aws-sdk/client-glue";
import { S3Client } from "@aws-sdk/client-s3";
import { listPrices, usdOf } from "../analysis/prices.ts";
import { queryCostUsd } from "../analysis/query-cost.ts";
import { isNamed } from "../base/errors.ts";
import {
  QueryFailed,
  queryExecution,
  resultPage,
  resultPages,
  type ResultPage,
  startQuery,
  stopQuery,
  type QueryContext,
} from "../operator/athena.ts";
import { csvLine } from "../operator/csv-line.ts";
import { queryPack } from "../operator/query-pack.ts";
import { estimateScan, EXPLAIN, type TableScan } from "../operator/scan-estimate.ts";
import { stackOutputs } from "../operator/stack.ts";
import type { Estimate, Execution, SavedQueries, StatementBody } from "../schemas/console/queries.ts";
import { ParameterError, withParameters, type SavedQuery } from "../schemas/queries/saved-query.ts";
import { LAKE_TABLES } from "../schemas/tables/lake-tables.ts";
import { columnsOf, trinoType } from "../schemas/views/view.ts";
import { views } from "../schemas/views/views.ts";
import type { ConsoleContext, Handlers } from "./handlers.ts";
import { ConsoleProblem } from "./problem.ts";
import { isReadOnly, remedyOf } from "./statement.ts";

/** One page of rows, so that an answer is a megabyte at most. */
const ROWS_PER_PAGE = 500;
/** A longer value is cut on the page; the CSV file has all of it. */
const MAX_VALUE_CHARACTERS = 2000;

interface Ask extends QueryContext {
  readonly glue: GlueClient;
  readonly s3: S3Client;
}

/** The screen Ask: saved queries, what a query costs, and its rows. */
export function queryHandlers({
  config,
  stack,
  clock,
}: ConsoleContext): Pick<
  Handlers,
  "listQueries" | "estimateQuery" | "startQuery" | "getQuery" | "getQueryCsv" | "cancelQuery"
> {
  const pack = queryPack();
  const clients = {
    client: new AthenaClient(config),
    glue: new GlueClient(config),
    s3: new S3Client({ ...config, forcePathStyle: true }),
  };
  const open = async (): Promise<Ask> => {
    const { WorkGroupName, DatabaseName } = await stackOutputs(stack, config);
    return { ...clients, workGroup: WorkGroupName, database: DatabaseName };
  };
  const find = (queryId: string): Promise<QueryExecution> => found(queryExecution(queryId, clients.client));

  return {
    listQueries: async () => ({
      queries: pack.map(({ name, purpose, parameters, sql }) => ({
        name,
        purpose,
        sql,
        parameters: parameters.map(({ name: parameter, type, meaning, ...one }) => ({
          name: parameter,
          type,
          ...(one.default !== undefined && { default: one.default }),
          meaning,
        })),
      })),
      tables: TABLES,
    }),

    estimateQuery: async ({ body }, { signal }) => {
      const sql = sqlOf(body, pack);
      if (/^\s*(SHOW|DESC|DESCRIBE|EXPLAIN)\b/i.test(sql)) return estimateOf([]);
      try {
        return estimateOf(await estimateScan(sql, await open(), { signal, clock }));
      } catch (error) {
        if (!(error instanceof QueryFailed)) throw error;
        const reason = withoutPrefix(error.message);
        throw new ConsoleProblem(422, reason, remedyOf(reason));
      }
    },

    startQuery: async ({ body }, { signal }) => {
      const queryId = await startQuery(sqlOf(body, pack), await open());
      // The page that began it was closed meanwhile, and never learns the id.
      if (signal.aborted) await stopQuery(queryId, clients.client);
      return { queryId };
    },

    getQuery: async ({ parameters: { queryId }, query: { page } }) => {
      const execution = executionOf(await find(queryId));
      if (execution.state !== "succeeded") return execution;
      const { columns, columnTypes, rows, next } = await pageOf(queryId, page, clients.client);
      return {
        ...execution,
        columns: columns.map((name, index) => ({ name, type: columnTypes[index]! })),
        rows: rows.map((row) => row.map(cut)),
        ...(next !== undefined && { next }),
      };
    },

    getQueryCsv: async ({ parameters: { queryId } }, { signal }) => {
      const { state } = executionOf(await find(queryId));
      if (state !== "succeeded")
        throw new ConsoleProblem(409, `the query has no rows: it is ${state}`, "wait until it has succeeded");
      return { stream: Readable.from(csv(queryId, clients.client, signal)) };
    },

    cancelQuery: async ({ parameters: { queryId } }) => {
      await find(queryId);
      await stopQuery(queryId, clients.client);
      return executionOf(await find(queryId));
    },
  };
}

const TABLES: SavedQueries["tables"] = [
  ...views.map(({ name, description, columns }) => ({ name, kind: "view" as const, description, columns })),
  ...Object.values(LAKE_TABLES).map((table) => ({
    name: table.name,
    kind: "table" as const,
    description: table.description,
    columns: columnsOf(table),
  })),
].map(({ columns, ...named }) => ({
  ...named,
  columns: columns.map(({ name, type, comment }) => ({ name, type: trinoType(type), comment })),
}));

/** @throws ConsoleProblem 422 for an unknown query, an invalid parameter, and SQL that changes something */
function sqlOf(body: StatementBody, pack: readonly SavedQuery[]): string {
  if ("sql" in body) {
    if (isReadOnly(body.sql)) return body.sql;
    throw new ConsoleProblem(
      422,
      "the console runs only SQL that reads: SELECT, WITH, VALUES, SHOW, DESCRIBE and EXPLAIN",
      "run anything else with npx doorstep query",
    );
  }
  const saved = pack.find(({ name }) => name === body.name);
  if (!saved) throw new ConsoleProblem(422, `there is no saved query ${body.name}`, "reload the page");
  try {
    return withParameters(saved, body.parameters);
  } catch (error) {
    if (!(error instanceof ParameterError)) throw error;
    throw new ConsoleProblem(422, error.message, "change the parameter");
  }
}

function estimateOf(scans: readonly TableScan[]): Estimate {
  const sum = (of: (scan: TableScan) => number) => scans.reduce((total, scan) => total + of(scan), 0);
  const bytes = sum((scan) => scan.bytes);
  return {
    tables: scans.map(({ table, partitions, listed, files, bytes: size }) => ({
      table,
      partitions: Object.entries(partitions).map(([column, extent]) => ({ column, ...extent })),
      ...(listed !== undefined && { listed }),
      files,
      bytes: size,
    })),
    files: sum(({ files }) => files),
    bytes,
    costUsd:
      queryCostUsd(bytes, listPrices) +
      usdOf(
        listPrices.prices.s3Put,
        sum(({ listed = 0 }) => listed),
      ),
  };
}

/** The position in the first line without the prefix that explains a query. */
const withoutPrefix = (reason: string): string =>
  reason.replaceAll(/\bline 1:(\d+)/g, (_all, column: string) => `line 1:${Number(column) - EXPLAIN.length}`);

function executionOf({ QueryExecutionId, Query, Status, Statistics }: QueryExecution): Execution {
  const state = (Status?.State?.toLowerCase() ?? "queued") as Execution["state"];
  const isOver = !["queued", "running"].includes(state);
  const scannedBytes = Statistics?.DataScannedInBytes;
  const failure = state === "failed" ? (Status?.StateChangeReason ?? "Athena gives no reason") : undefined;
  const position = failure === undefined ? undefined : new QueryFailed(failure).position;
  return {
    queryId: QueryExecutionId!,
    sql: Query ?? "",
    state,
    ...(Status?.SubmissionDateTime && { submittedAtMs: Status.SubmissionDateTime.getTime() }),
    ...(Statistics?.TotalExecutionTimeInMillis !== undefined && {
      runMs: Statistics.TotalExecutionTimeInMillis,
    }),
    ...(scannedBytes !== undefined &&
      isOver && { scannedBytes, costUsd: queryCostUsd(scannedBytes, listPrices) }),
    ...(failure !== undefined && { reason: failure, remedy: remedyOf(failure) }),
    ...(position && { position }),
  };
}

async function pageOf(queryId: string, page: string | undefined, client: AthenaClient): Promise<ResultPage> {
  try {
    // The first row of the first page has the names of the columns.
    const maxRows = page === undefined ? ROWS_PER_PAGE + 1 : ROWS_PER_PAGE;
    return await resultPage(queryId, client, { next: page, maxRows });
  } catch (error) {
    if (page === undefined || !isNamed(error, "InvalidRequestException")) throw error;
    throw new ConsoleProblem(400, "the query has no such page", "begin with the first page");
  }
}

async function found(execution: Promise<QueryExecution>): Promise<QueryExecution> {
  try {
    return await execution;
  } catch (error) {
    if (!isNamed(error, "InvalidRequestException")) throw error;
    throw new ConsoleProblem(
      404,
      "Athena does not know this query",
      "Athena keeps queries for 45 days; run it again",
    );
  }
}

const cut = (value: string | null): string | null =>
  value !== null && value.length > MAX_VALUE_CHARACTERS ? `${value.slice(0, MAX_VALUE_CHARACTERS)}…` : value;

async function* csv(queryId: string, client: AthenaClient, signal: AbortSignal): AsyncGenerator<string> {
  let isFirst = true;
  for await (const { columns, rows } of resultPages(queryId, client, signal)) {
    const lines = isFirst ? [columns, ...rows] : rows;
    isFirst = false;
    yield lines.map((line) => `${csvLine(line)}\r\n`).join("");
  }
}
