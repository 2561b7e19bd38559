import type { Table } from "./column.ts";
import { detectionRecords } from "./detection-records.ts";
import { sessionRecords } from "./session-records.ts";

/** The table as markdown: its description, then a line per column and partition. */
export function tableMarkdown(table: Table): string {
  const cell = (text: string) => text.replaceAll("|", "\\|");
  const line = (name: string, type: string, isNullable: boolean, comment: string) =>
    `| \`${name}\` | ${cell(type)} | ${isNullable ? "yes" : ""} | ${cell(comment)} |`;
  return [
    `## \`${table.name}\``,
    "",
    table.description,
    "",
    "| column | type | may be null | meaning |",
    "| --- | --- | --- | --- |",
    ...table.columns.map((c) => line(c.name, c.type, c.nullable === true, c.comment)),
    ...table.partitions.map((p) => line(p.name, `${p.type}, partition`, false, p.comment)),
    "",
  ].join("\n");
}

/** Every table of the lake, as docs/tables.md. */
export const tablesMarkdown = (): string =>
  [
    "# The lake's tables",
    "",
    "Written by `npm run docs` from the column lists in `schemas/tables`. Times are UTC; a `timestamp` has milliseconds.",
    "",
    ...[detectionRecords, sessionRecords].map(tableMarkdown),
  ].join("\n");
