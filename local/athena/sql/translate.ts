import { Dialect, transpile } from "@polyglot-sql/sdk";
import { errorMessage } from "../../../base/errors.ts";
import { notSupported, QueryError } from "../errors.ts";
import { functionEdits, timeEdits } from "./calls.ts";
import { operatorMacro, type Operator } from "./macros.ts";
import { quoteIdentifier } from "../../duckdb.ts";
import type { Query } from "./statement.ts";
import { asIdentifier, expressionOf, isNode, relationOf, sqlOf, treeOf, type Node } from "./tree.ts";

/** A query in both dialects. */
interface Translation {
  /** Athena's SQL, with the database of every table and the names of macros. */
  readonly qualified: string;
  readonly duckDb: string;
}

/**
 * Translates a query for DuckDB.
 * @param database of tables without one, lower case
 * @param nowMs the time of `now()` and `current_date`
 * @throws QueryError for a function that is not emulated, and for SQL that cannot be translated
 */
export function translate(query: Query, database: string, nowMs: number): Translation {
  const tables = query.tables.map(({ database: schema = database, name, start, end }) => ({
    start,
    end,
    text: `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`,
  }));
  const { source } = query;
  const values = source.tokens
    .filter((token) => token.source === "?")
    .map(({ start, end }, index) => ({ start, end, text: query.parameters[index]! }));
  const edits = [...tables, ...values, ...functionEdits(source), ...timeEdits(source, nowMs)];
  const qualified = source.edited(edits);
  try {
    const sql = sqlOf(rewrite(treeOf(qualified)) as Node);
    const result = transpile(sql, Dialect.Trino, Dialect.DuckDB);
    const [duckDb] = result.sql ?? [];
    if (!result.success || duckDb === undefined) throw new Error(result.error);
    return { qualified, duckDb };
  } catch (error) {
    if (error instanceof QueryError) throw error;
    throw notSupported(`the local Athena cannot translate the query: ${errorMessage(error)}`);
  }
}

/** Rewrites, from the leaves up, the parts that have another meaning in DuckDB. */
function rewrite(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(rewrite);
  if (!isNode(value)) return value;
  const node = Object.fromEntries(Object.entries(value).map(([key, child]) => [key, rewrite(child)]));
  const member = (kind: string): Node | undefined => (isNode(node[kind]) ? node[kind] : undefined);

  const select = member("select");
  if (select) {
    const items = select["expressions"] as Node[];
    return { select: { ...select, expressions: items.map(named) } };
  }
  if (Array.isArray(node["ctes"]) && node["recursive"] !== true)
    return { ...node, ctes: (node["ctes"] as Node[]).map((one) => ({ ...one, materialized: false })) };
  for (const [kind, operator] of [["add", "plus"], ["sub", "minus"]] as const) {
    const { left, right } = member(kind) ?? {};
    if (isInterval(left) || isInterval(right)) return call(operatorMacro(operator), left as Node, right as Node);
  } // prettier-ignore
  for (const [kind, operator] of [["div", "divide"], ["mod", "modulo"]] as const) {
    const operands = member(kind);
    if (operands) return call(operatorMacro(operator), operands["left"] as Node, operands["right"] as Node);
  } // prettier-ignore
  const subscript = member("subscript");
  if (subscript)
    return call(operatorMacro("subscript"), subscript["this"] as Node, subscript["index"] as Node);
  const concat = member("concat");
  if (concat) return call(operatorMacro("concatenate"), concat["left"] as Node, concat["right"] as Node);
  const cast = member("cast");
  const to = isNode(cast?.["to"]) ? cast["to"] : {};
  const caster = CASTERS[String(to["data_type"])];
  if (cast && caster && (to["length"] ?? null) === null)
    return call(operatorMacro(caster), cast["this"] as Node);
  const called = member("function");
  const ofLambda = called && OF_LAMBDAS[String(called["name"]).toLowerCase()];
  if (ofLambda) return expressionOf(ofLambda(...(called["args"] as Node[]).map(sqlOf)));
  const zoned = member("at_time_zone");
  if (zoned) return call("athena_at_timezone", zoned["this"] as Node, zoned["zone"] as Node);
  const extract = member("extract");
  if (extract?.["field"] === "DayOfWeek") return call("athena_day_of_week", extract["this"] as Node);
  return unnested(member("alias")) ?? node;
}

