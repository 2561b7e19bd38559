import { DIFFERENCES } from "../../local/athena/differences.ts";
import { FUNCTIONS } from "../../local/athena/sql/functions.ts";

const functions = [...FUNCTIONS.keys()]
  .toSorted()
  .map((name) => `\`${name}\``)
  .join(", ");
const differences = DIFFERENCES.map(({ what, reason }) => `- ${what} ${reason}`).join("\n");

/** docs/athena-sql.md. */
export const athenaSqlMarkdown = (): string => `# SQL of the local Athena

Queries run unchanged here and on Athena (engine version 3). \`npm run test:trino\` runs all saved queries and more than
400 statements on Trino 435, the engine that Athena is made from, and on the local Athena, over the same Glue tables,
views and files. Columns, types, rows and order are the same, and so are the names of errors, except as listed under
"What differs from Athena". What the local Athena does not have it refuses by name; it never guesses.

## Statements

\`SELECT\`, \`WITH\` (also recursive), \`VALUES\`, set operations, window functions, \`GROUPING SETS\`, \`ROLLUP\`, \`CUBE\`,
\`UNNEST\` (also \`WITH ORDINALITY\`), lambdas, \`PREPARE\`, \`EXECUTE … USING\`, \`DEALLOCATE PREPARE\`, \`EXPLAIN\`,
\`SHOW TABLES\`, \`SHOW PARTITIONS\`, \`DESCRIBE\`. \`?\` stands for a value of \`ExecutionParameters\`: one literal each,
texts in quotes.

Tables come from the CloudFormation template, their rows from Parquet files. A view has the form that Athena's own
\`CREATE VIEW\` writes, or is refused.

## Functions

${functions}

## What differs from Athena

${differences}

## Bytes scanned

\`DataScannedInBytes\` counts, in the files that partition projection and the conditions on partition columns leave, the
compressed column chunks of the columns that each scan needs, in the row groups whose minimum and maximum let its
conditions hold ([documented](https://docs.aws.amazon.com/athena/latest/ug/columnar-storage.html)). A common table
expression or view that is read twice counts twice, since Trino inlines it. Assumed, and unconfirmed: footers are not
counted, so \`count(*)\` scans nothing; a column is read for a whole row group, even if no row of it passes; a \`LIMIT\`
stops no reading. AWS bills at least 10 MB a query, whatever it scanned.
`;
