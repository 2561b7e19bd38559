import {
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  StartQueryExecutionCommand,
  StopQueryExecutionCommand,
  type AthenaClient,
  type QueryExecution,
} from "@aws-sdk/client-athena";
import { systemClock, type Clock } from "../base/clock.ts";
import { MINUTE_MS } from "../base/durations.ts";
import { pollUntil } from "../base/poll.ts";

/**
 * The pauses between two polls of a query's state: they grow, so that short queries return fast and long ones cost few
 * calls. An account may call GetQueryExecution 100 times a second (documented: Athena guide, "Service Quotas").
 */
const POLL = { firstMs: 50, growth: 1.2, longestMs: 500 } as const;
/** The time that Athena lets a query run, and room for its queue (documented: Athena guide, "Service Quotas"). */
const MAX_WAIT_MS = 35 * MINUTE_MS;
const MAX_PAGES = 1000;
const ROWS_PER_PAGE = 1000;

/** Where a query runs. */
export interface QueryContext {
  readonly client: AthenaClient;
  readonly workGroup: string;
  readonly database: string;
}

export interface QueryOptions {
  /** Stops the execution when it aborts, so that nothing more is scanned and paid for. */
  readonly signal?: AbortSignal | undefined;
  /** Called at each poll of a query that has not ended. */
  readonly onWait?: ((waitedMs: number) => void) | undefined;
  readonly clock?: Clock | undefined;
}

/** Column names, and rows of texts as Athena prints them, null for NULL. */
export interface QueryResult {
  readonly columns: readonly string[];
  /** Athena's name of each column's type, e.g. `bigint`. */
  readonly columnTypes: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
  readonly scannedBytes: number;
}

/** A query that failed or was cancelled; the message is Athena's own. */
export class QueryFailed extends Error {
  override readonly name = "QueryFailed";
  /** The place in the SQL, if Athena's message has it; both count from 1. */
  readonly position: { readonly line: number; readonly column: number } | undefined;

  constructor(reason: string) {
    super(reason);
    const [, line, column] = /\bline (\d+):(\d+)\b/.exec(reason) ?? [];
    this.position = line === undefined ? undefined : { line: Number(line), column: Number(column) };
  }
}

/**
 * Runs a query and waits for its result.
 * @throws QueryFailed when the query fails or is cancelled; Error when it returns more than a million rows; the
 * signal's reason once it aborts
 */
export async function runQuery(
  sql: string,
  context: QueryContext,
  options: QueryOptions = {},
): Promise<QueryResult> {
  const { QueryExecutionId, Statistics } = await runToEnd(sql, context, options);
  const result = await readResult(context.client, QueryExecutionId!, options.signal);
  return { ...result, scannedBytes: Statistics?.DataScannedInBytes ?? 0 };
}

/**
 * Runs a query until it has succeeded, without reading its result.
 * @throws QueryFailed when it fails or is cancelled; the signal's reason once it aborts
 */
export async function runToEnd(
  sql: string,
  { client, workGroup, database }: QueryContext,
  options: QueryOptions = {},
): Promise<QueryExecution> {
  options.signal?.throwIfAborted();
  const id = await startQuery(sql, { client, workGroup, database });
  try {
    return await untilSucceeded(client, id, options);
  } catch (error) {
    // Athena accepts a stop of a query that has ended. The first error matters more than one of the stop.
    if (!(error instanceof QueryFailed)) await stopQuery(id, client).catch(() => {});
    throw error;
  }
}

/** Submits a query. @returns the id of its execution */
export async function startQuery(
  sql: string,
  { client, workGroup, database }: QueryContext,
): Promise<string> {
  const { QueryExecutionId } = await client.send(
    new StartQueryExecutionCommand({
      QueryString: sql,
      WorkGroup: workGroup,
      QueryExecutionContext: { Database: database },
    }),
  );
  return QueryExecutionId!;
}

/** Stops a query, so that nothing more is scanned and paid for. */
export async function stopQuery(QueryExecutionId: string, client: AthenaClient): Promise<void> {
  await client.send(new StopQueryExecutionCommand({ QueryExecutionId }));
}

