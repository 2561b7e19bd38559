import { Dialect, generate, parse } from "@polyglot-sql/sdk";
import { asIdentifier, isNode, type Node } from "../sql/tree.ts";

/** The column that marks the scans of a table in DuckDB's plans. */
export const TABLE_MARK = "$table";

/** One scan of a table in a query's plan. */
export interface Scan {
  /** `<database>.<table>` */
  readonly mark: string;
  /** Columns that are read; `box.left` for a field of one. */
  readonly columns: ReadonlySet<string>;
  /** Conditions that every row must meet. */
  readonly conditions: readonly Condition[];
}

interface Condition {
  /** DuckDB's SQL. */
  readonly sql: string;
  /** Columns that it reads; `box.left` for a field of one. */
  readonly columns: ReadonlySet<string>;
  /** Polyglot's tree of the SQL. */
  readonly tree: Node;
  /** The column of a condition that compares one column with constants for equality. */
  readonly equals?: string;
}

/** A node of DuckDB's `EXPLAIN (FORMAT json)`. */
interface PlanNode {
  readonly name: string;
  readonly children: readonly PlanNode[];
  readonly extra_info: Readonly<Record<string, string | readonly string[]>>;
}

const MARKED = new RegExp(`^\\${TABLE_MARK}='(.*)'$`, "s");

/** The marked scans of a plan; others read again, by position, the rows of a marked scan. */
export function scansOf(plan: unknown): Scan[] {
  const scans: Scan[] = [];
  const visit = (node: PlanNode, above: readonly string[]): void => {
    if (node.name === "FILTER") {
      const filters = [...above, ...listOf(node.extra_info["Expression"])];
      return node.children.forEach((child) => visit(child, filters));
    }
    const filters = listOf(node.extra_info["Filters"]);
    const mark = filters.map((filter) => MARKED.exec(filter)?.[1]).find((found) => found !== undefined);
    if (mark !== undefined) {
      const own = filters.filter((filter) => !MARKED.test(filter) && !filter.startsWith("optional:"));
      const conditions = [...above, ...own].flatMap(conditionsOf);
      const columns = new Set([
        ...listOf(node.extra_info["Projections"]).filter((name) => name !== "" && name !== TABLE_MARK),
        ...conditions.flatMap((condition) => [...condition.columns]),
      ]);
      scans.push({ mark, columns, conditions });
    }
    for (const child of node.children) visit(child, []);
  };
  for (const root of plan as readonly PlanNode[]) visit(root, []);
  return scans;
}

const listOf = (info: string | readonly string[] | undefined): readonly string[] =>
  info === undefined ? [] : typeof info === "string" ? [info] : info;

/** The conditions that a filter joins by AND; none when its text cannot be parsed, so that more files are read. */
function conditionsOf(filter: string): Condition[] {
  const result = parse(`SELECT 1 WHERE ${filter}`, Dialect.DuckDB);
  if (!result.success) return [];
  const [statement] = result.ast as unknown as { select?: { where_clause?: { this: unknown } } }[];
  return conjuncts(statement?.select?.where_clause?.this).flatMap((tree) => {
    const [sql] = generate([tree] as never, Dialect.DuckDB).sql ?? [];
    const equals = equalColumn(tree);
    return sql === undefined
      ? []
      : [{ sql, tree, columns: columnsOf(tree), ...(equals !== undefined && { equals }) }];
  });
}

function conjuncts(tree: unknown): Node[] {
  if (!isNode(tree)) return [];
  if (isNode(tree["paren"])) return conjuncts(tree["paren"]["this"]);
  if (isNode(tree["and"])) return [...conjuncts(tree["and"]["left"]), ...conjuncts(tree["and"]["right"])];
  return [tree];
}

function columnsOf(tree: unknown): Set<string> {
  const columns = new Set<string>();
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) return value.forEach(visit);
    if (!isNode(value)) return;
    const path = columnPath(value);
    if (path !== undefined) return void columns.add(path);
    Object.values(value).forEach(visit);
  };
  visit(tree);
  return columns;
}

/** The path of a node that is a column or a field of one. */
export function columnPath(tree: unknown): string | undefined {
  if (!isNode(tree)) return undefined;
  const { dot, column } = tree;
  const field = isNode(dot) ? asIdentifier(dot["field"]) : undefined;
  if (isNode(dot) && field) {
    const path = columnPath(dot["this"]);
    return path === undefined ? undefined : `${path}.${field.name}`;
  }
  const name = isNode(column) ? asIdentifier(column["name"]) : undefined;
  if (!isNode(column) || !name) return undefined;
  const table = asIdentifier(column["table"]);
  return table ? `${table.name}.${name.name}` : name.name;
}

/** The column of `column = constant`, also of several joined by OR. */
function equalColumn(tree: Node): string | undefined {
  if (isNode(tree["paren"])) return equalColumn(tree["paren"]["this"] as Node);
  if (isNode(tree["or"])) {
    const left = equalColumn(tree["or"]["left"] as Node);
    return left === equalColumn(tree["or"]["right"] as Node) ? left : undefined;
  }
  const { left, right } = isNode(tree["eq"]) ? tree["eq"] : {};
  return isNode(right) && "literal" in right ? columnPath(left) : undefined;
}
