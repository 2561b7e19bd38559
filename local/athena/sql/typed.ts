import { quoteString } from "../../duckdb.ts";
import { queryError, type QueryError } from "../errors.ts";
import { castOf } from "./casts.ts";
import { operatorMacro } from "./macros.ts";
import {
  asExpression,
  conditionKey,
  conditionsOf,
  forEachNode,
  siteOf,
  type CallKinds,
  type OperandTypes,
  type Site,
} from "./operand-types.ts";
import { signatureOf, SITES } from "./signatures.ts";
import { expressionOf, isNode, sqlOf, type Node } from "./tree.ts";
import { haveCommonType, isNumber, trinoType, type TrinoType } from "./trino-types.ts";

const AGGREGATES = new Set(["sum", "avg", "approx_percentile"]);

/** The calls whose operands' types matter. */
export const CALLS: CallKinds = {
  isSite: (name) => SITES.has(name),
  isAggregate: (name) => AGGREGATES.has(name),
};

/**
 * Refuses what Trino refuses because of types, and writes out what it makes of them: decimals that divide into decimals,
 * casts of text that is no number, the type that `typeof` names.
 * @param types what is known of the operands; an expression of which nothing is known stays
 * @throws QueryError in Trino's words
 */
export function applyTypes(tree: Node, types: OperandTypes): Node {
  checkConditions(tree, types);
  return visitTyped(tree, types, applied);
}

/** Whether decimals are divided, whose quotient's type other sites may depend on. */
export const dividesDecimals = (tree: Node, types: OperandTypes): boolean => {
  let found = false;
  forEachNode(tree, (node) => {
    if (!isNode(node["div"]) && !isNode(node["avg"])) return;
    const key = siteOf(node, CALLS)?.key;
    found ||= key !== undefined && (types.get(key) ?? []).some((type) => type.startsWith("DECIMAL"));
  });
  return found;
};

/** The same query, in which decimals that are divided have Trino's type. */
export const applyQuotients = (tree: Node, types: OperandTypes): Node =>
  visitTyped(tree, types, (site, node, [a, b]) => {
    if (site.kind === "div" && b && isComputable("div", a!, b)) return computed("div", node, a!, b);
    return site.name === "avg" ? withResultType("avg", node, a!) : node;
  });

function checkConditions(tree: Node, types: OperandTypes): void {
  forEachNode(tree, (node) => {
    for (const condition of conditionsOf(node)) {
      const [type] = types.get(conditionKey(condition)) ?? [];
      if (type !== undefined) checkCondition(trinoType(type));
    }
  });
}

type Apply = (site: Site, node: Node, types: readonly TrinoType[]) => Node;

function visitTyped(tree: Node, types: OperandTypes, apply: Apply): Node {
  const visit = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(visit);
    if (!isNode(value)) return value;
    const site = siteOf(value, CALLS);
    const known = site && types.get(site.key)?.map(trinoType);
    const inner = Object.fromEntries(Object.entries(value).map(([key, child]) => [key, visit(child)]));
    if (known) return apply(site, inner, known);
    const over = isNode(value["window_function"]) ? value["window_function"] : undefined;
    const aggregate = over && siteOf(over["this"] as Node, CALLS);
    const argument = aggregate && types.get(aggregate.key)?.map(trinoType);
    return argument && apply === applied && CALLS.isAggregate(aggregate.name)
      ? withResultType(aggregate.name, rawWindow(value, visit), argument[0]!)
      : inner;
  };
  return visit(tree) as Node;
}

/** A window function whose aggregate keeps its own type, since the cast stands around the whole. */
function rawWindow(node: Node, visit: (value: unknown) => unknown): Node {
  const window = node["window_function"] as Node;
  const [kind, members] = asExpression(window["this"] as Node)!;
  return { window_function: { ...window, this: { [kind]: visit(members) }, over: visit(window["over"]) } };
}

function checkCondition({ family, name }: TrinoType): void {
  if (family !== "boolean" && family !== "unknown" && family !== "other")
    throw mismatch(`a condition must evaluate to a boolean (actual: ${name})`);
}

const mismatch = (what: string): QueryError => queryError("TYPE_MISMATCH", undefined, what);

const SIGNS: Readonly<Record<string, string>> = {
  eq: "=", neq: "<>", lt: "<", lte: "<=", gt: ">", gte: ">=", add: "+", sub: "-", mul: "*", div: "/", mod: "%",
  null_safe_eq: "IS NOT DISTINCT FROM", null_safe_neq: "IS DISTINCT FROM",
}; // prettier-ignore

