import * as v from "valibot";
import { PARAMETER_TYPES } from "../queries/saved-query.ts";
import { count, epochMs, text } from "./values.ts";

/** The longest SQL (documented: Athena, StartQueryExecution, QueryString). */
const MAX_SQL_CHARACTERS = 262_144;

export const savedQueries = v.strictObject({
  queries: v.array(
    v.strictObject({
      name: text,
      purpose: text,
      parameters: v.array(
        v.strictObject({
          name: text,
          type: v.picklist(PARAMETER_TYPES),
          /** SQL; absent if the query requires a value. */
          default: v.optional(text),
          meaning: text,
        }),
      ),
      sql: text,
    }),
  ),
  /** The tables and views that SQL may name, with their columns. */
  tables: v.array(
    v.strictObject({
      name: text,
      kind: v.picklist(["table", "view"]),
      description: text,
      columns: v.array(v.strictObject({ name: text, type: text, comment: text })),
    }),
  ),
});

export type SavedQueries = v.InferOutput<typeof savedQueries>;

/** SQL, or a saved query with values of its parameters as a reader enters them. */
export const statementBody = v.union(
  [
    v.strictObject({
      sql: v.pipe(
        v.string(),
        v.regex(/\S/, "expected SQL"),
        v.maxLength(MAX_SQL_CHARACTERS, `expected at most ${MAX_SQL_CHARACTERS} characters`),
      ),
    }),
    v.strictObject({
      name: v.pipe(v.string(), v.maxLength(100)),
      parameters: v.optional(
        v.record(
          v.pipe(v.string(), v.maxLength(100)),
          v.pipe(v.string(), v.maxLength(1000, "expected at most 1000 characters")),
        ),
        {},
      ),
    }),
  ],
  "expected an object with sql, or with name and parameters",
);

export type StatementBody = v.InferOutput<typeof statementBody>;

export const estimate = v.strictObject({
  tables: v.array(
    v.strictObject({
      table: text,
      /** First and last value of each partition column that the query restricts. */
      partitions: v.array(v.strictObject({ column: text, first: v.optional(text), last: v.optional(text) })),
      /** Partitions that Athena lists, where that is known. */
      listed: v.optional(count),
      files: count,
      bytes: count,
    }),
  ),
  files: count,
  /** The most that can be scanned: of Parquet, Athena reads only the columns in the query. */
  bytes: count,
  costUsd: v.number(),
});

export type Estimate = v.InferOutput<typeof estimate>;

export const startedQuery = v.strictObject({ queryId: text });

/** A query that runs or has ended. */
export const execution = v.strictObject({
  queryId: text,
  sql: text,
  state: v.picklist(["queued", "running", "succeeded", "failed", "cancelled"]),
  submittedAtMs: v.optional(epochMs),
  runMs: v.optional(count),
  scannedBytes: v.optional(count),
  costUsd: v.optional(v.number()),
  /** Why it failed, what to do, and the place in the SQL, both from 1. */
  reason: v.optional(text),
  remedy: v.optional(text),
  position: v.optional(v.strictObject({ line: count, column: count })),
  /** Of a query that succeeded. */
  columns: v.optional(v.array(v.strictObject({ name: text, type: text }))),
  /** Values as Athena prints them; null for NULL. */
  rows: v.optional(v.array(v.array(v.nullable(text)))),
  /** The value of `page` that continues. */
  next: v.optional(text),
});

export type Execution = v.InferOutput<typeof execution>;

export const queryIdParameter = v.pipe(
  v.string(),
  v.regex(/^[0-9a-f-]{36}$/, "expected a query's id, e.g. 00000000-0000-4000-8000-000000000000"),
);

export const executionQuery = v.strictObject({
  page: v.optional(v.pipe(v.string(), v.maxLength(4096))),
});
