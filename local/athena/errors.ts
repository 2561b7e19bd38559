import { AwsError } from "../errors.ts";

export const INVALID_REQUEST = "InvalidRequestException";

export const invalidRequest = (message: string): AwsError => new AwsError(INVALID_REQUEST, message);

/** A query that fails. The message is `QueryExecution.Status.StateChangeReason`. */
export class QueryError extends Error {
  override readonly name = "QueryError";
}

/** A query that Athena itself cancels, e.g. because it would scan more than its workgroup allows. */
export class QueryCancelled extends Error {
  override readonly name = "QueryCancelled";
}

/** A position in the SQL of the user; line and column count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/**
 * An error in Trino's form, `<name>: line <l>:<c>: <what>` (observed: Athena engine v3).
 * @param position undefined when it is unknown
 */
export const queryError = (name: string, position: Position | undefined, what: string): QueryError =>
  new QueryError(
    position ? `${name}: line ${position.line}:${position.column}: ${what}` : `${name}: ${what}`,
  );

/** A column that does not exist, or that the caller may not read (observed: Athena engine v3). */
export const columnNotFound = (column: string, position: Position | undefined): QueryError =>
  queryError(
    "COLUMN_NOT_FOUND",
    position,
    `Column '${column}' cannot be resolved or requester is not authorized to access requested resources`,
  );

export const notSupported = (what: string): QueryError => queryError("NOT_SUPPORTED", undefined, what);
