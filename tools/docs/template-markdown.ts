import type { TemplateParameter } from "../../local/template/parameters.ts";
import type { Template } from "../../local/template/template.ts";

const GENERATED = "Written by `npm run docs` from the compiled template; a test holds it to that.";

/** docs/parameters.md: every parameter of the stack, what it means, its default and what it takes. */
export function parametersMarkdown({ Parameters = {} }: Template): string {
  const rows = Object.entries(Parameters).map(([name, parameter]) => [
    `\`${parameterName(name)}\``,
    (parameter.Description ?? "").replaceAll("<", "&lt;"),
    parameter.Default === "" ? "" : `\`${String(parameter.Default)}\``,
    allowed(parameter),
  ]);
  return `# Parameters

${GENERATED}

Give them per stage in \`serverless.yml\`, so that every deployment has the same; on the command line, \`--param name=value\`,
one holds for that deployment only.

\`\`\`yaml
params:
  prod:
    logRetentionDays: 90
\`\`\`

Values are checked when the service is packaged, before anything is made, and again by CloudFormation.

${table(["parameter", "meaning", "default", "takes"], [...PACKAGING, ...rows])}
A stage is \`--stage\` and a Region \`--region\`; without them, \`dev\` and \`us-east-1\`.
`;
}

/** What is settled when the template is made, because CloudFormation has no parameters there. */
const PACKAGING = [
  [
    "`keepData`",
    "Whether tables, buckets and the secret stay when the stack is removed ([docs/deploy.md](deploy.md#remove-it))",
    "`true`",
    "`true`, `false`",
  ],
];

/** A parameter's name for Serverless, `--param`, of its name in CloudFormation. */
export const parameterName = (name: string): string => name[0]!.toLowerCase() + name.slice(1);

function allowed({
  AllowedValues,
  AllowedPattern,
  MinValue,
  MaxValue,
  Type = "String",
}: TemplateParameter): string {
  if (AllowedValues) return AllowedValues.map((value) => `\`${String(value)}\``).join(", ");
  if (AllowedPattern) return `\`${AllowedPattern.replaceAll("|", "\\|")}\``;
  if (MinValue !== undefined && MaxValue !== undefined) return `${MinValue} to ${MaxValue}`;
  if (MinValue !== undefined) return `at least ${MinValue}`;
  return Type === "Number" ? "a number" : "any text";
}

/** docs/resources.md: every resource of the stack, so that a change of the template is seen in review. */
export function resourcesMarkdown(template: Template): string {
  const resources = Object.entries(template.Resources).toSorted(([one], [other]) => (one < other ? -1 : 1));
  const rows = resources.map(([logicalId, { Type, Condition, DeletionPolicy }]) => [
    `\`${logicalId}\``,
    `\`${Type}\``,
    Condition ? `with \`${Condition}\`` : "",
    DeletionPolicy?.startsWith("Retain") ? "stays" : "",
  ]);
  return `# What the stack creates

${GENERATED} A resource with a condition is
made only where that holds; one that stays outlives the stack unless \`keepData\` is \`false\`.

${table(["logical id", "type", "made", "at removal"], rows)}`;
}

const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |\n`;

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  row(head) + row(head.map(() => "---")) + rows.map(row).join("");
