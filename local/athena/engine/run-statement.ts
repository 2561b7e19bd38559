import type { Collection } from "../../documents.ts";
import { QueryCancelled, QueryError } from "../errors.ts";
import type { ExecutionRecord } from "../records.ts";
import { s3Uri } from "../s3-uri.ts";
import { readStatement, type Query, type Statement } from "../sql/statement.ts";
import { QueryConnection } from "./connection.ts";
import type { OpenQuery, QueryContext, QueryResult } from "./context.ts";
import { duckDbMessage, explainDuckDbError, isUnexplained } from "./duckdb-error.ts";
import { LakeDuckDb } from "./lake-duckdb.ts";
import { explainIo, explainQuery } from "./explain.ts";
import { Relations } from "./relations.ts";
import { runQuery } from "./run-query.ts";
import { runUtility } from "./utility.ts";

/**
 * Runs the statement of an execution.
 * @param prepared SQL of prepared statements, by `<workgroup>/<name>`
 * @throws QueryError with Athena's message; QueryCancelled over the cut-off
 */
export async function runStatement(
  execution: ExecutionRecord,
  prepared: Collection<string>,
  context: QueryContext,
): Promise<QueryResult> {
  const statement = statementOf(execution, prepared);
  if ("query" in statement)
    return await runOnConnection(execution.id, statement.kind, statement.query, context);
  if (!("name" in statement)) return await runUtility(statement, context.glue, context.database);
  const key = `${execution.workGroup}/${statement.name}`;
  if (statement.kind === "prepare") prepared.put(key, statement.sql);
  else if (!prepared.delete(key)) throw new QueryError(`PreparedStatement ${statement.name} was not found`);
  return { columns: [], body: "", extension: "txt" };
}

/** The statement to run: for EXECUTE, the one that was prepared in the workgroup. */
function statementOf(
  { query, workGroup, parameters }: ExecutionRecord,
  prepared: Collection<string>,
): Statement {
  const takesNoParameters = /^\s*(PREPARE|EXECUTE)\b/i.test(query);
  const statement = readStatement(query, takesNoParameters ? [] : parameters);
  if (statement.kind !== "execute") return statement;
  const sql = prepared.get(`${workGroup}/${statement.name}`);
  if (sql === undefined)
    throw new QueryError(`PreparedStatement ${statement.name} was not found in workGroup ${workGroup}`);
  return readStatement(sql, statement.parameters ?? parameters);
}

/** By the kind of a statement with a query. */
const RUN = { query: runQuery, explain: explainQuery, "explain-io": explainIo } as const;

async function runOnConnection(
  id: string,
  kind: keyof typeof RUN,
  query: Query,
  context: QueryContext,
): Promise<QueryResult> {
  const { cloud, database, glue, signal } = context;
  const lake = LakeDuckDb.of(cloud.dataFolder);
  const connection = await QueryConnection.open(id, database, lake, signal);
  try {
    signal.throwIfAborted();
    const relations = new Relations(glue, connection, cloud.clock.now());
    const sql = await relations.prepare(query, database);
    const open = { query, sql, relations, connection, context };
    try {
      return await RUN[kind](open);
    } catch (error) {
      throw await explainFailure(error, open);
    }
  } finally {
    await connection.close();
  }
}

async function explainFailure(
  error: unknown,
  { query, relations, connection, context }: OpenQuery,
): Promise<unknown> {
  if (error instanceof QueryCancelled || context.signal.aborted) return error;
  const malformed = malformedLine(relations, duckDbMessage(error));
  if (malformed) return malformed;
  const explained = explainDuckDbError(error, query);
  return (isUnexplained(explained) && (await unreadableFile(relations, connection))) || explained;
}

/** The failure by a line that is not JSON (observed, but for the name of the file). */
function malformedLine({ files }: Relations, message: string): QueryError | undefined {
  if (!message.includes("JSON")) return undefined;
  for (const [path, file] of files)
    if (message.includes(path))
      return new QueryError(`HIVE_CURSOR_ERROR: Row is not a valid JSON Object [${s3Uri(file)}]`);
  return undefined;
}

/** The failure by the first file with an unreadable page (observed); undefined when all are readable. */
async function unreadableFile(
  { files }: Relations,
  connection: QueryConnection,
): Promise<QueryError | undefined> {
  for (const [path, file] of files)
    if (!(await connection.isReadable(path)))
      return new QueryError(`HIVE_CURSOR_ERROR: Failed to read Parquet file: ${s3Uri(file)}`);
  return undefined;
}
