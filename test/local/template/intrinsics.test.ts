import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { isTrue, references, resolve, type Scope } from "../../../local/template/intrinsics.ts";

const scope: Scope = {
  parameters: { Stage: "dev", Count: 3, "AWS::Region": "us-east-1" },
  created: new Map([
    ["Bucket", { ref: "photos", attributes: { Arn: "arn:aws:s3:::photos", "Nested.Name": "n" } }],
  ]),
  mappings: { Sizes: { dev: { memory: 128 } } },
  conditions: {
    IsDev: { "Fn::Equals": [{ Ref: "Stage" }, "dev"] },
    IsProd: { "Fn::Equals": [{ Ref: "Stage" }, "prod"] },
    NotProd: { "Fn::Not": [{ Condition: "IsProd" }] },
    Both: { "Fn::And": [{ Condition: "IsDev" }, { Condition: "NotProd" }] },
    BothNot: { "Fn::And": [{ Condition: "IsDev" }, { Condition: "IsProd" }] },
    Either: { "Fn::Or": [{ Condition: "IsProd" }, { "Fn::Equals": ["a", "a"] }] },
    Neither: { "Fn::Or": [{ Condition: "IsProd" }, { "Fn::Equals": ["a", "b"] }] },
    CountIsThree: { "Fn::Equals": [{ Ref: "Count" }, "3"] },
  },
};

describe("an intrinsic function returns what CloudFormation's does", () => {
  test.each<[string, unknown, unknown]>([
    ["Ref to a parameter", { Ref: "Stage" }, "dev"],
    ["Ref to a pseudo parameter", { Ref: "AWS::Region" }, "us-east-1"],
    ["Ref to a resource", { Ref: "Bucket" }, "photos"],
    ["GetAtt as a list", { "Fn::GetAtt": ["Bucket", "Arn"] }, "arn:aws:s3:::photos"],
    ["GetAtt as text", { "Fn::GetAtt": "Bucket.Arn" }, "arn:aws:s3:::photos"],
    ["GetAtt of an attribute with a dot", { "Fn::GetAtt": ["Bucket", "Nested.Name"] }, "n"],
    ["Sub of all kinds", { "Fn::Sub": "${Bucket}/${Bucket.Arn}/${Stage}" }, "photos/arn:aws:s3:::photos/dev"],
    ["Sub that keeps literals", { "Fn::Sub": "${!Bucket} ${Count}" }, "${Bucket} 3"],
    ["Sub with variables", { "Fn::Sub": ["${Who}-${Stage}", { Who: { Ref: "Bucket" } }] }, "photos-dev"],
    ["Sub whose variable hides a resource", { "Fn::Sub": ["${Bucket}", { Bucket: "mine" }] }, "mine"],
    ["Join", { "Fn::Join": ["-", ["a", { Ref: "Stage" }, 1]] }, "a-dev-1"],
    ["Select", { "Fn::Select": ["1", ["a", "b"]] }, "b"],
    ["Split", { "Fn::Split": [",", "a,b"] }, ["a", "b"]],
    ["Select of a Split", { "Fn::Select": [0, { "Fn::Split": ["/", "x/y"] }] }, "x"],
    ["Base64", { "Fn::Base64": { "Fn::Sub": "${Stage}" } }, "ZGV2"],
    ["FindInMap", { "Fn::FindInMap": ["Sizes", { Ref: "Stage" }, "memory"] }, 128],
    ["If, when it holds", { "Fn::If": ["IsDev", "yes", "no"] }, "yes"],
    ["If, when it does not", { "Fn::If": ["IsProd", "yes", { Ref: "Stage" }] }, "dev"],
    ["NoValue as a property", { a: 1, b: { "Fn::If": ["IsProd", 2, { Ref: "AWS::NoValue" }] } }, { a: 1 }],
    ["NoValue in a list", ["a", { "Fn::If": ["IsProd", "b", { Ref: "AWS::NoValue" }] }], ["a"]],
    ["NoValue on its own", { "Fn::If": ["IsProd", 2, { Ref: "AWS::NoValue" }] }, undefined],
    ["functions deep inside", { a: [{ b: { Ref: "Stage" } }] }, { a: [{ b: "dev" }] }],
  ])("%s", (_name, value, expected) => {
    expect(resolve(value, scope)).toEqual(expected);
  });
});

test.each([
  ["IsDev", true],
  ["IsProd", false],
  ["NotProd", true],
  ["Both", true],
  ["BothNot", false],
  ["Either", true],
  ["Neither", false],
  ["CountIsThree", true],
])("the condition %s is %s", (name, expected) => {
  expect(isTrue(name, scope)).toBe(expected);
});

test.each<[unknown, string]>([
  [{ "Fn::Cidr": ["10.0.0.0/8", 1, 8] }, "the intrinsic function Fn::Cidr is not emulated"],
  [{ Ref: "Nobody" }, "the template refers to Nobody, which is neither a parameter nor a created resource"],
  [
    { "Fn::Sub": "${Nobody}" },
    "the template refers to Nobody, which is neither a parameter nor a created resource",
  ],
  [{ "Fn::GetAtt": "Bucket.Color" }, "Bucket.Color is not an attribute the local cloud has"],
  [{ "Fn::If": ["Whether", 1, 2] }, "the template has no condition Whether"],
  [{ "Fn::FindInMap": ["Sizes", "prod", "memory"] }, "the template has no mapping Sizes.prod.memory"],
])("%j is refused by name", (value, message) => {
  expect(() => resolve(value, scope)).toThrow(message);
});

test("a value refers to the resources in its functions, but not to a Sub's own variables or literals", () => {
  expect(
    references({
      a: { Ref: "A" },
      b: [{ "Fn::GetAtt": ["B", "Arn"] }, { "Fn::GetAtt": "C.Arn" }],
      c: { "Fn::Sub": ["${D} ${E.Arn} ${!F} ${G}", { G: { Ref: "H" } }] },
      d: { "Fn::If": ["X", { Ref: "I" }, { "Fn::Join": ["", [{ Ref: "J" }]] }] },
    }),
  ).toEqual(["A", "B", "C", "D", "E", "H", "I", "J"]);
});

test("a value without intrinsic functions resolves to itself", () => {
  const key = fc.string().filter((one) => !["Ref", "Condition"].includes(one) && !one.startsWith("Fn::"));
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.string(),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie("value"), { maxLength: 4 }),
      fc.dictionary(key, tie("value"), { maxKeys: 4, noNullPrototype: true }),
    ),
  }));
  fc.assert(
    fc.property(value, (one) => {
      expect(resolve(one, scope)).toEqual(one);
    }),
  );
});
