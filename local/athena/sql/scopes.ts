import { queryError } from "../errors.ts";
import { forEachNode } from "./operand-types.ts";
import { asIdentifier, isNode, sqlOf, type Node } from "./tree.ts";

/** A check of a part of a query, which DuckDB decides by planning it. */
export type ScopeCheck =
  /** Whether the FROM clause has the columns that are also aliases of the SELECT list. */
  | { readonly kind: "columns"; readonly names: readonly string[]; readonly query: Node }
  /** Whether two branches of a set operation have columns of the same types. */
  | { readonly kind: "branches"; readonly operation: string; readonly left: Node; readonly right: Node };

const SET_OPERATIONS = ["union", "intersect", "except"];
const listOf = (value: unknown): Node[] => (Array.isArray(value) ? value.filter(isNode) : []);

/**
 * The checks that a query's scopes need. In Trino a name in the SELECT list is a column, while DuckDB also accepts an alias
 * of the same list; and a set operation converts no types.
 * @throws QueryError EXPRESSION_NOT_IN_DISTINCT
 */
export function scopeChecks(tree: Node): ScopeCheck[] {
  const checks: ScopeCheck[] = [];
  const visit = (value: unknown, ctes: readonly Node[]): void => {
    if (Array.isArray(value)) return value.forEach((item) => visit(item, ctes));
    if (!isNode(value)) return;
    const [kind, members] = Object.entries(value)[0] ?? [];
    let scope = ctes;
    if (isNode(members) && isNode(members["with"]) && members["with"]["recursive"] !== true)
      scope = [...ctes, ...listOf(members["with"]["ctes"])];
    if (kind === "select" && isNode(members)) {
      checkDistinct(members);
      checks.push(...aliasChecks(members, scope));
    }
    if (kind !== undefined && SET_OPERATIONS.includes(kind) && isNode(members))
      checks.push({
        kind: "branches",
        operation: kind.toUpperCase(),
        left: withScope(members["left"] as Node, scope),
        right: withScope(members["right"] as Node, scope),
      });
    for (const child of Object.values(value)) visit(child, scope);
  };
  visit(tree, []);
  return checks;
}

/** A branch of a query with the common table expressions that stand before it. */
function withScope(branch: Node, ctes: readonly Node[]): Node {
  const select = isNode(branch["select"]) ? branch["select"] : undefined;
  if (!select || ctes.length === 0) return branch;
  const own = isNode(select["with"]) ? listOf(select["with"]["ctes"]) : [];
  const names = new Set(own.map((one) => asIdentifier(one["alias"])?.name));
  const outer = ctes.filter((one) => !names.has(asIdentifier(one["alias"])?.name));
  const template = isNode(select["with"]) ? select["with"] : { recursive: false, leading_comments: [] };
  return { select: { ...select, with: { ...template, ctes: [...outer, ...own] } } };
}

function aliasChecks(select: Node, ctes: readonly Node[]): ScopeCheck[] {
  const items = listOf(select["expressions"]);
  const aliases = new Map<string, Node>();
  for (const item of items) {
    const alias = isNode(item["alias"]) ? item["alias"] : undefined;
    const name = asIdentifier(alias?.["alias"])?.name.toLowerCase();
    if (alias && name !== undefined) aliases.set(name, alias["this"] as Node);
  }
  if (aliases.size === 0) return [];
  const beside = new Set<string>();
  forEachNode(items, (node) => {
    if ("select" in node) return;
    const column = isNode(node["column"]) ? node["column"] : undefined;
    const name =
      column && column["table"] === null ? asIdentifier(column["name"])?.name.toLowerCase() : undefined;
    if (name !== undefined && aliases.has(name)) beside.add(name);
  });
  if (beside.size === 0) return [];
  const names = [...beside];
  return [
    {
      kind: "columns",
      names,
      query: withScope(
        {
          select: {
            ...select,
            expressions: names.map((name) => ({ column: columnNode(name, items) })),
            where_clause: null,
            group_by: null,
            having: null,
            order_by: null,
            limit: null,
            offset: null,
            fetch: null,
            distinct: false,
            windows: null,
          },
        },
        ctes,
      ),
    },
  ];
}

/** A column of that name as the items have it. */
function columnNode(name: string, items: readonly Node[]): Node {
  let found: Node = {};
  forEachNode(items, (node) => {
    const column = isNode(node["column"]) ? node["column"] : undefined;
    if (column && asIdentifier(column["name"])?.name.toLowerCase() === name) found = column;
  });
  return found;
}

/** @throws QueryError when SELECT DISTINCT is ordered by something that it does not select */
function checkDistinct(select: Node): void {
  const orders = isNode(select["order_by"]) ? listOf(select["order_by"]["expressions"]) : [];
  if (select["distinct"] !== true || orders.length === 0) return;
  const items = listOf(select["expressions"]);
  if (items.some((item) => "star" in item)) return;
  const selected = new Set(
    items
      .flatMap((item) => {
        const alias = isNode(item["alias"]) ? item["alias"] : undefined;
        const name = asIdentifier(alias?.["alias"])?.name;
        return [sqlOf((alias?.["this"] as Node | undefined) ?? item), ...(name === undefined ? [] : [name])];
      })
      .map((sql) => sql.toLowerCase()),
  );
  for (const { this: order } of orders)
    if (isNode(order) && !("literal" in order) && !selected.has(sqlOf(order).toLowerCase()))
      throw queryError(
        "EXPRESSION_NOT_IN_DISTINCT",
        undefined,
        "For SELECT DISTINCT, ORDER BY expressions must appear in select list",
      );
}

/** Whether a branch's column is NULL itself, which DuckDB gives a type. */
export function isNullItem(branch: Node, index: number): boolean {
  const items = isNode(branch["select"]) ? listOf(branch["select"]["expressions"]) : [];
  const item = items[index];
  const alias = isNode(item?.["alias"]) ? item["alias"]["this"] : item;
  return isNode(alias) && "null" in alias;
}
