// Writes the generated pages of docs/: `npm run docs`.
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { format, resolveConfig } from "prettier";
import type { BenchResult } from "../../bench/result.ts";
import { openApi } from "../../console/open-api.ts";
import { readTemplate } from "../../local/template/template.ts";
import { FAILURE_PATHS } from "../../schemas/failure-paths/failure-paths.ts";
import { readSavedQuery } from "../../schemas/queries/saved-query.ts";
import { assumptionsMarkdown } from "./assumptions.ts";
import { athenaSqlMarkdown } from "./athena-sql.ts";
import { withDeployFigures } from "./deploy.ts";
import { servicesOf, withServices } from "./local-services.ts";
import { licences, licencesMarkdown } from "./licences.ts";
import { motionApi } from "./motion-api.ts";
import { observabilityMarkdown } from "./observability.ts";
import { operationsMarkdown } from "./operations.ts";
import { performancePages } from "./performance.ts";
import { queriesMarkdown } from "./queries.ts";
import { tablesMarkdown } from "./tables.ts";
import { parametersMarkdown, resourcesMarkdown } from "./template.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const pack = globSync(`${root}resources/queries/*.sql`)
  .toSorted()
  .map((file) => readSavedQuery(basename(file, ".sql"), readFileSync(file, "utf8")));
const template = readTemplate(`${root}.serverless/cloudformation-template-update-stack.json`);

writeFileSync(`${root}docs/tables.md`, tablesMarkdown());
writeFileSync(`${root}docs/queries.md`, queriesMarkdown(pack));
writeFileSync(`${root}docs/operations.md`, operationsMarkdown(FAILURE_PATHS));
writeFileSync(`${root}docs/parameters.md`, parametersMarkdown(template));
writeFileSync(`${root}docs/resources.md`, resourcesMarkdown(template));
writeFileSync(
  `${root}docs/licences.md`,
  licencesMarkdown(licences(new URL("../../package-lock.json", import.meta.url))),
);
writeFileSync(`${root}docs/console.openapi.json`, `${JSON.stringify(openApi(), null, 2)}\n`);
writeFileSync(`${root}docs/motion-api.openapi.json`, `${JSON.stringify(motionApi(), null, 2)}\n`);
const localPage = readFileSync(`${root}local/README.md`, "utf8");
const deployPage = readFileSync(`${root}docs/deploy.md`, "utf8");
const { results } = JSON.parse(readFileSync(`${root}bench/results.json`, "utf8")) as {
  readonly results: readonly BenchResult[];
};
const performance = performancePages(results);
for (const [name, svg] of Object.entries(performance.charts)) writeFileSync(`${root}docs/${name}`, svg);
const pages = {
  "docs/deploy": withDeployFigures(deployPage, template),
  "docs/observability": observabilityMarkdown(),
  "docs/assumptions": assumptionsMarkdown(),
  "docs/athena-sql": athenaSqlMarkdown(),
  "docs/performance": performance.page,
  "local/README": withServices(localPage, await servicesOf()),
};
for (const [name, markdown] of Object.entries(pages)) {
  const file = `${root}${name}.md`;
  writeFileSync(file, await format(markdown, { ...(await resolveConfig(file)), parser: "markdown" }));
}
