import type { ColumnInfo } from "./results/column-info.ts";
import type { WorkGroupConfiguration } from "./work-groups.ts";

export type QueryState = "QUEUED" | "RUNNING" | "SUCCEEDED" | "FAILED" | "CANCELLED";

/** One query, as it survives a restart. Its rows are in S3. */
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
  /** The result file; its extension is known when the query has run. */
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

export interface WorkGroupRecord {
  readonly name: string;
  readonly state: "ENABLED" | "DISABLED";
  readonly description?: string | undefined;
  readonly createdAtMs: number;
  readonly configuration: WorkGroupConfiguration;
}

/** A query that is saved in a workgroup. */
export interface NamedQueryRecord {
  readonly id: string;
  readonly name: string;
  readonly description?: string | undefined;
  readonly database: string;
  readonly query: string;
  readonly workGroup: string;
}
