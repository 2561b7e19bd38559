import {
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  StartQueryExecutionCommand,
  type AthenaClient,
} from "@aws-sdk/client-athena";

const POLL_INTERVAL_MS = 100;
const MAX_WAIT_MS = 300_000;
const MAX_PAGES = 1000;

/** Where a question is asked. */
export interface QueryContext {
  readonly client: AthenaClient;
  readonly workGroup: string;
  readonly database: string;
}

/** Athena's answer: column names, and rows of texts as Athena prints them, null for NULL. */
export interface QueryAnswer {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
  readonly scannedBytes: number;
}

/**
 * Asks Athena and waits for the answer.
 * @throws Error with Athena's own words when the query fails, and when it takes longer than five minutes
 */
export async function runQuery(
  sql: string,
  { client, workGroup, database }: QueryContext,
): Promise<QueryAnswer> {
  const { QueryExecutionId } = await client.send(
    new StartQueryExecutionCommand({
      QueryString: sql,
      WorkGroup: workGroup,
      QueryExecutionContext: { Database: database },
    }),
  );
  const scannedBytes = await finished(client, QueryExecutionId!);
  const columns: string[] = [];
  const rows: (string | null)[][] = [];
  let token: string | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    const { ResultSet, NextToken } = await client.send(
      new GetQueryResultsCommand({ QueryExecutionId, NextToken: token }),
    );
    if (page === 0)
      columns.push(...(ResultSet?.ResultSetMetadata?.ColumnInfo ?? []).map(({ Name }) => Name ?? ""));
    rows.push(
      ...(ResultSet?.Rows ?? []).map(({ Data = [] }) => Data.map(({ VarCharValue }) => VarCharValue ?? null)),
    );
    token = NextToken;
    if (!token) break;
  }
  // The first row of a SELECT repeats the column names (documented: GetQueryResults).
  return { columns, rows: rows.slice(1), scannedBytes };
}

async function finished(client: AthenaClient, QueryExecutionId: string): Promise<number> {
  for (let waitedMs = 0; waitedMs < MAX_WAIT_MS; waitedMs += POLL_INTERVAL_MS) {
    const { QueryExecution } = await client.send(new GetQueryExecutionCommand({ QueryExecutionId }));
    const { State, StateChangeReason } = QueryExecution?.Status ?? {};
    if (State === "SUCCEEDED") return QueryExecution?.Statistics?.DataScannedInBytes ?? 0;
    if (State === "FAILED" || State === "CANCELLED")
      throw new Error(StateChangeReason ?? `the query is ${State}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL_MS));
  }
  throw new Error(`the query ${QueryExecutionId} took longer than ${MAX_WAIT_MS / 1000} s`);
}
