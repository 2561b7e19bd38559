/** One field of a view, with its expected value as text and as a check. */
type Rule = readonly [path: string, expected: string, holds: (value: unknown) => boolean];

const COMMENT = "Presto View";
const isFilled = (value: unknown): boolean => Array.isArray(value) && value.length > 0;

/**
 * The form of views that Athena's CREATE VIEW writes. Glue accepts any form, but Athena refuses queries of a view in
 * another one, or reads it as a table (observed: hashicorp/terraform-provider-aws#28517 for the SerDe, Trino's GlueToTrinoConverter and
 * HiveViewCodec for the rest; documented for the partition keys: CloudFormation, TableInput).
 */
const RULES: readonly Rule[] = [
  ["StorageDescriptor.SerdeInfo", "{}", (value) => typeof value === "object" && value !== null],
  ["StorageDescriptor.Columns", "the view's columns", isFilled],
  ["PartitionKeys", "[]", (value) => Array.isArray(value) && value.length === 0],
  ["Owner", "a name, e.g. hadoop", (value) => typeof value === "string" && value !== ""],
  // Athena's engine would read it instead of the comment that marks a view.
  ["Description", "none, since it overrides Parameters.comment", (value) => value === undefined],
  ["Parameters.presto_view", '"true"', (value) => value === "true"],
  ["Parameters.comment", `"${COMMENT}"`, (value) => value === COMMENT],
  [
    "ViewOriginalText",
    `/* ${COMMENT}: <base64> */`,
    (value) => typeof value === "string" && value.startsWith(`/* ${COMMENT}: `),
  ],
  ["ViewExpandedText", `/* ${COMMENT} */`, (value) => value === `/* ${COMMENT} */`],
];

/**
 * Checks that Athena can read a view.
 * @param view its `TableInput`, or Glue's response
 * @returns the first problem, e.g. `StorageDescriptor.SerdeInfo is missing; expected {}`; undefined when there is none
 */
export function viewProblem(view: unknown): string | undefined {
  for (const [path, expected, holds] of RULES) {
    const value = path
      .split(".")
      .reduce<unknown>((one, key) => (one as Record<string, unknown> | undefined)?.[key], view);
    const found = value === undefined ? "missing" : JSON.stringify(value);
    if (!holds(value)) return `${path} is ${found}; expected ${expected}`;
  }
  return undefined;
}
