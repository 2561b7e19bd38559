import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { licenceProblems, licences, licencesMarkdown } from "../../tools/docs/licences.ts";
import { parametersMarkdown, resourcesMarkdown } from "../../tools/docs/template.ts";
import { template } from "./compiled.ts";

const read = (page: string): string =>
  readFileSync(new URL(`../../docs/${page}.md`, import.meta.url), "utf8");
const installed = licences(new URL("../../package-lock.json", import.meta.url));

describe("a generated page is up to date (run `npm run docs` and review the diff)", () => {
  test("docs/resources.md, every resource with its type, condition and removal", () => {
    expect(read("resources").split("\n")).toEqual(resourcesMarkdown(template).split("\n"));
  });

  test("docs/parameters.md, every parameter with its meaning, default and allowed values", () => {
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

  test("describes its pattern in words, if it has one", () => {
    const silent = parameters.filter(
      ([, { AllowedPattern, ConstraintDescription }]) => AllowedPattern && !ConstraintDescription,
    );
    expect(silent.map(([name]) => name)).toEqual([]);
  });
});

describe("licences", () => {
  test("of all installed packages are accepted", () => {
    expect(installed.length).toBeGreaterThan(500);
    expect(licenceProblems(installed)).toEqual([]);
  });

  test("are rejected if they cover what uses them, with what is expected", () => {
    const one = { name: "a", version: "1.0.0", isBundled: true };
    expect(licenceProblems([{ ...one, licence: "GPL-3.0" }])[0]).toMatch(
      /^a 1\.0\.0 \(bundled\): GPL-3\.0; expected/,
    );
    expect(licenceProblems([{ ...one, licence: "MPL-2.0" }])).toHaveLength(1);
    expect(licenceProblems([{ ...one, licence: "MPL-2.0", isBundled: false }])).toEqual([]);
    expect(licenceProblems([{ ...one, licence: "(GPL-3.0 OR MIT)" }])).toEqual([]);
    expect(licenceProblems([{ ...one, licence: "unknown" }])).toHaveLength(1);
  });
});

describe("docs/encryption.md", () => {
  const [, snippet = "{}"] = /```json\n([^]*?)```/.exec(read("encryption")) ?? [];
  const policy = JSON.parse(snippet) as {
    Statement: { Sid: string; Principal: { Service?: string | string[] }; Action: string | string[] }[];
  };

  test("has a key policy that lets in every service that uses the key in its own name, with the account named", () => {
    expect(
      policy.Statement.flatMap(({ Principal, Action }) =>
        [Principal.Service ?? []].flat().map((service) => [service, [Action].flat().includes("kms:Decrypt")]),
      ),
    ).toEqual([
      ["sns.amazonaws.com", true],
      ["cloudwatch.amazonaws.com", true],
      ["budgets.amazonaws.com", true],
      ["events.amazonaws.com", true],
      ["logs.eu-west-1.amazonaws.com", true],
    ]);
    for (const statement of policy.Statement.filter(({ Principal }) => Principal.Service))
      expect(JSON.stringify(statement)).toContain("123456789012");
  });
});

test("docs/deploy.md names what the template retains", () => {
  const kept = Object.entries(template.Resources)
    .filter(([, { DeletionPolicy }]) => DeletionPolicy === "RetainExceptOnCreate")
    .map(([id]) => id)
    .toSorted();
  expect(kept).toEqual([
    "AlertSecret",
    "AlertSettingsTable",
    "AlertsTable",
    "CamerasTable",
    "EvidenceBucket",
    "FaceSessionsTable",
    "FrameSessionsTable",
    "LakeBucket",
    "MasterSecret",
    "PersonsTable",
    "SessionsTable",
  ]);
  expect(read("deploy").replaceAll(/\s+/g, " ")).toContain(
    "The buckets of the lake and of the evidence, the tables of cameras, of sessions, of alerts and of persons, and the two secrets stay",
  );
});
