import { globSync, readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { format, resolveConfig } from "prettier";
import { LOG_FIELDS } from "../../schemas/observability/log-fields.ts";
import { observabilityMarkdown } from "../../tools/docs/observability.ts";
import { METRICS } from "../../schemas/observability/metrics.ts";

const sources = Object.fromEntries(
  globSync("{functions,core}/*.ts").map((file) => [file, readFileSync(file, "utf8")]),
);
const all = Object.values(sources).join("\n");

/** A function's file and all of `functions/` and `core/` that it imports. */
function codeOf(handler: string): string {
  const file = `functions/${handler.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.ts`;
  const seen = new Set([file]);
  for (const one of seen)
    for (const [, path] of sources[one]!.matchAll(/from "\.\.?\/((?:core\/)?[\w-]+\.ts)"/g)) {
      const imported = path!.startsWith("core/") ? path! : `${one.split("/")[0]}/${path}`;
      if (imported in sources) seen.add(imported);
    }
  return [...seen].map((one) => sources[one]).join("\n");
}

describe("the list of log fields and metrics", () => {
  test("has no log field that no function writes", () => {
    const unused = Object.keys(LOG_FIELDS).filter((name) => !new RegExp(`\\b${name}\\b`).test(all));
    expect(unused).toEqual([]);
  });

  test.each(Object.entries(METRICS))("names the functions that print %s", (name, { from }) => {
    for (const handler of from) expect(codeOf(handler)).toMatch(new RegExp(`\\b${name}\\b`));
  });

  test("is the only way to a log line: no function has a logger or a console of its own", () => {
    const strays = Object.entries(sources)
      .filter(([file]) => file !== "functions/_runtime.ts")
      .filter(([, text]) => /powertools\/logger|console\.(log|info|warn|error|debug)\(/.test(text))
      .map(([file]) => file);
    expect(strays).toEqual([]);
  });

  test("is what docs/observability.md says; npm run docs writes it", async () => {
    const file = "docs/observability.md";
    const options = { ...(await resolveConfig(file)), parser: "markdown" };
    expect(readFileSync(file, "utf8")).toBe(await format(observabilityMarkdown(), options));
  });
});
