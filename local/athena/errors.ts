/** Why a query failed: what `QueryExecution.Status.StateChangeReason` says. */
export class QueryError extends Error {
  /** @param reason Athena's words, e.g. `TABLE_NOT_FOUND: line 1:15: Table '…' does not exist` */
  constructor(reason: string) {
    super(reason);
    this.name = "QueryError";
  }
}

/** A query that Athena itself calls off, e.g. because it would scan more than its workgroup lets it. */
export class QueryCancelled extends Error {
  override readonly name = "QueryCancelled";
}

/** Where something stands in the SQL as the user wrote it; both count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/**
 * An error in Trino's form, `<name>: line <l>:<c>: <what>` (observed: Athena engine v3).
 * @param position left out where it is not known
 */
export const queryError = (name: string, position: Position | undefined, what: string): QueryError =>
  new QueryError(
    position ? `${name}: line ${position.line}:${position.column}: ${what}` : `${name}: ${what}`,
  );

/** Athena's words for a column that is not there, or that the caller may not see (observed: Athena engine v3). */
export const columnNotFound = (column: string, position: Position | undefined): QueryError =>
  queryError(
    "COLUMN_NOT_FOUND",
    position,
    `Column '${column}' cannot be resolved or requester is not authorized to access requested resources`,
  );
