import { quoteIdentifier } from "../../duckdb.ts";
import type { KnownRelation } from "./check-types.ts";
import { forEachNode } from "./operand-types.ts";
import { asIdentifier, isNode, relationOf, sqlOf, type Node } from "./tree.ts";

/** `FROM <table> CROSS JOIN UNNEST(<list>) AS <name> (<column>)`. */
interface UnnestJoin {
  readonly table: Node;
  /** By which name the query refers to the table. */
  readonly tableName: string;
  readonly list: Node;
  readonly name: string;
  readonly column: string;
}

/**
 * Moves the list of `table CROSS JOIN UNNEST(list) AS u (item)` into the SELECT list of a query of that table alone. The
 * rows are the same, but DuckDB joins a table with itself for the first form, reads it whole, and takes six times as long.
 * A join stays as it is when a name could then mean something else.
 * @param relations those that the query reads
 */
export function unnestInScan(tree: Node, relations: readonly KnownRelation[]): Node {
  const rewrite = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(rewrite);
    if (!isNode(value)) return value;
    const node = Object.fromEntries(Object.entries(value).map(([key, child]) => [key, rewrite(child)]));
    const select = isNode(node["select"]) ? node["select"] : undefined;
    const join = select && joinOf(select);
    if (!join || !isClear(select, join, relations)) return node;
    const { table, tableName, list, column } = join;
    const from = relationOf(
      `(SELECT *, athena_unnest(${sqlOf(list)}) AS ${quoteIdentifier(column)} FROM ${sqlOf(table)}) AS ${quoteIdentifier(tableName)}`,
    );
    return {
      select: {
        ...(ofTable(select, join) as Node),
        from: { ...(select["from"] as Node), expressions: [from] },
        joins: [],
      },
    };
  };
  return rewrite(tree) as Node;
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const member = (value: unknown, kind: string): Node | undefined =>
  isNode(value) && isNode(value[kind]) ? value[kind] : undefined;

function joinOf(select: Node): UnnestJoin | undefined {
  const [from, ...others] = listOf(member(select, "from")?.["expressions"]);
  const [join, ...joins] = listOf(select["joins"]);
  const table = member(from, "table");
  if (!isNode(from) || !table || others.length + joins.length > 0) return undefined;
  if (!isNode(join) || join["kind"] !== "Cross") return undefined;
  const alias = member(join["this"], "alias");
  const unnest = member(alias?.["this"], "unnest");
  const [column, ...columns] = listOf(alias?.["column_aliases"]).map((one) => asIdentifier(one)?.name);
  const name = asIdentifier(alias?.["alias"])?.name;
  const tableName = (asIdentifier(table["alias"]) ?? asIdentifier(table["name"]))?.name;
  if (!unnest || unnest["with_ordinality"] === true || listOf(unnest["expressions"]).length > 0)
    return undefined;
  if (column === undefined || columns.length > 0 || name === undefined || tableName === undefined)
    return undefined;
  return { table: from, tableName, list: unnest["this"] as Node, name, column };
}

/** Whether each name of a query means the same after the list was moved. */
function isClear(
  select: Node,
  { table, tableName, name, column }: UnnestJoin,
  relations: readonly KnownRelation[],
): boolean {
  const { name: relation, schema } = table["table"] as Node;
  const database = asIdentifier(schema)?.name;
  const known = relations.find(
    (one) => one.name === asIdentifier(relation)?.name && one.database === database,
  );
  const taken = [...(known?.columns ?? []).map((one) => one.name), tableName];
  if (!known || taken.some((one) => same(one, column)) || same(name, tableName)) return false;
  let aliases = 0;
  let isQualified = false;
  forEachNode([select], (node) => {
    for (const kind of ["alias", "table", "subquery"])
      if (same(asIdentifier(member(node, kind)?.["alias"])?.name, name)) aliases++;
    if (isNode(node["star"]) && isNode(node["star"]["table"])) isQualified = true;
    if (same(asIdentifier(member(node, "column")?.["table"])?.name, database)) isQualified = true;
  });
  return aliases === 1 && !isQualified;
}

const same = (one: string | undefined, other: string | undefined): boolean =>
  one?.toLowerCase() === other?.toLowerCase();

/** The query with references to the unnested column by the table's name. */
function ofTable(value: unknown, join: UnnestJoin): unknown {
  if (Array.isArray(value)) return value.map((one) => ofTable(one, join));
  if (!isNode(value)) return value;
  const table = asIdentifier(value["table"]) && (value["table"] as Node);
  if (table && "name" in value && same(asIdentifier(table)?.name, join.name))
    return { ...value, table: { ...table, name: join.tableName } };
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, ofTable(child, join)]));
}