/** The macros that cast to a type, by polyglot's name of the type. */
const CASTERS: Readonly<Record<string, Operator>> = {
  var_char: "as_varchar",
  tiny_int: "as_tinyint",
  small_int: "as_smallint",
  int: "as_integer",
  big_int: "as_bigint",
};

/** Functions with lambda arguments, which DuckDB's macros do not accept, as expressions of DuckDB's functions. */
const OF_LAMBDAS: Readonly<Record<string, (...args: readonly string[]) => string>> = {
  all_match: (list, test) => `coalesce(list_bool_and(list_transform(${list}, ${test})), true)`,
  any_match: (list, test) => `coalesce(list_bool_or(list_transform(${list}, ${test})), false)`,
  none_match: (list, test) => `NOT coalesce(list_bool_or(list_transform(${list}, ${test})), false)`,
  reduce: (list, start, step, end) =>
    `list_transform(ARRAY[list_reduce(${list}, ${step}, ${start})], ${end})[1]`,
};

const call = (name: string, ...args: readonly Node[]): Node =>
  expressionOf(`${name}(${args.map(sqlOf).join(", ")})`);

const isInterval = (value: unknown): boolean =>
  isNode(value) &&
  ("interval" in value ||
    [value["paren"], value["mul"]].some(
      (inner) => isNode(inner) && [inner["this"], inner["left"], inner["right"]].some(isInterval),
    ));

/** An output column; one without a name gets Trino's, `_col<position>`. */
function named(item: Node, position: number): Node {
  const bare = isNode(item["paren"]) ? (item["paren"]["this"] as Node) : item;
  if (["alias", "column", "star", "dot"].some((kind) => kind in bare)) return item;
  const aliased = expressionOf(`1 AS ${unnamedColumn(position)}`);
  return { alias: { ...(aliased["alias"] as Node), this: item } };
}

/** Trino's name of an output column without one. @param position from 0 */
export const unnamedColumn = (position: number): string => `_col${position}`;

/** UNNEST of a map or of several arrays, which DuckDB supports only in a SELECT list. */
function unnested(alias: Node | undefined): Node | undefined {
  const unnest =
    isNode(alias?.["this"]) && isNode(alias["this"]["unnest"]) ? alias["this"]["unnest"] : undefined;
  const name = asIdentifier(alias?.["alias"]);
  if (!alias || !unnest || !name) return undefined;
  const inputs = [unnest["this"], ...((unnest["expressions"] as Node[] | undefined) ?? [])].map((input) =>
    sqlOf(input as Node),
  );
  const columns = (alias["column_aliases"] as Node[]).map((column) => asIdentifier(column)!.name);
  const isOrdered = unnest["with_ordinality"] === true;
  const outputs = columns.length - (isOrdered ? 1 : 0);
  if (columns.length === 0 || (inputs.length === 1 && outputs === 1)) return undefined;
  const [first] = inputs;
  let lists = inputs;
  if (inputs.length === 1 && outputs === 2) lists = [`map_keys(${first})`, `map_values(${first})`];
  else if (inputs.length !== outputs)
    throw notSupported(
      `UNNEST into ${outputs} columns is not emulated; unnest into one column and read its fields`,
    );
  const items = lists.map((list) => `athena_unnest(${list})`);
  if (isOrdered) items.push(`athena_unnest(athena_ordinals(${lists[0]}))`);
  const aliases = columns.map(quoteIdentifier).join(", ");
  return relationOf(`(SELECT ${items.join(", ")}) AS ${quoteIdentifier(name.name)}(${aliases})`);
}
