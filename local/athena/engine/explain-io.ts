import { objectPath } from "../../s3/object-path.ts";
import { listFiles } from "../lake/files.ts";
import type { Query } from "../sql/statement.ts";
import { columnInfo } from "../sql/types.ts";
import { explainDuckDbError } from "./duckdb-error.ts";
import { Relations } from "./relations.ts";
import type { QueryContext, QueryResult } from "./run-query.ts";
import { scansOf } from "./scan-plan.ts";
import type { Session } from "./connection.ts";

const CATALOG = "awsdatacatalog";

/**
 * What `EXPLAIN (TYPE IO, FORMAT JSON)` answers: the tables that a query reads, those behind views included, and to
 * which values of their partition columns its filters limit it (documented: Trino, "EXPLAIN", TYPE IO). Trino's row
 * estimates are left out.
 */
export async function explainIo(query: Query, session: Session, context: QueryContext): Promise<QueryResult> {
  const { cloud, s3, signal } = context;
  const relations = new Relations(context.glue, session, cloud.clock.now());
  const sql = await relations.prepare(query, context.database);
  try {
    const scans = scansOf(await session.plan(sql));
    const infos: unknown[] = [];
    for (const [mark, table] of relations.tables) {
      const own = scans.filter((scan) => scan.mark === mark);
      if (own.length === 0) continue;
      const keys = table.partitionKeys.map(({ name }) => name);
      const byPath = new Map(
        (await listFiles(s3, table, cloud.clock.now(), signal)).map((file) => [
          objectPath(cloud.dataFolder, file.bucket, file.key),
          file.partition,
        ]),
      );
      await session.addFiles(
        table,
        [...byPath].map(([path, partition]) => ({ path, partition })),
      );
      const needed = new Set<readonly string[]>();
      for (const { conditions } of own) {
        const ofKeys = conditions.filter(
          ({ columns }) => columns.size > 0 && [...columns].every((name) => keys.includes(name)),
        );
        const predicates = ofKeys.map((condition) => condition.sql);
        for (const path of await session.prune(table, predicates)) needed.add(byPath.get(path)!);
      }
      infos.push({
        table: { catalog: CATALOG, schemaTable: { schema: table.database, table: table.name } },
        constraint: {
          none: keys.length > 0 && needed.size === 0,
          columnConstraints: keys.map((columnName, index) => ({
            columnName,
            type: "varchar",
            domain: {
              nullsAllowed: false,
              ranges: [...new Set([...needed].map((partition) => partition[index]!))]
                .toSorted()
                .map((value) => ({ low: { value, bound: "EXACTLY" }, high: { value, bound: "EXACTLY" } })),
            },
          })),
        },
      });
    }
    return {
      columns: [columnInfo("Query Plan", "VARCHAR")],
      body: `Query Plan\n${JSON.stringify({ inputTableColumnInfos: infos }, undefined, 2)}\n`,
      extension: "txt",
    };
  } catch (error) {
    throw explainDuckDbError(error, query);
  }
}
