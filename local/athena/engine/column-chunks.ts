import { Dialect, generate } from "@polyglot-sql/sdk";
import { quoteIdentifier, quoteString } from "../../duckdb.ts";
import { isNode, type Node } from "../sql/tree.ts";
import { columnPath, type Scan } from "./scan-plan.ts";

/** DuckDB's types, by name, of the columns whose statistics a reader can compare; without nested ones. */
type ComparableColumns = ReadonlyMap<string, string>;

const MINIMUM = "$min";
const MAXIMUM = "$max";
const NULLS = "$nulls";
/** The separator of the names in a column's path, in DuckDB. */
const PATH_SEPARATOR = ", ";

/**
 * A query of the column chunks in the footers of Parquet files, each with the name and the physical type of its column,
 * which is `group` for nested columns.
 * @param paths a list in DuckDB's SQL
 */
export const columnChunks = (paths: string): string =>
  `SELECT file_name AS file, row_group_id AS "rowGroup", lower(path_in_schema) AS path,
     split_part(path_in_schema, ${quoteString(PATH_SEPARATOR)}, 1) AS name,
     CASE WHEN contains(path_in_schema, ${quoteString(PATH_SEPARATOR)}) THEN 'group' ELSE type END AS type,
     total_compressed_size AS bytes, num_values AS "values", stats_null_count AS nulls,
     stats_min_value AS minimum, stats_max_value AS maximum
   FROM parquet_metadata(${paths})`;

/**
 * A query of the number of bytes that a scan reads: the compressed chunks of the columns it needs, in the row groups
 * whose minimum and maximum do not exclude its conditions (documented: Athena guide, "Use columnar storage formats").
 * Footers do not count (unconfirmed); chunks of a row group count even if none of its rows meets the conditions
 * (unconfirmed).
 * @param chunks a table of `columnChunks`, of these files and perhaps of others
 * @param files a query of the paths of the scanned files
 */
export function scannedBytesQuery(
  chunks: string,
  files: string,
  { columns, conditions }: Pick<Scan, "columns" | "conditions">,
  comparable: ComparableColumns,
): string {
  const compared = new Set<string>();
  const rules = conditions.flatMap(({ tree }) => mayHold(tree, comparable, compared) ?? []);
  const needed = Array.from(columns, (column) => {
    const path = quoteString(column.toLowerCase().replaceAll(".", PATH_SEPARATOR));
    return `path = ${path} OR starts_with(path, ${path} || ${quoteString(PATH_SEPARATOR)})`;
  });
  const statistics = Array.from(compared, (column) => {
    const of = (value: string) => `max(${value}) FILTER (WHERE path = ${quoteString(column)})`;
    const cast = (value: string) => `TRY_CAST(${value} AS ${comparable.get(column)})`;
    return (
      `, ${of(cast("minimum"))} AS ${quoteIdentifier(column + MINIMUM)}` +
      `, ${of(cast("maximum"))} AS ${quoteIdentifier(column + MAXIMUM)}` +
      `, ${of('CASE nulls WHEN 0 THEN 0 WHEN "values" THEN 2 ELSE 1 END')} AS ${quoteIdentifier(column + NULLS)}`
    );
  });
  return `SELECT coalesce(sum(bytes), 0) FROM ${chunks} WHERE (${needed.join(" OR ") || "false"})
    AND (file, "rowGroup") IN (
      SELECT (file, "rowGroup") FROM (
        SELECT file, "rowGroup"${statistics.join("")} FROM ${chunks} WHERE file IN (${files}) GROUP BY file, "rowGroup"
      )${rules.length > 0 ? ` WHERE ${rules.map((rule) => `coalesce(${rule}, true)`).join(" AND ")}` : ""}
    )`;
}

/** By kind of comparison: SQL of whether a value between minimum and maximum can meet it. */
const COMPARISONS: Readonly<Record<string, (minimum: string, maximum: string, constant: string) => string>> =
  {
    eq: (minimum, maximum, constant) => `(${minimum} <= ${constant} AND ${maximum} >= ${constant})`,
    lt: (minimum, _, constant) => `${minimum} < ${constant}`,
    lte: (minimum, _, constant) => `${minimum} <= ${constant}`,
    gt: (_, maximum, constant) => `${maximum} > ${constant}`,
    gte: (_, maximum, constant) => `${maximum} >= ${constant}`,
  };

/**
 * SQL of whether a row of a row group can meet a condition, NULL when its statistics are missing; undefined for a
 * condition that statistics do not decide.
 */
function mayHold(tree: Node, comparable: ComparableColumns, compared: Set<string>): string | undefined {
  const member = (kind: string): Node | undefined => (isNode(tree[kind]) ? tree[kind] : undefined);
  const bounds = (operand: unknown): [minimum: string, maximum: string, nulls: string] | undefined => {
    const column = columnPath(operand)?.toLowerCase();
    if (column === undefined || !comparable.has(column)) return undefined;
    compared.add(column);
    return [MINIMUM, MAXIMUM, NULLS].map((part) => quoteIdentifier(column + part)) as [
      string,
      string,
      string,
    ];
  };
  const paren = member("paren");
  if (paren) return mayHold(paren["this"] as Node, comparable, compared);
  for (const kind of ["and", "or"]) {
    const pair = member(kind);
    if (!pair) continue;
    const sides = [pair["left"], pair["right"]].map((side) => mayHold(side as Node, comparable, compared));
    const known = sides.filter((side) => side !== undefined);
    if (known.length === 0 || (kind === "or" && known.length < sides.length)) return undefined;
    return `(${known.join(kind === "or" ? " OR " : " AND ")})`;
  }
  for (const [kind, compare] of Object.entries(COMPARISONS)) {
    const operands = member(kind);
    const constant = constantOf(operands?.["right"]);
    const [minimum, maximum] = (constant !== undefined && bounds(operands?.["left"])) || [];
    if (minimum !== undefined) return compare(minimum, maximum!, constant!);
  }
  const list = member("in");
  if (list && list["not"] !== true && Array.isArray(list["expressions"])) {
    const constants = list["expressions"].map(constantOf);
    const [minimum, maximum] = bounds(list["this"]) ?? [];
    if (minimum === undefined || constants.length === 0 || constants.includes(undefined)) return undefined;
    return `(${constants.map((constant) => COMPARISONS["eq"]!(minimum, maximum!, constant!)).join(" OR ")})`;
  }
  const isNull = member("is_null");
  const [, , nulls] = (isNull && bounds(isNull["this"])) || [];
  return nulls === undefined ? undefined : `${nulls} <> ${isNull?.["not"] === true ? 2 : 0}`;
}

/** DuckDB's SQL of a constant; undefined for anything else. */
function constantOf(tree: unknown): string | undefined {
  if (!isNode(tree)) return undefined;
  const inner = tree["cast"] ?? tree["neg"];
  const isConstant = isNode(inner)
    ? constantOf(inner["this"]) !== undefined
    : "literal" in tree || "boolean" in tree;
  return isConstant ? generate([tree] as never, Dialect.DuckDB).sql?.[0] : undefined;
}
