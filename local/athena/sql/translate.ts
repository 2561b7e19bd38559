import { Dialect, transpile } from "@polyglot-sql/sdk";
import { errorMessage } from "../../../base/errors.ts";
import { notSupported, QueryError } from "../errors.ts";
import { functionEdits, literalEdits, timeEdits } from "./calls.ts";
import { fromJoda } from "./functions.ts";
import { operatorMacro, type Operator } from "./macros.ts";
import { quoteIdentifier, quoteString } from "../../duckdb.ts";
import type { Query } from "./statement.ts";
import { asIdentifier, expressionOf, isNode, relationOf, sqlOf, treeOf, type Node } from "./tree.ts";

/**
 * Athena's SQL with every table qualified, values in the place of `?`, and the functions renamed that DuckDB gets as
 * macros.
 * @param database the database of tables that are named without one, lower case
 * @param nowMs what `now()` and `current_date` mean, epoch milliseconds
 * @throws QueryError for a function that the local Athena does not have
 */
export function qualify(query: Query, database: string, nowMs: number): string {
  const tables = query.tables.map(({ database: schema = database, name, start, end }) => ({
    start,
    end,
    text: `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`,
  }));
  const { source } = query;
  const values = source.tokens
    .filter((token) => token.source === "?")
    .map(({ start, end }, index) => ({ start, end, text: query.parameters[index]! }));
  return source.edited([
    ...tables,
    ...values,
    ...functionEdits(source),
    ...timeEdits(source, nowMs),
    ...literalEdits(source),
  ]);
}

/**
 * Translates a query for DuckDB.
 * @throws QueryError for what cannot be translated
 */
export function toDuckDb(tree: Node): string {
  return translating(() => {
    const result = transpile(sqlOf(rewrite(tree) as Node), Dialect.Trino, Dialect.DuckDB);
    const [duckDb] = result.sql ?? [];
    if (!result.success || duckDb === undefined) throw new Error(result.error);
    return duckDb;
  });
}

/** The tree of a qualified query. @throws QueryError when it cannot be read */
export const readQualified = (sql: string): Node => translating(() => treeOf(sql));

