import type { GlueClient } from "@aws-sdk/client-glue";
import type { S3Client } from "@aws-sdk/client-s3";
import type { Cloud } from "../../cloud.ts";
import type { Principal } from "../../iam/principal.ts";
import type { ColumnInfo } from "../results/column-info.ts";
import type { Query } from "../sql/statement.ts";
import type { QueryConnection } from "./connection.ts";
import type { Relations } from "./relations.ts";

/** What a statement runs with. */
export interface QueryContext {
  readonly cloud: Cloud;
  readonly caller: Principal;
  /** Clients with the caller's permissions. */
  readonly glue: GlueClient;
  readonly s3: S3Client;
  readonly database: string;
  /** Bytes over which the workgroup cancels the query; undefined for no limit. */
  readonly cutoffBytes: number | undefined;
  readonly signal: AbortSignal;
  /** Called when planning has ended and `scannedBytes` are about to be read. */
  onPlanned(scannedBytes: number): void;
}

/** A query whose tables exist in DuckDB. */
export interface OpenQuery {
  readonly query: Query;
  /** DuckDB's SQL. */
  readonly sql: string;
  readonly relations: Relations;
  readonly connection: QueryConnection;
  readonly context: QueryContext;
}

export interface QueryResult {
  readonly columns: readonly ColumnInfo[];
  /** The result file. */
  readonly body: string;
  readonly extension: "csv" | "txt";
}
