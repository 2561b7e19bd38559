import type { SavedQuery } from "../../schemas/queries/saved-query.ts";

const cell = (text: string): string => text.replaceAll("|", "\\|");

/** The pack as docs/queries.md. */
export const queriesMarkdown = (pack: readonly SavedQuery[]): string =>
  [
    "# The query pack",
    "",
    "Written by `npm run docs` from the files in `resources/queries`. Each is a named query of the stack's Athena workgroup, and runs as `doorstep query <name>`, with `--param <name>=<value>` for other values than its defaults. In Athena's console, write a value over the default between its two comments.",
    "",
    "| query | what it answers |",
    "| --- | --- |",
    ...pack.map(({ name, purpose }) => `| [\`${name}\`](#${name}) | ${cell(purpose)} |`),
    "",
    ...pack.flatMap(({ name, purpose, parameters, sql }) => [
      `## ${name}`,
      "",
      purpose,
      "",
      "| parameter | type | default | meaning |",
      "| --- | --- | --- | --- |",
      ...parameters.map(
        (one) =>
          `| \`${one.name}\` | ${one.type} | ${one.default === undefined ? "" : `\`${cell(one.default)}\``} | ${cell(one.meaning)} |`,
      ),
      "",
      "<details><summary>SQL</summary>",
      "",
      "```sql",
      sql.trimEnd(),
      "```",
      "",
      "</details>",
      "",
    ]),
  ].join("\n");
