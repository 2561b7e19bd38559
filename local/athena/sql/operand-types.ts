import { expressionOf, isNode, sqlOf, type Node } from "./tree.ts";

/** DuckDB's names of the types of a site's operands, in their order. */
export type OperandTypes = ReadonlyMap<string, readonly string[]>;

/** The function by which a probing query reports the types of operands; its first arguments say whose they are. */
export const PROBE = "athena_probe";

/** An expression whose meaning in Trino depends on its operands' types. */
export interface Site {
  /** The same for the same expression. */
  readonly key: string;
  readonly kind: string;
  /** Of the function that is called, or the kind. */
  readonly name: string;
  readonly operands: readonly Node[];
}

const COMPARISONS = ["eq", "neq", "lt", "lte", "gt", "gte", "null_safe_eq", "null_safe_neq", "nullif"];
const ARITHMETIC = ["add", "sub", "mul", "div", "mod"];
const BINARY = new Set([...COMPARISONS, ...ARITHMETIC, "concat"]);
/** Kinds of nodes that are truth values whatever stands in them. */
const BOOLEAN = new Set([
  ...COMPARISONS,
  ..."and or not paren between in like is_null exists boolean is_true is_false subquery any all".split(" "),
]);

const memberOf = (node: Node, name: string): Node[] => (isNode(node[name]) ? [node[name]] : []);
const membersOf = (node: Node, name: string): Node[] =>
  Array.isArray(node[name]) ? node[name].filter(isNode) : [];

const isScalar = (node: Node): boolean =>
  !["tuple", "any", "all", "subquery", "star", "lambda", "select"].some((kind) => kind in node);

/** A node's kind and members, if it is an expression. */
export function asExpression(node: Node): readonly [kind: string, members: Node] | undefined {
  const [entry, another] = Object.entries(node);
  return entry && !another && isNode(entry[1]) ? [entry[0], entry[1]] : undefined;
}

/** Functions by their names, also where polyglot has a kind of node for one. */
function calledName(kind: string, members: Node): string {
  const name = kind === "function" || kind === "aggregate_function" ? String(members["name"]) : kind;
  return name.toLowerCase().replace(/^athena_/, "");
}

/** What of a call stands between its parentheses, as far as types matter. */
const callArguments = (kind: string, members: Node): Node[] =>
  kind === "function" || kind === "aggregate_function"
    ? membersOf(members, "args")
    : ["this", "expression", "second", "start", "length", "substr", "pattern"].flatMap((name) =>
        memberOf(members, name),
      );

/** Which functions are sites. */
export interface CallKinds {
  isSite(name: string): boolean;
  isAggregate(name: string): boolean;
}

/** The site that an expression is; undefined where types do not matter. */
export function siteOf(node: Node, calls: CallKinds): Site | undefined {
  const [kind, members] = asExpression(node) ?? [];
  if (kind === undefined || members === undefined) return undefined;
  const operands = operandsOf(kind, members, calls);
  if (operands === undefined || operands.length === 0 || !operands.every(isScalar)) return undefined;
  return { key: sqlOf(node), kind, name: calledName(kind, members), operands };
}

function operandsOf(kind: string, members: Node, calls: CallKinds): Node[] | undefined {
  if (BINARY.has(kind)) return [...memberOf(members, "left"), ...memberOf(members, "right")];
  switch (kind) {
    case "between":
      return ["this", "low", "high"].flatMap((name) => memberOf(members, name));
    case "in":
      return [...memberOf(members, "this"), ...membersOf(members, "expressions")];
    case "coalesce":
    case "array_func":
      return membersOf(members, "expressions");
    case "if_func":
      return ["true_value", "false_value"].flatMap((name) => memberOf(members, name));
    case "case":
      return [...(members["whens"] as Node[][]).map(([, result]) => result!), ...memberOf(members, "else_")];
    case "subscript":
      return [...memberOf(members, "this"), ...memberOf(members, "index")];
    case "cast":
    case "try_cast":
    case "neg":
      return memberOf(members, "this");
    default:
      return calls.isSite(calledName(kind, members)) ? callArguments(kind, members) : undefined;
  }
}

