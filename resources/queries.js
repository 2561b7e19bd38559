// The query pack for CloudFormation: every file in resources/queries as a named query of the analysts' workgroup.
import { readdirSync, readFileSync } from "node:fs";
import { readSavedQuery } from "../schemas/queries/saved-query.ts";

const folder = new URL("queries/", import.meta.url);

/** The pack, by name. */
export const pack = readdirSync(folder)
  .filter((file) => file.endsWith(".sql"))
  .toSorted()
  .map((file) => readSavedQuery(file.slice(0, -".sql".length), readFileSync(new URL(file, folder), "utf8")));

/** `BusiestHoursQuery` for `busiest-hours`. */
const logicalId = (name) =>
  `${name
    .split("-")
    .map((word) => word[0].toUpperCase() + word.slice(1))
    .join("")}Query`;

export const template = {
  Resources: Object.fromEntries(
    pack.map(({ name, purpose, sql }) => [
      logicalId(name),
      {
        Type: "AWS::Athena::NamedQuery",
        Properties: {
          Name: name,
          Description: purpose,
          Database: { Ref: "LakeDatabase" },
          WorkGroup: { Ref: "AnalystsWorkGroup" },
          QueryString: sql,
        },
      },
    ]),
  ),
};
