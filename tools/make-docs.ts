// Writes docs/tables.md from the column lists: `npm run docs`.
import { writeFileSync } from "node:fs";
import { tablesMarkdown } from "../schemas/tables/markdown.ts";

writeFileSync(new URL("../docs/tables.md", import.meta.url), tablesMarkdown());
