// Writes the generated pages of docs/ from the column lists, the query pack, the list of arrows and the compiled template: `npm run docs`.
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { readTemplate } from "../local/template/template.ts";
import { ARROWS } from "../schemas/arrows/arrows.ts";
import { operationsMarkdown } from "../schemas/arrows/markdown.ts";
import { queriesMarkdown } from "../schemas/queries/markdown.ts";
import { readSavedQuery } from "../schemas/queries/saved-query.ts";
import { tablesMarkdown } from "../schemas/tables/markdown.ts";
import { licences, licencesMarkdown } from "./licences.ts";
import { parametersMarkdown, resourcesMarkdown } from "./template-markdown.ts";

const root = fileURLToPath(new URL("../", import.meta.url));
const pack = globSync(`${root}resources/queries/*.sql`)
  .toSorted()
  .map((file) => readSavedQuery(basename(file, ".sql"), readFileSync(file, "utf8")));
const template = readTemplate(`${root}.serverless/cloudformation-template-update-stack.json`);

writeFileSync(`${root}docs/tables.md`, tablesMarkdown());
writeFileSync(`${root}docs/queries.md`, queriesMarkdown(pack));
writeFileSync(`${root}docs/operations.md`, operationsMarkdown(ARROWS));
writeFileSync(`${root}docs/parameters.md`, parametersMarkdown(template));
writeFileSync(`${root}docs/resources.md`, resourcesMarkdown(template));
writeFileSync(
  `${root}docs/licences.md`,
  licencesMarkdown(licences(new URL("../package-lock.json", import.meta.url))),
);
