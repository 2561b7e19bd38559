import { errorMessage } from "../../../base/errors.ts";
import { MINUTE_MS } from "../../../base/durations.ts";
import { GlueClient } from "@aws-sdk/client-glue";
import { S3Client } from "@aws-sdk/client-s3";
import type { Cloud } from "../../cloud.ts";
import type { Collection } from "../../documents.ts";
import { writeFailed } from "../../log-file.ts";
import type { Principal } from "../../iam/principal.ts";
import { invalidRequest, QueryCancelled, QueryError } from "../errors.ts";
import type { ExecutionRecord, QueryState } from "../records.ts";
import { writeResult } from "../results/write-result.ts";
import type { QueryContext } from "./context.ts";

/** Maximum number of queries that run at once; later ones are QUEUED. */
const MAX_RUNNING_QUERIES = 4;
/** Documented: Athena guide, "Service Quotas", DML query timeout. */
const QUERY_TIMEOUT_MS = 30 * MINUTE_MS;

interface Submitted {
  readonly id: string;
  readonly caller: Principal;
  readonly cutoffBytes: number | undefined;
  readonly abort: AbortController;
}

const FINAL: ReadonlySet<QueryState> = new Set(["SUCCEEDED", "FAILED", "CANCELLED"]);

/** Runs queries: QUEUED, then RUNNING, then SUCCEEDED, FAILED or CANCELLED. */
export class Executions {
  readonly #cloud: Cloud;
  readonly #records: Collection<ExecutionRecord>;
  /** SQL of prepared statements, by `<workgroup>/<name>`. */
  readonly #prepared: Collection<string>;
  readonly #queue: Submitted[] = [];
  readonly #running = new Map<string, { submitted: Submitted; done: Promise<void> }>();
  #isStopped = false;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
    this.#records = cloud.documents.collection("athena/executions");
    this.#prepared = cloud.documents.collection("athena/prepared-statements");
    for (const { id } of this.#records.list())
      this.#end(id, "FAILED", "the local cloud stopped while the query ran; run it again");
  }

  find(id: string): ExecutionRecord | undefined {
    return this.#records.get(id);
  }

  /** @throws AwsError InvalidRequestException */
  get(id: string): ExecutionRecord {
    const execution = this.find(id);
    if (!execution) throw invalidRequest(`QueryExecution ${id} was not found`);
    return execution;
  }

  list(): ExecutionRecord[] {
    return this.#records.list();
  }

  /** Adds a query to the queue. */
  submit(execution: ExecutionRecord, caller: Principal, cutoffBytes: number | undefined): void {
    this.#records.put(execution.id, execution);
    this.#queue.push({ id: execution.id, caller, cutoffBytes, abort: new AbortController() });
    this.#emit(execution.id, "QUEUED");
    this.#next();
  }

  /** Cancels a query; has no effect on one that has ended. */
  cancel(id: string): void {
    if (this.#hasEnded(id)) return;
    const index = this.#queue.findIndex((submitted) => submitted.id === id);
    if (index >= 0) this.#queue.splice(index, 1);
    this.#end(id, "CANCELLED");
    this.#running.get(id)?.submitted.abort.abort();
  }

  /** Cancels every query and waits for it. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    const ids = [...this.#queue.splice(0).map(({ id }) => id), ...this.#running.keys()];
    for (const id of ids) this.cancel(id);
    await Promise.all([...this.#running.values()].map(({ done }) => done));
  }

  #next(): void {
    while (!this.#isStopped && this.#running.size < MAX_RUNNING_QUERIES) {
      const submitted = this.#queue.shift();
      if (!submitted) return;
      const done = Promise.resolve()
        .then(() => this.#run(submitted))
        .catch((error: unknown) =>
          writeFailed(this.#cloud.events, "athena", `the state of query ${submitted.id}`, error),
        )
        .finally(() => {
          this.#running.delete(submitted.id);
          this.#next();
        });
      this.#running.set(submitted.id, { submitted, done });
    }
  }

  async #run(submitted: Submitted): Promise<void> {
    const { id, abort } = submitted;
    if (this.#hasEnded(id)) return;
    const { clock } = this.#cloud;
    this.#update(id, { state: "RUNNING", startedAtMs: clock.now() });
    this.#emit(id, "RUNNING");
    const timeout = clock.after(QUERY_TIMEOUT_MS, () => {
      this.#end(id, "FAILED", "Query timeout");
      abort.abort();
    });
    try {
      // The SQL parsers take longer to load than the rest of the local cloud: they load with the first query.
      const { runStatement } = await import("./run-statement.ts");
      const execution = this.get(id);
      const context = this.#contextOf(submitted, execution);
      const { columns, body, extension } = await runStatement(execution, this.#prepared, context);
      const outputLocation = `${execution.outputFolder}${id}.${extension}`;
      await writeResult(context.s3, outputLocation, body, abort.signal);
      if (this.#hasEnded(id)) return;
      this.#update(id, { columns, outputLocation });
      this.#end(id, "SUCCEEDED");
    } catch (error) {
      if (error instanceof QueryError) this.#end(id, "FAILED", error.message);
      else if (error instanceof QueryCancelled) this.#end(id, "CANCELLED", error.message);
      else this.#end(id, "FAILED", `GENERIC_INTERNAL_ERROR: ${errorMessage(error)}`);
    } finally {
      timeout.cancel();
    }
  }

  #contextOf({ id, caller, cutoffBytes, abort }: Submitted, { database }: ExecutionRecord): QueryContext {
    const cloud = this.#cloud;
    return {
      cloud,
      caller,
      glue: cloud.client(GlueClient, caller),
      s3: cloud.client(S3Client, caller),
      database,
      cutoffBytes,
      signal: abort.signal,
      onPlanned: (scannedBytes) => this.#update(id, { scannedBytes, plannedAtMs: cloud.clock.now() }),
    };
  }

  #hasEnded(id: string): boolean {
    return FINAL.has(this.get(id).state);
  }

  #update(id: string, changes: Partial<ExecutionRecord>): void {
    this.#records.put(id, { ...this.get(id), ...changes });
  }

  /** Only the first end counts: a cancelled query stays cancelled, whatever its run reports later. */
  #end(id: string, state: QueryState, reason?: string): void {
    if (this.#hasEnded(id)) return;
    this.#update(id, { state, reason, completedAtMs: this.#cloud.clock.now() });
    this.#emit(id, state, reason);
  }

  #emit(queryExecutionId: string, state: QueryState, reason?: string): void {
    const name = FINAL.has(state) ? "query-ended" : "query-state-changed";
    this.#cloud.events.emit("athena", name, { queryExecutionId, state, reason });
  }
}
