import { GlueClient } from "@aws-sdk/client-glue";
import { S3Client } from "@aws-sdk/client-s3";
import type { Cloud } from "../cloud.ts";
import type { Collection } from "../documents.ts";
import { AwsError } from "../errors.ts";
import type { Principal } from "../iam/principal.ts";
import type { NamedQueryRecord } from "./named-query.ts";
import type { ColumnInfo } from "./sql/types.ts";
import type { WorkGroupRecord } from "./work-groups.ts";

export type QueryState = "QUEUED" | "RUNNING" | "SUCCEEDED" | "FAILED" | "CANCELLED";

/** One query, as it survives a restart. Its rows lie in S3. */
export interface ExecutionRecord {
  readonly id: string;
  readonly query: string;
  readonly statementType: "DML" | "UTILITY" | "DDL";
  readonly database: string;
  readonly catalog: string;
  readonly workGroup: string;
  readonly engineVersion: string;
  readonly clientRequestToken?: string | undefined;
  /** SQL of a value for each `?` of the query. */
  readonly parameters?: readonly string[] | undefined;
  /** Folder of the result, `s3://…/`. */
  readonly outputFolder: string;
  /** The result file, once it is known whether it is .csv or .txt. */
  readonly outputLocation: string;
  readonly state: QueryState;
  readonly reason?: string | undefined;
  readonly submittedAtMs: number;
  readonly startedAtMs?: number | undefined;
  readonly plannedAtMs?: number | undefined;
  readonly completedAtMs?: number | undefined;
  readonly scannedBytes: number;
  readonly columns: readonly ColumnInfo[];
}

/** SDK clients that call with one principal's rights. */
export interface Clients {
  readonly glue: GlueClient;
  readonly s3: S3Client;
}

/** Queries, workgroups and the clients by which queries reach Glue and S3. */
export class AthenaStore {
  readonly #cloud: Cloud;
  readonly #clients = new Map<string, Clients>();
  readonly executions: Collection<ExecutionRecord>;
  readonly workGroups: Collection<WorkGroupRecord>;
  readonly namedQueries: Collection<NamedQueryRecord>;
  /** SQL of prepared statements, by `<workgroup>/<name>`. */
  readonly prepared: Collection<string>;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
    this.executions = cloud.documents.collection("athena/executions");
    this.prepared = cloud.documents.collection("athena/prepared-statements");
    this.workGroups = cloud.documents.collection("athena/work-groups");
    this.namedQueries = cloud.documents.collection("athena/named-queries");
  }

  /** @throws AwsError InvalidRequestException */
  execution(id: string): ExecutionRecord {
    const execution = this.executions.get(id);
    if (!execution) throw new AwsError("InvalidRequestException", `QueryExecution ${id} was not found`);
    return execution;
  }

  /** @throws AwsError InvalidRequestException */
  workGroup(name: string): WorkGroupRecord {
    const workGroup = this.workGroups.get(name);
    if (!workGroup) throw new AwsError("InvalidRequestException", `WorkGroup ${name} is not found.`);
    return workGroup;
  }

  /** @throws AwsError InvalidRequestException */
  namedQuery(id: string): NamedQueryRecord {
    const query = this.namedQueries.get(id);
    if (!query) throw new AwsError("InvalidRequestException", `NamedQuery ${id} was not found`);
    return query;
  }

  /** Before the template is applied, so that queries which it no longer has are gone. */
  forgetNamedQueries(): void {
    for (const { id } of this.namedQueries.list()) this.namedQueries.delete(id);
  }

  /** ARN of the workgroup in which a query is saved, for IAM; of any workgroup where there is no such query. */
  arnOfNamedQuery(id: string): string {
    return this.arnOfWorkGroup(this.namedQueries.get(id)?.workGroup ?? "*");
  }

  /** ARN of the workgroup in which a query ran, for IAM; of any workgroup where there is no such query. */
  arnOfExecution(id: string): string {
    return this.arnOfWorkGroup(this.executions.get(id)?.workGroup ?? "*");
  }

  arnOfWorkGroup(name: string): string {
    return this.#cloud.arn("athena", `workgroup/${name}`);
  }

  clientsOf(caller: Principal): Clients {
    const known = this.#clients.get(caller.arn);
    if (known) return known;
    const clients = {
      glue: this.#cloud.client(GlueClient, caller),
      s3: this.#cloud.client(S3Client, caller),
    };
    this.#clients.set(caller.arn, clients);
    return clients;
  }
}