/** Expressions that must be truth values: conditions, and the operands of AND, OR and NOT. */
export function conditionsOf(node: Node): Node[] {
  const [kind, members] = asExpression(node) ?? [];
  if (kind === undefined || members === undefined) return [];
  switch (kind) {
    case "and":
    case "or":
      return [...memberOf(members, "left"), ...memberOf(members, "right")].filter(isUncertain);
    case "not":
      return memberOf(members, "this").filter(isUncertain);
    case "if_func":
      return memberOf(members, "condition").filter(isUncertain);
    case "case":
      return isNode(members["operand"])
        ? []
        : (members["whens"] as Node[][]).map(([condition]) => condition!).filter(isUncertain);
    case "select":
      return [
        ...["where_clause", "having"]
          .flatMap((name) => memberOf(members, name))
          .flatMap((one) => memberOf(one, "this")),
        ...membersOf(members, "joins").flatMap((join) => memberOf(join, "on")),
      ].filter(isUncertain);
    default:
      return [];
  }
}

const isUncertain = (node: Node): boolean => !Object.keys(node).some((kind) => BOOLEAN.has(kind));

/** The key of an expression where it stands as a condition. */
export const conditionKey = (node: Node): string => `condition ${sqlOf(node)}`;

/** Visits every expression of a tree. */
export function forEachNode(
  value: unknown,
  visit: (node: Node, parent: Node | undefined) => void,
  parent?: Node,
): void {
  if (Array.isArray(value)) return value.forEach((item) => forEachNode(item, visit, parent));
  if (!isNode(value)) return;
  visit(value, parent);
  for (const child of Object.values(value)) forEachNode(child, visit, value);
}

/**
 * The same query, in which each site and condition reports its operands' types as soon as the query is planned. What
 * stands in a lambda does not report: it is not planned by itself.
 * @param id what the reports begin with
 * @param calls which functions are sites
 * @param aggregates those whose argument reports for them, since rows are grouped around it
 */
export function probing(tree: Node, id: string, calls: CallKinds): Node {
  const reports = new Map<Node, { readonly key: string; readonly operands: readonly Node[] }[]>();
  const add = (node: Node, key: string, operands: readonly Node[]) =>
    reports.set(node, [...(reports.get(node) ?? []), { key, operands }]);
  forEachNode(tree, (node, parent) => {
    for (const condition of conditionsOf(node)) add(condition, conditionKey(condition), [condition]);
    const site = siteOf(node, calls);
    if (!site) return;
    const [argument] = site.operands;
    if (calls.isAggregate(site.name)) add(argument!, site.key, [argument!]);
    else if (parent?.["over"] === undefined && !isFractions(site, parent)) add(node, site.key, site.operands);
  });
  const visit = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(visit);
    if (!isNode(value) || "lambda" in value) return value;
    const [kind, members] = asExpression(value) ?? [];
    const isTypeof = kind !== undefined && members && calledName(kind, members) === "typeof";
    // DuckDB forgets the operand of typeof once it knows its type.
    const inner: Node = isTypeof
      ? (visit(callArguments(kind, members)[0]) as Node)
      : Object.fromEntries(Object.entries(value).map(([key, child]) => [key, visit(child)]));
    return (reports.get(value) ?? []).reduce(
      (result, { key, operands }) => reporting([id, key], operands, result),
      inner,
    );
  };
  return visit(tree) as Node;
}

/** Whether a site is the array of fractions that approx_percentile takes, which must stay one. */
const isFractions = ({ kind }: Site, parent: Node | undefined): boolean =>
  kind === "array_func" && /^approx_percentile$/i.test(String(parent?.["name"]));

const REPORTING = expressionOf(`CASE WHEN ${PROBE}('id', typeof(x)) THEN y END`)["case"] as Node;

function reporting(names: readonly string[], operands: readonly Node[], value: Node): Node {
  const [[call] = []] = REPORTING["whens"] as Node[][];
  const report = call!["function"] as Node;
  const args = [
    ...names.map((text) => ({ literal: { literal_type: "string", value: text } })),
    ...operands.map((operand) => ({ typeof: { this: operand } })),
  ];
  return { case: { ...REPORTING, whens: [[{ function: { ...report, args } }, value]] } };
}
