// Writes the generated pages of docs/ from the column lists and the compiled template: `npm run docs`.
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { readTemplate } from "../local/template/template.ts";
import { tablesMarkdown } from "../schemas/tables/markdown.ts";
import { parametersMarkdown, resourcesMarkdown } from "./template-markdown.ts";

writeFileSync(new URL("../docs/tables.md", import.meta.url), tablesMarkdown());

const template = readTemplate(
  fileURLToPath(new URL("../.serverless/cloudformation-template-update-stack.json", import.meta.url)),
);
writeFileSync(new URL("../docs/parameters.md", import.meta.url), parametersMarkdown(template));
writeFileSync(new URL("../docs/resources.md", import.meta.url), resourcesMarkdown(template));
