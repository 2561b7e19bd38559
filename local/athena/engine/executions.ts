import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { errorMessage } from "../../../base/errors.ts";
import type { Cloud } from "../../cloud.ts";
import type { Principal } from "../../iam/principal.ts";
import { QueryCancelled, QueryError } from "../errors.ts";
import type { Statement } from "../sql/statement.ts";
import type { AthenaStore, ExecutionRecord, QueryState } from "../store.ts";
import type { QueryContext, QueryResult } from "./run-query.ts";
import type { Session } from "./connection.ts";
import { putObject } from "../../s3/put-object.ts";

/** How many queries run at once; later ones are QUEUED. */
const MAX_RUNNING_QUERIES = 4;
const MAX_INTERRUPTS = 1_000_000;
const MILLIS_PER_MINUTE = 60_000;
/** After which a query fails (documented: Athena guide, "Service Quotas", DML query timeout). */
const QUERY_TIMEOUT_MS = 30 * MILLIS_PER_MINUTE;

interface Waiting {
  readonly id: string;
  readonly caller: Principal;
  readonly cutoffBytes: number | undefined;
  readonly abort: AbortController;
}

/** What reads and answers SQL takes longer to load than all the rest of the local cloud: it comes with the first query. */
const loadSql = () => import("./sql.ts");
type Sql = Awaited<ReturnType<typeof loadSql>>;

const FINAL: ReadonlySet<QueryState> = new Set(["SUCCEEDED", "FAILED", "CANCELLED"]);

/** Runs queries: QUEUED, then RUNNING, then SUCCEEDED, FAILED or CANCELLED. */
export class Executions {
  readonly #cloud: Cloud;
  readonly #store: AthenaStore;
  readonly #queue: Waiting[] = [];
  readonly #running = new Map<string, { waiting: Waiting; session?: Session; done: Promise<void> }>();
  #isStopped = false;

  constructor(cloud: Cloud, store: AthenaStore) {
    this.#cloud = cloud;
    this.#store = store;
    for (const { id, state } of store.executions.list())
      if (!FINAL.has(state))
        this.#end(id, "FAILED", "the local cloud stopped while the query ran; run it again");
  }

  /** Takes a query in; it runs as soon as there is room. */
  submit(execution: ExecutionRecord, caller: Principal, cutoffBytes: number | undefined): void {
    this.#store.executions.put(execution.id, execution);
    this.#queue.push({ id: execution.id, caller, cutoffBytes, abort: new AbortController() });
    this.#emit(execution.id, "QUEUED");
    this.#next();
  }