const COMMON: Readonly<Record<string, string>> = {
  case: "CASE results",
  coalesce: "COALESCE operands",
  if_func: "IF results",
  array_func: "ARRAY elements",
};

function applied(site: Site, node: Node, types: readonly TrinoType[]): Node {
  const { kind, name } = site;
  const [a, b] = types;
  if (kind in SIGNS && b) {
    const isArithmetic = ["add", "sub", "mul", "div", "mod"].includes(kind);
    const fits = isArithmetic ? isComputable(kind, a!, b) : haveCommonType(a!, b);
    if (!fits) throw mismatch(`Cannot apply operator: ${a!.name} ${SIGNS[kind]} ${b.name}`);
    return isArithmetic ? computed(kind, node, a!, b) : node;
  }
  if (kind === "between" || kind === "in") {
    const stranger = types.find((type) => !haveCommonType(a!, type));
    if (stranger)
      throw mismatch(`Cannot apply operator: ${a!.name} ${kind === "in" ? "=" : "<="} ${stranger.name}`);
    return node;
  }
  if (kind in COMMON) {
    const stranger = types.find((type) => types.some((other) => !haveCommonType(other, type)));
    if (stranger)
      throw mismatch(
        `All ${COMMON[kind]} must be the same type or coercible to a common type. Cannot find common type between ` +
          `${types.find((other) => !haveCommonType(other, stranger))!.name} and ${stranger.name}`,
      );
    return node;
  }
  if (kind === "subscript") return subscripted(node, a!, b!);
  if (kind === "concat") return concatenated(node, a!, b!);
  if (kind === "neg") {
    if (!isNumber(a!) && !["interval", "unknown", "other"].includes(a!.family))
      throw mismatch(`Cannot negate ${a!.name}`);
    return node;
  }
  if (kind === "cast" || kind === "try_cast") return castOf(node, a!);
  if (name === "typeof") return expressionOf(quoteString(a!.name));
  if ((name === "greatest" || name === "least") && types.some((type) => !haveCommonType(a!, type)))
    throw queryError(
      "FUNCTION_NOT_FOUND",
      undefined,
      `Unexpected parameters (${types.map((type) => type.name).join(", ")}) for function ${name}`,
    );
  const problem = signatureOf(name, types);
  if (problem) throw queryError("FUNCTION_NOT_FOUND", undefined, problem);
  return rebuilt(name, node, types) ?? withResultType(name, node, a!, types[1]);
}

const TIMES = ["date", "timestamp", "zoned", "time"];

function isComputable(kind: string, a: TrinoType, b: TrinoType): boolean {
  const open = (type: TrinoType) => type.family === "unknown" || type.family === "other";
  if (open(a) || open(b) || (isNumber(a) && isNumber(b))) return true;
  const isTime = (type: TrinoType) => TIMES.includes(type.family);
  const isInterval = (type: TrinoType) => type.family === "interval";
  if (kind === "add")
    return (isTime(a) && isInterval(b)) || (isInterval(a) && isTime(b)) || (isInterval(a) && isInterval(b));
  if (kind === "sub")
    return (
      (isTime(a) && isInterval(b)) || (isInterval(a) && isInterval(b)) || (isTime(a) && a.family === b.family)
    );
  if (kind === "mul") return (isInterval(a) && isNumber(b)) || (isNumber(a) && isInterval(b));
  return kind === "div" && isInterval(a) && isNumber(b);
}

const MAX_PRECISION = 38;

const asType = (node: Node, type: string): Node => expressionOf(`CAST(${sqlOf(node)} AS ${type})`);
const decimal = (precision: number, scale: number): string =>
  `DECIMAL(${Math.min(MAX_PRECISION, Math.max(precision, scale, 1))}, ${scale})`;

/** Arithmetic with Trino's type of the result (documented: Trino, "Decimal functions and operators"). */
function computed(kind: string, node: Node, a: TrinoType, b: TrinoType): Node {
  if (kind === "sub" && a.family === "date" && b.family === "date")
    return expressionOf(`${operatorMacro("days")}(${sqlOf(node)})`);
  if (kind === "div" && isNumber(a) && isNumber(b) && (a.family === "floating" || b.family === "floating")) {
    const { left, right } = node["div"] as Record<string, Node>;
    return expressionOf(`${operatorMacro("float_divide")}(${sqlOf(left!)}, ${sqlOf(right!)})`);
  }
  const ofDecimals =
    (a.family === "decimal" || b.family === "decimal") &&
    a.precision > 0 &&
    b.precision > 0 &&
    isNumber(a) &&
    isNumber(b);
  if (!ofDecimals) return node;
  const scale = Math.max(a.scale, b.scale);
  if (kind === "div")
    return asType(node, decimal(a.precision + b.scale + Math.max(0, b.scale - a.scale), scale));
  if (kind === "mod")
    return asType(node, decimal(Math.min(b.precision - b.scale, a.precision - a.scale) + scale, scale));
  return node;
}

