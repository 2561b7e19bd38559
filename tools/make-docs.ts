// Writes docs/tables.md from the column lists, docs/queries.md from the query pack, and docs/observability.md and
// docs/assumptions.md from theirs: `npm run docs`.
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { format, resolveConfig } from "prettier";
import { assumptionsMarkdown } from "../schemas/assumptions/markdown.ts";
import { observabilityMarkdown } from "../schemas/observability/markdown.ts";
import { queriesMarkdown } from "../schemas/queries/markdown.ts";
import { readSavedQuery } from "../schemas/queries/saved-query.ts";
import { tablesMarkdown } from "../schemas/tables/markdown.ts";

const root = fileURLToPath(new URL("../", import.meta.url));
const pack = globSync(`${root}resources/queries/*.sql`)
  .toSorted()
  .map((file) => readSavedQuery(basename(file, ".sql"), readFileSync(file, "utf8")));

writeFileSync(`${root}docs/tables.md`, tablesMarkdown());
writeFileSync(`${root}docs/queries.md`, queriesMarkdown(pack));
const pages = { observability: observabilityMarkdown(), assumptions: assumptionsMarkdown() };
for (const [name, markdown] of Object.entries(pages)) {
  const file = `${root}docs/${name}.md`;
  writeFileSync(file, await format(markdown, { ...(await resolveConfig(file)), parser: "markdown" }));
}
