import {
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  StartQueryExecutionCommand,
  StopQueryExecutionCommand,
  type AthenaClient,
} from "@aws-sdk/client-athena";
import { sleep, systemClock } from "../base/clock.ts";

/**
 * How often a query's state is asked for: ever less often, yet its end is seen within half a second. An account may ask
 * 100 times a second (documented: Athena guide, "Service Quotas", GetQueryExecution).
 */
const POLL = { firstMs: 50, growth: 1.2, longestMs: 500 } as const;
/** As long as Athena lets a query run itself, with room for its queue (documented: Athena guide, "Service Quotas"). */
const MAX_WAIT_MS = 35 * 60_000;
const MAX_PAGES = 1000;
const ROWS_PER_PAGE = 1000;

/** Where a question is asked. */
export interface QueryContext {
  readonly client: AthenaClient;
  readonly workGroup: string;
  readonly database: string;
}

export interface QueryOptions {
  /** Aborting stops the execution, so that nothing more is scanned and paid for. */
  readonly signal?: AbortSignal | undefined;
  /** Called at every look at a query that has not ended. */
  readonly onWait?: ((waitedMs: number) => void) | undefined;
}

/** Athena's answer: column names, and rows of texts as Athena prints them, null for NULL. */
export interface QueryAnswer {
  readonly columns: readonly string[];
  /** Athena's name of each column's type, e.g. `bigint`. */
  readonly columnTypes: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
  readonly scannedBytes: number;
}

/** A query that Athena did not answer; the message is Athena's own. */
export class QueryFailed extends Error {
  override readonly name = "QueryFailed";
  /** Where in the SQL the trouble is, if Athena says; both count from 1. */
  readonly position: { readonly line: number; readonly column: number } | undefined;

  constructor(reason: string) {
    super(reason);
    const [, line, column] = /\bline (\d+):(\d+)\b/.exec(reason) ?? [];
    this.position = line === undefined ? undefined : { line: Number(line), column: Number(column) };
  }
}

/**
 * Asks Athena and waits for the answer.
 * @throws QueryFailed when the query fails or is called off; Error when its answer has more than a million rows; the
 * signal's reason once it aborts
 */
export async function runQuery(
  sql: string,
  { client, workGroup, database }: QueryContext,
  { signal, onWait }: QueryOptions = {},
): Promise<QueryAnswer> {
  signal?.throwIfAborted();
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
    scannedBytes = await finished(client, id, { signal, onWait });
  } catch (error) {
    // Of a query that has ended Athena takes this, too; what went wrong before matters more than whether it does.
    if (!(error instanceof QueryFailed))
      await client.send(new StopQueryExecutionCommand({ QueryExecutionId: id })).catch(() => {});
    throw error;
  }
  return { ...(await readAnswer(client, id, signal)), scannedBytes };
}

async function readAnswer(
  client: AthenaClient,
  QueryExecutionId: string,
  signal: AbortSignal | undefined,
): Promise<Omit<QueryAnswer, "scannedBytes">> {
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
    `the answer has more than ${MAX_PAGES * ROWS_PER_PAGE} rows; add a LIMIT, or take the CSV file of ` +
      `execution ${QueryExecutionId} from the workgroup's output location`,
  );
}

/** @returns how many bytes the query scanned */
async function finished(
  client: AthenaClient,
  QueryExecutionId: string,
  { signal, onWait }: QueryOptions,
): Promise<number> {
  let pauseMs: number = POLL.firstMs;
  for (let waitedMs = 0; waitedMs < MAX_WAIT_MS;) {
    signal?.throwIfAborted();
    const { QueryExecution } = await client.send(new GetQueryExecutionCommand({ QueryExecutionId }));
    const { State, StateChangeReason } = QueryExecution?.Status ?? {};
    if (State === "SUCCEEDED") return QueryExecution?.Statistics?.DataScannedInBytes ?? 0;
    if (State === "FAILED" || State === "CANCELLED")
      throw new QueryFailed(StateChangeReason ?? `the query is ${State}`);
    onWait?.(waitedMs);
    await sleep(systemClock, pauseMs, signal);
    waitedMs += pauseMs;
    pauseMs = Math.min(POLL.longestMs, pauseMs * POLL.growth);
  }
  throw new Error(`the query ${QueryExecutionId} took longer than ${MAX_WAIT_MS / 60_000} minutes`);
}
