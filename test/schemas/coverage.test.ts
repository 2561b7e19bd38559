import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { GAP_REASONS } from "../../schemas/coverage.ts";
import { sessionRecords } from "../../schemas/tables/session-records.ts";

test("every reason of a gap is in the tables' column and in docs/motion-api.md", () => {
  const docs = readFileSync(new URL("../../docs/motion-api.md", import.meta.url), "utf8");
  const { comment } = sessionRecords.columns.find(({ name }) => name === "reason")!;
  const named = comment.slice("Why: ".length, comment.indexOf(" for a gap")).split(/, | or /);
  expect(named.toSorted()).toEqual(Object.keys(GAP_REASONS).toSorted());
  for (const reason of Object.keys(GAP_REASONS))
    expect(docs).toMatch(new RegExp(`^\\| \`${reason}\` +\\| `, "m"));
});