/** An execution as Athena describes it now. */
export async function queryExecution(
  QueryExecutionId: string,
  client: AthenaClient,
): Promise<QueryExecution> {
  return (await client.send(new GetQueryExecutionCommand({ QueryExecutionId }))).QueryExecution ?? {};
}

/** A page of a result. */
export interface ResultPage extends Omit<QueryResult, "scannedBytes"> {
  /** What continues it; absent on the last page. */
  readonly next: string | undefined;
}

/**
 * Reads a page of the result of a query that succeeded.
 * @param next of the page before; absent for the first one
 * @param maxRows at most 1000
 */
export async function resultPage(
  QueryExecutionId: string,
  client: AthenaClient,
  { next, maxRows = ROWS_PER_PAGE }: { readonly next?: string | undefined; readonly maxRows?: number } = {},
): Promise<ResultPage> {
  const { ResultSet, NextToken } = await client.send(
    new GetQueryResultsCommand({ QueryExecutionId, NextToken: next, MaxResults: maxRows }),
  );
  const infos = ResultSet?.ResultSetMetadata?.ColumnInfo ?? [];
  const columns = infos.map(({ Name }) => Name ?? "");
  const rows = (ResultSet?.Rows ?? []).map(({ Data = [] }) =>
    Data.map(({ VarCharValue }) => VarCharValue ?? null),
  );
  // The first row of a SELECT repeats the column names (documented: GetQueryResults), that of a SHOW does not.
  if (next === undefined && JSON.stringify(rows[0]) === JSON.stringify(columns)) rows.shift();
  return { columns, columnTypes: infos.map(({ Type }) => Type ?? ""), rows, next: NextToken };
}

/**
 * The pages of a result, one after another.
 * @throws Error when there are more than a million rows
 */
export async function* resultPages(
  id: string,
  client: AthenaClient,
  signal?: AbortSignal,
): AsyncGenerator<ResultPage> {
  let next: string | undefined;
  for (let count = 0; count < MAX_PAGES; count++) {
    signal?.throwIfAborted();
    const page = await resultPage(id, client, { next });
    yield page;
    next = page.next;
    if (!next) return;
  }
  throw new Error(
    `the result has more than ${MAX_PAGES * ROWS_PER_PAGE} rows; add a LIMIT, or take the CSV file of ` +
      `execution ${id} from the workgroup's output location`,
  );
}

async function readResult(
  client: AthenaClient,
  id: string,
  signal: AbortSignal | undefined,
): Promise<Omit<QueryResult, "scannedBytes">> {
  let names: Pick<QueryResult, "columns" | "columnTypes"> = { columns: [], columnTypes: [] };
  const rows: (string | null)[][] = [];
  for await (const page of resultPages(id, client, signal)) {
    if (rows.length === 0) names = { columns: page.columns, columnTypes: page.columnTypes };
    rows.push(...(page.rows as (string | null)[][]));
  }
  return { ...names, rows };
}

async function untilSucceeded(
  client: AthenaClient,
  QueryExecutionId: string,
  { signal, onWait, clock = systemClock }: QueryOptions,
): Promise<QueryExecution> {
  const succeeded = await pollUntil(
    async (waitedMs) => {
      const execution = await queryExecution(QueryExecutionId, client);
      const { State, StateChangeReason } = execution.Status ?? {};
      if (State === "SUCCEEDED") return { ...execution, QueryExecutionId };
      if (State === "FAILED" || State === "CANCELLED")
        throw new QueryFailed(StateChangeReason ?? `the query is ${State}`);
      onWait?.(waitedMs);
      return undefined;
    },
    {
      clock,
      signal,
      everyMs: (polls) => Math.min(POLL.longestMs, Math.round(POLL.firstMs * POLL.growth ** (polls - 1))),
      withinMs: MAX_WAIT_MS,
    },
  );
  if (succeeded === undefined)
    throw new Error(`the query ${QueryExecutionId} took longer than ${MAX_WAIT_MS / MINUTE_MS} minutes`);
  return succeeded;
}
