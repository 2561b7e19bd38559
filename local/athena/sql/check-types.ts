import { Dialect, validateWithSchema } from "@polyglot-sql/sdk";
import { columnNotFound, queryError } from "../errors.ts";
import type { Query } from "./statement.ts";
import { isNode, sqlOf, treeOf, type Node } from "./tree.ts";

/** A table or view that a query may read. */
export interface KnownRelation {
  readonly database: string;
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly duckDb: string }[];
}

const INCOMPATIBLE_COMPARISON = "E217";
const UNKNOWN_COLUMN = "E201";

/**
 * Refuses comparisons of columns and literals of different types (`hour = 5` on a string column), which DuckDB would
 * convert, and columns that only DuckDB knows, such as an alias of the SELECT list in WHERE.
 * @param qualified the query, with the database of every table
 * @throws QueryError
 */
export function checkTypes(query: Query, qualified: string, relations: readonly KnownRelation[]): void {
  const schema = {
    strict: true,
    tables: relations.map(({ database, name, columns }) => ({
      schema: database,
      name,
      columns: columns.map((column) => ({ name: column.name, type: column.duckDb })),
    })),
  };
  const sql = sqlOf(hideCalls(treeOf(qualified)) as Node);
  for (const { code, message } of validateWithSchema(sql, schema, Dialect.Trino, { checkTypes: true })
    .errors) {
    if (code === INCOMPATIBLE_COMPARISON)
      throw queryError(
        "TYPE_MISMATCH",
        undefined,
        `Cannot apply operator: ${message}; cast one side, Athena does not`,
      );
    const [, name] = code === UNKNOWN_COLUMN ? (/^Unknown column '(.+?)'/.exec(message) ?? []) : [];
    if (name === undefined) continue;
    const column = query.columns.findLast((one) => one.name.toLowerCase() === name.toLowerCase());
    const label = column?.table === undefined ? name : `${column.table}.${name}`;
    throw columnNotFound(label, query.source.position(column?.start));
  }
}

/** Operands of comparisons, by kind of comparison. */
const OPERANDS: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(["eq", "neq", "lt", "lte", "gt", "gte"].map((kind) => [kind, ["left", "right"]])),
  between: ["this", "low", "high"],
  in: ["this", "expressions"],
};
const OF_KNOWN_TYPE = ["column", "literal", "cast", "boolean", "null"];

/** Replaces compared values whose type the validation would have to guess, such as calls of functions, by NULL. */
function hideCalls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(hideCalls);
  if (!isNode(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => {
      const inner = hideCalls(child);
      const operands = Object.hasOwn(OPERANDS, key) ? OPERANDS[key]! : [];
      if (!isNode(inner)) return [key, inner];
      return [
        key,
        { ...inner, ...Object.fromEntries(operands.map((name) => [name, knownOrNull(inner[name])])) },
      ];
    }),
  );
}

const knownOrNull = (operand: unknown): unknown => {
  if (Array.isArray(operand)) return operand.map(knownOrNull);
  if (!isNode(operand) || OF_KNOWN_TYPE.some((kind) => kind in operand)) return operand;
  return { null: null };
};
