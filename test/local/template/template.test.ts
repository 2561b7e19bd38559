import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { OperatorError } from "../../../local/errors.ts";
import type { ResolvedResource, ResourceType } from "../../../local/template/resource.ts";
import { createStack, readTemplate, type Template } from "../../../local/template/template.ts";

/** Creates the template with one resource type, `Thing`; returns what was created, in order. */
async function create(template: Template, parameters: Record<string, unknown> = {}) {
  const created: ResolvedResource[] = [];
  const thing: ResourceType = {
    properties: ["Name", "Other", "Fails"],
    create: (resource) => {
      created.push(resource);
      if (resource.properties["Fails"]) throw new OperatorError("it is broken");
      return { ref: `ref-${resource.logicalId}`, attributes: { Arn: `arn-${resource.logicalId}` } };
    },
  };
  const options = {
    stackName: "stack",
    region: "eu-west-1",
    accountId: "000000000000",
    partition: "aws",
    parameters,
  };
  const stack = await createStack(template, { Thing: thing }, options);
  return { stack, created, order: created.map(({ logicalId }) => logicalId) };
}

const thing = (Properties: Record<string, unknown> = {}, more: object = {}) => ({
  Type: "Thing",
  Properties,
  ...more,
});

describe("resources are created", () => {
  test("after the resources that they refer to or depend on", async () => {
    const { order } = await create({
      Resources: {
        A: thing({ Other: { "Fn::GetAtt": ["C", "Arn"] } }),
        B: thing({}, { DependsOn: ["D", "A"] }),
        C: thing({ Other: { "Fn::Sub": "${D}" } }),
        D: thing(),
        E: thing({}, { DependsOn: "F" }),
        F: thing(),
      },
    });
    expect(order).toEqual(["D", "C", "A", "B", "F", "E"]);
  });

  test("with their functions resolved", async () => {
    const { created } = await create({
      Parameters: { Stage: { Default: "dev" } },
      Resources: { A: thing({ Name: { "Fn::Sub": "${Stage}-${AWS::Region}-${AWS::AccountId}" } }) },
    });
    expect(created[0]!.properties).toEqual({ Name: "dev-eu-west-1-000000000000" });
  });

  test("only if their condition holds", async () => {
    const { order } = await create({
      Parameters: { Stage: { Default: "dev" } },
      Conditions: { Prod: { "Fn::Equals": [{ Ref: "Stage" }, "prod"] } },
      Resources: { A: thing({}, { Condition: "Prod" }), B: thing() },
    });
    expect(order).toEqual(["B"]);
  });

  test("under a name that stays the same and fits a bucket, however long their logical ids are", async () => {
    const long = `A${"b".repeat(80)}`;
    const Resources = { [`${long}1`]: thing(), [`${long}2`]: thing() };
    const names = async () => (await create({ Resources })).created.map(({ generatedName }) => generatedName);
    const [first, second] = await names();
    expect(first).toHaveLength(63);
    expect(first).not.toBe(second);
    expect(await names()).toEqual([first, second]);
  });
});

test("a variable of a Sub with a resource's name does not cause a circle", async () => {
  const { order } = await create({
    Resources: {
      A: thing({ Name: { "Fn::Sub": ["${A}", { A: { Ref: "B" } }] } }),
      B: thing(),
    },
  });
  expect(order).toEqual(["B", "A"]);
});

test("outputs are resolved, and left out if their condition does not hold", async () => {
  const { stack } = await create({
    Conditions: { Never: { "Fn::Equals": ["a", "b"] } },
    Resources: { A: thing() },
    Outputs: {
      Arn: {
        Value: { "Fn::GetAtt": "A.Arn" },
        Description: "where",
        Export: { Name: { "Fn::Sub": "x-${A}" } },
      },
      None: { Value: "x", Condition: "Never" },
    },
  });
  expect(stack.outputs).toEqual([
    { key: "Arn", value: "arn-A", description: "where", exportName: "x-ref-A" },
  ]);
});

test("a given parameter overrides its default, and a list is split at its commas", async () => {
  const { created } = await create(
    {
      Parameters: { Stage: { Default: "dev" }, Zones: { Type: "CommaDelimitedList", Default: "a, b" } },
      Resources: { A: thing({ Name: { Ref: "Stage" }, Other: { Ref: "Zones" } }) },
    },
    { Stage: "prod" },
  );
  expect(created[0]!.properties).toEqual({ Name: "prod", Other: ["a", "b"] });
});