  /** Calls a query off; without effect on one that has ended. */
  cancel(id: string): void {
    if (FINAL.has(this.#store.execution(id).state)) return;
    const index = this.#queue.findIndex((waiting) => waiting.id === id);
    if (index >= 0) this.#queue.splice(index, 1);
    this.#end(id, "CANCELLED");
    void this.#interrupt(id);
  }

  /** Ends every query and waits for it. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    const ids = [...this.#queue.splice(0).map(({ id }) => id), ...this.#running.keys()];
    for (const id of ids) this.cancel(id);
    await Promise.all([...this.#running.values()].map(({ done }) => done));
  }

  async #interrupt(id: string): Promise<void> {
    const running = this.#running.get(id);
    running?.waiting.abort.abort();
    // DuckDB forgets an interrupt that comes before its statement has begun, so it is told until it has stopped.
    for (let count = 0; running?.session && count < MAX_INTERRUPTS; count++) {
      running.session.interrupt();
      await nextTurn();
    }
  }

  #next(): void {
    while (!this.#isStopped && this.#running.size < MAX_RUNNING_QUERIES) {
      const waiting = this.#queue.shift();
      if (!waiting) return;
      const done = Promise.resolve()
        .then(() => this.#run(waiting))
        .finally(() => {
          this.#running.delete(waiting.id);
          this.#next();
        });
      this.#running.set(waiting.id, { waiting, done });
    }
  }

  async #run({ id, caller, cutoffBytes, abort }: Waiting): Promise<void> {
    if (FINAL.has(this.#store.execution(id).state)) return;
    this.#update(id, { state: "RUNNING", startedAtMs: this.#cloud.clock.now() });
    this.#emit(id, "RUNNING");
    const timeout = this.#cloud.clock.after(QUERY_TIMEOUT_MS, () => {
      this.#end(id, "FAILED", "Query timeout");
      void this.#interrupt(id);
    });
    const { database } = this.#store.execution(id);
    const clients = this.#store.clientsOf(caller);
    const context: QueryContext = {
      cloud: this.#cloud,
      caller,
      ...clients,
      database,
      cutoffBytes,
      signal: abort.signal,
      onPlanned: (scannedBytes) => this.#update(id, { scannedBytes, plannedAtMs: this.#cloud.clock.now() }),
    };
    try {
      const sql = await loadSql();
      const statement = this.#statement(sql, this.#store.execution(id));
      const { columns, body, extension } = await this.#answer(sql, id, statement, context);
      const { outputFolder } = this.#store.execution(id);
      const outputLocation = `${outputFolder}${id}.${extension}`;
      await this.#deliver(outputLocation, body, extension, context);
      if (!FINAL.has(this.#store.execution(id).state)) {
        this.#update(id, { columns, outputLocation });
        this.#end(id, "SUCCEEDED");
      }
    } catch (error) {
      if (error instanceof QueryError) this.#end(id, "FAILED", error.message);
      else if (error instanceof QueryCancelled) this.#end(id, "CANCELLED", error.message);
      else this.#end(id, "FAILED", `GENERIC_INTERNAL_ERROR: ${errorMessage(error)}`);
    } finally {
      timeout.cancel();
    }
  }

  /** What is asked for: for EXECUTE, the statement that was prepared in the workgroup. */
  #statement({ readStatement }: Sql, { query, workGroup, parameters }: ExecutionRecord): Statement {
    const isTemplate = /^\s*(PREPARE|EXECUTE)\b/i.test(query);
    const statement = readStatement(query, isTemplate ? [] : parameters);
    if (statement.kind !== "execute") return statement;
    const prepared = this.#store.prepared.get(`${workGroup}/${statement.name}`);
    if (prepared === undefined)
      throw new QueryError(`PreparedStatement ${statement.name} was not found in workGroup ${workGroup}`);
    return readStatement(prepared, statement.parameters ?? parameters);
  }

  async #answer(sql: Sql, id: string, statement: Statement, context: QueryContext): Promise<QueryResult> {
    if ("name" in statement) {
      const key = `${this.#store.execution(id).workGroup}/${statement.name}`;
      if (statement.kind === "prepare") this.#store.prepared.put(key, statement.sql);
      else if (!this.#store.prepared.delete(key))
        throw new QueryError(`PreparedStatement ${statement.name} was not found`);
      return { columns: [], body: "", extension: "txt" };
    }
    if (!("query" in statement)) return await sql.runUtility(statement, context.glue, context.database);
    const folder = join(this.#cloud.dataFolder, "athena", "shapes");
    const session = await sql.Session.open(id, context.database, folder);
    const running = this.#running.get(id);
    if (running) running.session = session;
    try {
      context.signal.throwIfAborted();
      return await sql.ANSWERS[statement.kind](statement.query, session, context);
    } finally {
      delete running?.session;
      await session.close();
    }
  }

  async #deliver(
    location: string,
    body: string,
    extension: QueryResult["extension"],
    { s3, signal }: QueryContext,
  ): Promise<void> {
    const { bucket, key } = splitLocation(location);
    const ContentType = extension === "csv" ? "text/csv" : "text/plain";
    try {
      await putObject(s3, { Bucket: bucket, Key: key, ContentType, Body: body }, signal);
    } catch (error) {
      const name = error instanceof Error ? error.name : "";
      if (name.startsWith("AccessDenied"))
        throw new QueryError(
          `Access denied when writing output to url: ${location} . Please ensure you are allowed to access the S3 bucket.`,
        );
      if (name === "NoSuchBucket")
        throw new QueryError(`Unable to verify/create output bucket ${bucket}: it does not exist`);
      throw error;
    }
  }

  #update(id: string, changes: Partial<ExecutionRecord>): void {
    this.#store.executions.put(id, { ...this.#store.execution(id), ...changes });
  }

  /** The first end counts: a query that was called off stays so, whatever its remains report. */
  #end(id: string, state: QueryState, reason?: string): void {
    if (FINAL.has(this.#store.execution(id).state)) return;
    this.#update(id, { state, reason, completedAtMs: this.#cloud.clock.now() });
    this.#emit(id, state, reason);
  }

  #emit(queryExecutionId: string, state: QueryState, reason?: string): void {
    const name = FINAL.has(state) ? "query-ended" : "query-state-changed";
    this.#cloud.events.emit("athena", name, { queryExecutionId, state, reason });
  }
}

/** Bucket and key of `s3://bucket/key`. */
export function splitLocation(location: string): { bucket: string; key: string } {
  const [, bucket = "", key = ""] = /^s3:\/\/([^/]+)\/?(.*)$/s.exec(location) ?? [];
  return { bucket, key };
}
