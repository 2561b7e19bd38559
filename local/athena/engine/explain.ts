import { columnInfo } from "../results/column-info.ts";
import type { OpenQuery, QueryResult } from "./context.ts";
import { scansOf } from "./scan-plan.ts";
import { tableScans } from "./table-scans.ts";

const CATALOG = "awsdatacatalog";

/** `EXPLAIN`: the query's plan as text, on empty tables. */
export async function explainQuery({ sql, connection }: OpenQuery): Promise<QueryResult> {
  const [[, plan] = []] = await connection.rows(`EXPLAIN ${sql}`);
  return queryPlan(String(plan));
}

/**
 * `EXPLAIN (TYPE IO, FORMAT JSON)`: the tables that a query reads, also through views, and the values of their partition
 * columns to which its filters limit it (documented: Trino, "EXPLAIN", TYPE IO): with partition projection all that it
 * projects, else those of the partitions that there are. Trino's row estimates are left out.
 */
export async function explainIo(open: OpenQuery): Promise<QueryResult> {
  const infos: unknown[] = [];
  for await (const { table, files, projected } of tableScans(
    scansOf(await open.connection.plan(open.sql)),
    open,
  )) {
    const columns = table.partitionKeys.map(({ name }, index) => ({
      name,
      values:
        projected.get(name) ?? new Set(Array.from(files.values(), ({ partition }) => partition[index]!)),
    }));
    infos.push({
      table: { catalog: CATALOG, schemaTable: { schema: table.database, table: table.name } },
      constraint: {
        none: columns.some(({ values }) => values.size === 0),
        columnConstraints: columns.map(({ name, values }) => ({
          columnName: name,
          type: "varchar",
          domain: {
            nullsAllowed: false,
            ranges: [...values]
              .toSorted()
              .map((value) => ({ low: { value, bound: "EXACTLY" }, high: { value, bound: "EXACTLY" } })),
          },
        })),
      },
    });
  }
  return queryPlan(`${JSON.stringify({ inputTableColumnInfos: infos }, undefined, 2)}\n`);
}

const queryPlan = (text: string): QueryResult => ({
  columns: [columnInfo("Query Plan", "VARCHAR")],
  body: `Query Plan\n${text}`,
  extension: "txt",
});
