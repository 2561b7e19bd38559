import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { licenceProblems, licences, licencesMarkdown } from "../../tools/licences.ts";
import { parametersMarkdown, resourcesMarkdown } from "../../tools/template-markdown.ts";
import { template } from "./compiled.ts";

const read = (page: string): string =>
  readFileSync(new URL(`../../docs/${page}.md`, import.meta.url), "utf8");
const installed = licences(new URL("../../package-lock.json", import.meta.url));

describe("what is written from the template is up to date (`npm run docs` writes it anew; look at what changed)", () => {
  test("docs/resources.md, every resource with its type, condition and what becomes of it", () => {
    expect(read("resources").split("\n")).toEqual(resourcesMarkdown(template).split("\n"));
  });

  test("docs/parameters.md, every parameter with its meaning, default and what it takes", () => {
    expect(read("parameters").split("\n")).toEqual(parametersMarkdown(template).split("\n"));
  });

  test("docs/licences.md, every package in the functions", () => {
    expect(read("licences").split("\n")).toEqual(licencesMarkdown(installed).split("\n"));
  });
});

describe("every parameter", () => {
  const parameters = Object.entries(template.Parameters!);

  test("has a meaning, a default and a constraint that CloudFormation checks", () => {
    const loose = parameters.filter(
      ([, { Description, Default, AllowedValues, AllowedPattern, MinValue }]) =>
        !Description || Default === undefined || !(AllowedValues ?? AllowedPattern ?? MinValue !== undefined),
    );
    expect(loose.map(([name]) => name)).toEqual([]);
  });

  test("tells what it expects in words where it has a pattern, which tells only those who read patterns", () => {
    const silent = parameters.filter(
      ([, { AllowedPattern, ConstraintDescription }]) => AllowedPattern && !ConstraintDescription,
    );
    expect(silent.map(([name]) => name)).toEqual([]);
  });
});

describe("licences", () => {
  test("of everything installed let it be used as it is", () => {
    expect(installed.length).toBeGreaterThan(500);
    expect(licenceProblems(installed)).toEqual([]);
  });

  test("are refused where they would bind what uses them, with what is expected", () => {
    const one = { name: "a", version: "1.0.0", isBundled: true };
    expect(licenceProblems([{ ...one, licence: "GPL-3.0" }])[0]).toMatch(
      /^a 1\.0\.0 \(bundled\): GPL-3\.0; expected/,
    );
    expect(licenceProblems([{ ...one, licence: "MPL-2.0" }])).toHaveLength(1);
    expect(licenceProblems([{ ...one, licence: "MPL-2.0", isBundled: false }])).toEqual([]);
    expect(licenceProblems([{ ...one, licence: "(GPL-3.0 OR MIT)" }])).toEqual([]);
    expect(licenceProblems([{ ...one, licence: "not told" }])).toHaveLength(1);
  });
});