function translating<T>(step: () => T): T {
  try {
    return step();
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
  /** Of a node that is an expression, not the members of one. */
  const expression = (kind: string): Node | undefined =>
    Object.keys(node).length === 1 ? member(kind) : undefined;

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
  const decimal = [member("cast"), member("try_cast")].find((one) => isBareDecimal(one?.["to"]));
  if (decimal)
    return {
      [cast ? "cast" : "try_cast"]: {
        ...decimal,
        to: { ...(decimal["to"] as Node), precision: 38, scale: 0 },
      },
    };
  const substring = expression("substring");
  if (substring)
    return call(
      operatorMacro("substring_of"),
      ...["this", "start", "length"].map((name) => substring[name]).filter(isNode),
    );
  const length = expression("length");
  if (length) return call(operatorMacro("length_of"), length["this"] as Node);
  const window = member("window_function");
  const percentile = percentileOf(window ? (window["this"] as Node) : node, window);
  if (percentile) return percentile;
  const called = member("function");
  if (called && /^parse_datetime$/i.test(String(called["name"]))) return parsedTime(called["args"] as Node[]);
  if (called && /^grouping$/i.test(String(called["name"])))
    return expressionOf(`CAST(${sqlOf(node)} AS INTEGER)`);
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

function parsedTime([text, pattern]: readonly Node[]): Node {
  const literal = isNode(pattern?.["literal"]) ? String(pattern["literal"]["value"]) : undefined;
  if (literal === undefined)
    throw new QueryError("NOT_SUPPORTED: parse_datetime is emulated for a pattern that is a literal");
  return expressionOf(`timezone('UTC', strptime(${sqlOf(text!)}, ${quoteString(fromJoda(literal))}))`);
}

const isBareDecimal = (type: unknown): boolean =>
  isNode(type) && type["data_type"] === "decimal" && (type["precision"] ?? null) === null;

/**
 * `approx_percentile` as Trino has it of few values, the one at the place `floor(fraction * count)`. Its argument is
 * collected by an aggregate that takes FILTER and OVER.
 */
function percentileOf(node: Node, window: Node | undefined): Node | undefined {
  const aggregate = isNode(node["aggregate_function"]) ? node["aggregate_function"] : undefined;
  const name = aggregate?.["name"];
  if (!aggregate || typeof name !== "string" || !/^approx_percentile$/i.test(name)) return undefined;
  const [value, fraction, ...rest] = aggregate["args"] as Node[];
  if (rest.length > 0)
    throw new QueryError("NOT_SUPPORTED: approx_percentile with weights or an accuracy is not emulated");
  const filter = isNode(aggregate["filter"]) ? ` AND (${sqlOf(aggregate["filter"])})` : "";
  const list = expressionOf(
    `array_agg(${sqlOf(value!)}) FILTER (WHERE ${sqlOf(value!)} IS NOT NULL${filter})`,
  );
  const collected = sqlOf(window ? { window_function: { ...window, this: list } } : list);
  const one = (q: string) => `athena_percentile(${collected}, ${q})`;
  const array = isNode(fraction!["array_func"])
    ? (fraction!["array_func"]["expressions"] as Node[])
    : undefined;
  return expressionOf(array ? `ARRAY[${array.map((q) => one(sqlOf(q))).join(", ")}]` : one(sqlOf(fraction!)));
}

/** A lambda's parameters and body. */
function lambdaOf(sql: string): { readonly names: readonly string[]; readonly body: string } {
  const lambda = expressionOf(`f(${sql})`);
  const [argument] = (lambda["function"] as Node)["args"] as Node[];
  const { parameters, body } = argument!["lambda"] as { parameters: Node[]; body: Node };
  return { names: parameters.map(({ name }) => quoteIdentifier(String(name))), body: sqlOf(body) };
}

/** The body of a lambda of several parameters, each of which is bound by a list of one. */
function applied(lambda: string, values: readonly string[]): string {
  const { names, body } = lambdaOf(lambda);
  return names.reduceRight(
    (inner, name, index) => `list_extract(list_transform(ARRAY[${values[index]}], ${name} -> ${inner}), 1)`,
    body,
  );
}

const KEY = "struct_extract(athena_entry, 'key')";
const VALUE = "struct_extract(athena_entry, 'value')";
const entriesOf = (map: string): string => `map_entries(${map})`;

/** Functions that take lambdas, which no macro of DuckDB can take, as expressions of those that DuckDB has. */
const OF_LAMBDAS: Readonly<Record<string, (...args: readonly string[]) => string>> = {
  all_match: (list, test) => `athena_all_of(list_transform(${list}, ${test}))`,
  any_match: (list, test) => `athena_any_of(list_transform(${list}, ${test}))`,
  none_match: (list, test) => `NOT athena_any_of(list_transform(${list}, ${test}))`,
  reduce: (list, start, step, end) =>
    `list_transform(ARRAY[list_reduce(${list}, ${step}, ${start})], ${end})[1]`,
  map_filter: (map, test) =>
    `map_from_entries(list_filter(${entriesOf(map!)}, athena_entry -> ${applied(test!, [KEY, VALUE])}))`,
  transform_keys: (map, by) =>
    `map(list_transform(${entriesOf(map!)}, athena_entry -> ${applied(by!, [KEY, VALUE])}), map_values(${map}))`,
  transform_values: (map, by) =>
    `map(map_keys(${map}), list_transform(${entriesOf(map!)}, athena_entry -> ${applied(by!, [KEY, VALUE])}))`,
  zip_with: (a, b, by) =>
    `list_transform(generate_series(1, greatest(len(${a}), len(${b}))), athena_i -> ` +
    `${applied(by!, [`list_extract(${a}, athena_i)`, `list_extract(${b}, athena_i)`])})`,
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
  const base = isNode(bare["dot"]) && isNode(bare["dot"]["this"]) ? bare["dot"]["this"] : bare;
  if (["alias", "column", "star", "dot"].some((kind) => kind in base)) return item;
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
