import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { FUNCTIONS } from "../../../local/athena/sql/functions.ts";

test("the documentation lists exactly the functions that the local Athena supports", () => {
  const text = readFileSync("docs/athena-sql.md", "utf8");
  const [, section = ""] = /## Functions\n\n(.*?)\n\n## /s.exec(text) ?? [];
  const documented = Array.from(section.matchAll(/`(\w+)`/g), ([, name]) => name);
  expect(documented).toEqual([...FUNCTIONS.keys()].toSorted());
});