describe("parameters are refused, all at once and before anything is created,", () => {
  const Parameters = {
    Days: { Type: "Number", Default: 30, AllowedValues: [1, 30] },
    Rate: { Type: "Number", Default: 5, MinValue: 1, MaxValue: 10 },
    Bucket: { Default: "", AllowedPattern: "[a-z]*", ConstraintDescription: "expected a bucket" },
    Word: { Default: "abc", MinLength: 3, MaxLength: 5 },
  };
  const created: string[] = [];
  const refusal = async (
    parameters: Record<string, unknown>,
    more: Partial<Template> = {},
  ): Promise<string> => {
    const template = { Parameters, Resources: { A: thing() }, ...more };
    try {
      created.push(...(await create(template, parameters)).order);
      return "none";
    } catch (error) {
      return (error as Error).message;
    }
  };

  test("if they break a constraint, with the template's description if it has one", async () => {
    expect(await refusal({ Days: "31", Rate: 11, Bucket: "B", Word: "ab" })).toBe(
      'the stack\'s parameters do not fit:\n  Days is "31"; expected one of 1, 30\n  Rate is "11"; expected at most 10\n' +
        '  Bucket is "B"; expected a bucket\n  Word is "ab"; expected at least 3 characters',
    );
    expect(await refusal({ Rate: "many", Word: "abcdef" })).toBe(
      'the stack\'s parameters do not fit:\n  Rate is "many"; expected a number\n' +
        '  Word is "abcdef"; expected at most 5 characters',
    );
    expect(await refusal({ Rate: 0 })).toContain('Rate is "0"; expected at least 1');
    expect(created).toEqual([]);
  });

  test("if the pattern matches only a part", async () => {
    expect(await refusal({ Bucket: "abc\nB" })).toContain("expected a bucket");
  });

  test("if a rule of the template does not hold, but its condition does", async () => {
    const Rules = {
      SlowWithBucket: {
        RuleCondition: { "Fn::Not": [{ "Fn::Equals": [{ Ref: "Bucket" }, ""] }] },
        Assertions: [
          { Assert: { "Fn::Contains": [[1, 2, 5], { Ref: "Rate" }] }, AssertDescription: "Rate: 1, 2 or 5" },
        ],
      },
    };
    expect(await refusal({ Rate: 9 }, { Rules })).toBe("none");
    expect(await refusal({ Rate: 9, Bucket: "b" }, { Rules })).toBe(
      "the stack's parameters do not fit:\n  Rate: 1, 2 or 5",
    );
    expect(await refusal({ Rate: 2, Bucket: "b" }, { Rules })).toBe("none");
  });
});

describe("a template is refused in one line that names", () => {
  const refusal = async (template: Template, parameters?: Record<string, unknown>): Promise<string> => {
    const error: unknown = await create(template, parameters).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(OperatorError);
    return (error as Error).message;
  };

  test("the circle alone", async () => {
    const Resources = {
      Start: thing({ Other: { Ref: "A" } }),
      A: thing({ Other: { Ref: "B" } }),
      B: thing({}, { DependsOn: "A" }),
    };
    expect(await refusal({ Resources })).toBe(
      "the template's resources refer to each other in a circle: A → B → A",
    );
  });

  test("a parameter without a value", async () => {
    expect(await refusal({ Parameters: { Stage: {} }, Resources: {} })).toBe(
      "the template's parameter Stage has no value and no default",
    );
  });

  test("a given parameter that the template does not have", async () => {
    expect(await refusal({ Resources: {} }, { Sage: "dev" })).toBe("the template has no parameter Sage");
  });

  test("the resource that cannot be created, with its type", async () => {
    expect(await refusal({ Resources: { A: thing({ Fails: true }) } })).toBe("A (Thing): it is broken");
    expect(await refusal({ Resources: { A: thing({ Name: { "Fn::Length": [] } }) } })).toBe(
      "A (Thing): the intrinsic function Fn::Length is not emulated",
    );
  });

  test("the output that cannot be resolved", async () => {
    expect(await refusal({ Resources: {}, Outputs: { Url: { Value: { Ref: "Api" } } } })).toBe(
      "the output Url: the template refers to Api, which is neither a parameter nor a created resource",
    );
  });
});

test("a template file that is missing, not JSON or not a template is refused with what to do", () => {
  const folder = mkdtempSync(join(tmpdir(), "doorstep-template-"));
  const file = join(folder, "template.json");
  expect(() => readTemplate(file)).toThrow(`${file} is missing; run \`npm run package\` first`);
  writeFileSync(file, "Resources:");
  expect(() => readTemplate(file)).toThrow(`${file} is not a JSON template: `);
  writeFileSync(file, "{}");
  expect(() => readTemplate(file)).toThrow(
    `${file} is not a JSON template: it has no Resources; run \`npm run package\` again`,
  );
  rmSync(folder, { recursive: true });
});
