import { globSync, readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { format, resolveConfig } from "prettier";
import { ASSUMPTIONS, provedIds } from "../../schemas/assumptions/assumptions.ts";
import { assumptionsMarkdown } from "../../tools/docs/assumptions.ts";

const proofs = globSync("cli/prove/*.ts")
  .map((file) => readFileSync(file, "utf8"))
  .join("\n");

test("each assumption that is said to be settled by doctor --prove is learnt there, and no other", () => {
  const learnt = Object.keys(ASSUMPTIONS).filter((id) => proofs.includes(`"${id}"`));
  expect(learnt.toSorted()).toEqual(provedIds.toSorted());
  expect(provedIds.length).toBeGreaterThan(10);
});

test("docs/assumptions.md is what the list says; npm run docs writes it", async () => {
  const file = "docs/assumptions.md";
  const options = { ...(await resolveConfig(file)), parser: "markdown" };
  expect(readFileSync(file, "utf8")).toBe(await format(assumptionsMarkdown(), options));
});
