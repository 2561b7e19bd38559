import {
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  StartQueryExecutionCommand,
  StopQueryExecutionCommand,
  type AthenaClient,
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
  { client, workGroup, database }: QueryContext,
  options: QueryOptions = {},
): Promise<QueryResult> {
  options.signal?.throwIfAborted();
  const { QueryExecutionId } = await client.send(
    new StartQueryExecutionCommand({
      QueryString: sql,
      WorkGroup: workGroup,
      QueryExecutionContext: { Database: database },
    }),
  );
  const id = QueryExecutionId!;
  let scannedBytes: number;
  try {
    scannedBytes = await untilSucceeded(client, id, options);
  } catch (error) {
    // Athena accepts a stop of a query that has ended. The first error matters more than one of the stop.
    if (!(error instanceof QueryFailed))
      await client.send(new StopQueryExecutionCommand({ QueryExecutionId: id })).catch(() => {});
    throw error;
  }
  return { ...(await readResult(client, id, options.signal)), scannedBytes };
}

async function readResult(
  client: AthenaClient,
  QueryExecutionId: string,
  signal: AbortSignal | undefined,
): Promise<Omit<QueryResult, "scannedBytes">> {
  let columns: string[] = [];
  let columnTypes: string[] = [];
  const rows: (string | null)[][] = [];
  let token: string | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    signal?.throwIfAborted();
    const { ResultSet, NextToken } = await client.send(
      new GetQueryResultsCommand({ QueryExecutionId, NextToken: token }),
    );
    const found = (ResultSet?.Rows ?? []).map(({ Data = [] }) =>
      Data.map(({ VarCharValue }) => VarCharValue ?? null),
    );
    if (page === 0) {
      const infos = ResultSet?.ResultSetMetadata?.ColumnInfo ?? [];
      columns = infos.map(({ Name }) => Name ?? "");
      columnTypes = infos.map(({ Type }) => Type ?? "");
      // The first row of a SELECT repeats the column names (documented: GetQueryResults), that of a SHOW does not.
      if (JSON.stringify(found[0]) === JSON.stringify(columns)) found.shift();
    }
    rows.push(...found);
    token = NextToken;
    if (!token) return { columns, columnTypes, rows };
  }
  throw new Error(
    `the result has more than ${MAX_PAGES * ROWS_PER_PAGE} rows; add a LIMIT, or take the CSV file of ` +
      `execution ${QueryExecutionId} from the workgroup's output location`,
  );
}

/** @returns how many bytes the query scanned */
async function untilSucceeded(
  client: AthenaClient,
  QueryExecutionId: string,
  { signal, onWait, clock = systemClock }: QueryOptions,
): Promise<number> {
  const scannedBytes = await pollUntil(
    async (waitedMs) => {
      const { QueryExecution } = await client.send(new GetQueryExecutionCommand({ QueryExecutionId }));
      const { State, StateChangeReason } = QueryExecution?.Status ?? {};
      if (State === "SUCCEEDED") return QueryExecution?.Statistics?.DataScannedInBytes ?? 0;
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
  if (scannedBytes === undefined)
    throw new Error(`the query ${QueryExecutionId} took longer than ${MAX_WAIT_MS / MINUTE_MS} minutes`);
  return scannedBytes;
}
