import { globSync, readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { format, resolveConfig } from "prettier";
import { DIFFERENCES } from "../../../local/athena/differences.ts";
import { athenaSqlMarkdown } from "../../../tools/docs/athena-sql.ts";
import { allStatements, readStatements } from "../../trino/statements.ts";

test("docs/athena-sql.md says what the lists of functions and differences say; npm run docs writes it", async () => {
  const file = "docs/athena-sql.md";
  const options = { ...(await resolveConfig(file)), parser: "markdown" };
  expect(readFileSync(file, "utf8")).toBe(await format(athenaSqlMarkdown(), options));
});

test("each stated difference from Trino is shown by a statement, and no other difference is", () => {
  const shown = new Set(allStatements({}).flatMap(({ differs }) => differs ?? []));
  expect([...shown].toSorted()).toEqual(DIFFERENCES.map(({ id }) => id).toSorted());
});

test("test:trino has more than 400 statements, each once", () => {
  const statements = allStatements({}).map(({ sql }) => sql);
  expect(statements.length).toBeGreaterThan(400);
  expect(new Set(statements).size).toBe(statements.length);
  expect(globSync("test/trino/statements/*.sql").length).toBeGreaterThan(8);
});

test("a file of statements is read with its comments, differences and days", () => {
  const text = "-- About days.\nSELECT '{day}';\n\n-- differs: zones\nSELECT 1,\n  ';';\n";
  expect(readStatements("days", text, { day: "2026-01-01" })).toEqual([
    { name: "days 1", sql: "SELECT '2026-01-01'", differs: undefined },
    { name: "days 2", sql: "SELECT 1,\n  ';'", differs: "zones" },
  ]);
});
