import { paginateGetTables, type GlueClient } from "@aws-sdk/client-glue";
import { QueryError, queryError } from "../errors.ts";
import { findRelation, requireDatabase, withGlueErrors, type LakeColumn } from "../lake/catalog.ts";
import { columnInfo } from "../results/column-info.ts";
import type { Statement } from "../sql/statement.ts";
import type { QueryResult } from "./context.ts";

type Utility = Extract<Statement, { kind: "show-tables" | "show-partitions" | "describe" }>;

const DESCRIBE_WIDTH = 20;

/** Runs SHOW TABLES, SHOW PARTITIONS and DESCRIBE on Glue. Their results are lines of text without a header. */
export async function runUtility(
  statement: Utility,
  glue: GlueClient,
  database: string,
): Promise<QueryResult> {
  switch (statement.kind) {
    case "show-tables":
      return lines("tab_name", await tableNames(glue, statement.database ?? database, statement.pattern));
    case "show-partitions": {
      const { partitionKeys, name } = await relationOf(statement, glue, database);
      if (partitionKeys.length === 0)
        throw new QueryError(`FAILED: Table ${name} is not a partitioned table`);
      // Projected partitions are never listed (documented: Athena guide, "SHOW PARTITIONS").
      return lines("partition", []);
    }
    case "describe": {
      const { columns, partitionKeys } = await relationOf(statement, glue, database);
      const partitions = partitionKeys.length
        ? [
            "",
            "# Partition Information",
            padded("# col_name", "data_type", "comment"),
            "",
            ...partitionKeys.map(described),
          ]
        : [];
      const body = [...columns, ...partitionKeys].map(described).concat(partitions);
      return {
        columns: ["col_name", "data_type", "comment"].map((name) => columnInfo(name, "VARCHAR")),
        body: body.map((line) => `${line}\n`).join(""),
        extension: "txt",
      };
    }
  }
}

async function relationOf(
  { table, source }: Extract<Utility, { kind: "show-partitions" | "describe" }>,
  glue: GlueClient,
  database: string,
): Promise<{ name: string; columns: readonly LakeColumn[]; partitionKeys: readonly LakeColumn[] }> {
  const found = await findRelation(
    glue,
    table.database ?? database,
    table.name,
    source.position(table.start),
  );
  return found.kind === "table" ? found : { ...found, partitionKeys: [] };
}

async function tableNames(
  glue: GlueClient,
  database: string,
  pattern: string | undefined,
): Promise<string[]> {
  await requireDatabase(glue, database, undefined);
  const expression = pattern?.replaceAll(/[.+?^${}()[\]\\]/g, "\\$&").replaceAll("*", ".*");
  const names: string[] = [];
  const request = { DatabaseName: database, ...(expression !== undefined && { Expression: expression }) };
  const listing = async (): Promise<void> => {
    for await (const page of paginateGetTables({ client: glue }, request))
      names.push(...(page.TableList ?? []).map(({ Name = "" }) => Name));
  };
  await withGlueErrors(listing(), () =>
    queryError("SCHEMA_NOT_FOUND", undefined, `Schema '${database}' does not exist`),
  );
  return names;
}

const padded = (...cells: readonly string[]): string =>
  cells.map((cell) => cell.padEnd(DESCRIBE_WIDTH)).join("\t");

/** A column in the result of DESCRIBE, in one cell: name, type and comment, separated by tabs (observed). */
const described = ({ name, type, comment }: LakeColumn): string => padded(name, type, comment);

const lines = (column: string, values: readonly string[]): QueryResult => ({
  columns: [columnInfo(column, "VARCHAR")],
  body: values.map((value) => `${value}\n`).join(""),
  extension: "txt",
});