/** Trino's own name of a type, for a cast; undefined where a part of it has none. */
const castable = (types: readonly TrinoType[]): boolean =>
  types.every(({ family, inner }) => family !== "unknown" && family !== "other" && castable(inner));

/** `ROW(field0 integer, field1 varchar)`: DuckDB keeps apart only fields that have names. */
const rowType = (types: readonly TrinoType[]): string =>
  `ROW(${types.map(({ name }, index) => `field${index} ${name}`).join(", ")})`;

/** Calls that take another form in DuckDB, by the types of their arguments. */
function rebuilt(name: string, node: Node, types: readonly TrinoType[]): Node | undefined {
  const [a, b] = types;
  const args = (asExpression(node)![1]["args"] as Node[] | undefined)?.map(sqlOf) ?? [];
  if (name === "row" && castable(types)) return asType(node, rowType(types));
  if (name === "zip" && castable(types))
    return expressionOf(
      `CAST(list_zip(${args.join(", ")}) AS ARRAY(${rowType(types.map(({ inner }) => inner[0]!))}))`,
    );
  if (name === "map_entries" && castable(a!.inner))
    return expressionOf(
      `CAST(list_zip(map_keys(${args[0]}), map_values(${args[0]})) AS ARRAY(${rowType(a!.inner)}))`,
    );
  if (name === "concat_ws" && b?.family === "array")
    return expressionOf(`array_to_string(${args[1]}, ${args[0]})`);
  // A macro that takes both, for types that are not known, has to write them as JSON.
  if (name === "cardinality" && a!.family === "array") return expressionOf(`len(${args[0]})`);
  if (name === "cardinality" && a!.family === "map") return expressionOf(`len(map_keys(${args[0]}))`);
  if (name === "element_at" && a!.family === "array")
    return expressionOf(`${operatorMacro("element_or_null")}(${args.join(", ")})`);
  return undefined;
}

function subscripted(node: Node, a: TrinoType, b: TrinoType): Node {
  const { this: whole, index } = node["subscript"] as Record<string, Node>;
  if (a.family === "array" && b.family !== "integer" && b.family !== "unknown")
    throw mismatch(`Cannot use ${b.name} for subscript of ${a.name}`);
  const macro = ({ array: "element_of_array", map: "value_of_map" } as const)[a.family as "array" | "map"];
  if (macro) return expressionOf(`${operatorMacro(macro)}(${sqlOf(whole!)}, ${sqlOf(index!)})`);
  return a.family === "row" ? expressionOf(`struct_extract_at(${sqlOf(whole!)}, ${sqlOf(index!)})`) : node;
}

function concatenated(node: Node, a: TrinoType, b: TrinoType): Node {
  const fits =
    [a, b].some(({ family }) => family === "unknown" || family === "other") ||
    (a.family === b.family && ["text", "varbinary"].includes(a.family)) ||
    (a.family === "array" && (haveCommonType(a, b) || haveCommonType(a.inner[0]!, b))) ||
    (b.family === "array" && haveCommonType(a, b.inner[0]!));
  if (!fits)
    throw queryError(
      "FUNCTION_NOT_FOUND",
      undefined,
      `Unexpected parameters (${a.name}, ${b.name}) for function concat`,
    );
  return node;
}

/** A call with Trino's type of its result, where DuckDB's is another. */
function withResultType(name: string, node: Node, argument: TrinoType, second?: TrinoType): Node {
  const { family, precision, scale } = argument;
  if (name === "avg" && family === "decimal") return asType(node, decimal(precision, scale));
  if (name === "avg" && argument.name === "real") return asType(node, "REAL");
  if (name === "sign" && isNumber(argument))
    return asType(node, family === "decimal" ? "DECIMAL(1, 0)" : argument.name);
  if (name === "approx_percentile" && family === "integer")
    return asType(
      node,
      second?.family === "array" || sqlOf(node).includes("ARRAY[") ? "ARRAY(BIGINT)" : "BIGINT",
    );
  if ((name === "round" || name === "truncate") && family === "decimal" && second)
    return asType(node, decimal(precision + 1, scale));
  return node;
}
