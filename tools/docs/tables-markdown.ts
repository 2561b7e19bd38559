import type { View } from "../../schemas/views/view.ts";
import { views } from "../../schemas/views/views.ts";
import type { Column, Table } from "../../schemas/tables/column.ts";
import { detectionRecords } from "../../schemas/tables/detection-records.ts";
import { sessionRecords } from "../../schemas/tables/session-records.ts";

const cell = (text: string): string => text.replaceAll("|", "\\|");

const columnLine = ({ name, type, nullable, comment }: Omit<Column, "type"> & { type: string }): string =>
  `| \`${name}\` | ${cell(type)} | ${nullable ? "yes" : ""} | ${cell(comment)} |`;

const HEADER = ["| column | type | may be null | meaning |", "| --- | --- | --- | --- |"];

/** The table as markdown: its description, then a line per column and partition. */
export const tableMarkdown = ({ name, description, columns, partitions }: Table): string =>
  [
    `## \`${name}\``,
    "",
    description,
    "",
    ...HEADER,
    ...columns.map(columnLine),
    ...partitions.map((partition) => columnLine({ ...partition, type: `${partition.type}, partition` })),
    "",
  ].join("\n");

/** The view as markdown: its description, a line per column, and its SQL. */
export const viewMarkdown = ({ name, description, columns, sql }: View): string =>
  [
    `## \`${name}\``,
    "",
    description,
    "",
    ...HEADER,
    ...columns.map(columnLine),
    "",
    "<details><summary>SQL</summary>",
    "",
    "```sql",
    sql,
    "```",
    "",
    "</details>",
    "",
  ].join("\n");

/** Every table and view of the lake, as docs/tables.md. */
export const tablesMarkdown = (): string =>
  [
    "# The lake's views and tables",
    "",
    "Written by `npm run docs` from the lists in `schemas/tables` and `schemas/views`. Times are UTC; a `timestamp` has milliseconds.",
    "",
    "Ask the views: they show each fact once, where the tables hold every copy that was delivered. Always filter on `dt`, and on `hour` where you can: those filters reach the files through the views, all others are paid for.",
    "",
    ...views.map(viewMarkdown),
    ...[detectionRecords, sessionRecords].map(tableMarkdown),
  ].join("\n");
