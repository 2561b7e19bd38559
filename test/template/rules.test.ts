import { describe, expect, test } from "@jest/globals";
import { detectLabelsPerSecond } from "../../resources/names.js";
import { completeTemplate } from "../../resources/rules/complete.ts";
import { withoutRedundantDependencies } from "../../resources/rules/dependencies.ts";
import { encrypted } from "../../resources/rules/encryption.ts";
import { withKeptData } from "../../resources/rules/keep-data.ts";
import { nameProblems } from "../../resources/rules/names.ts";
import { budgetProblem, regionProblem, withRegionsTypes } from "../../resources/rules/region.ts";
import { MAX_STAGE_LENGTH, stageProblem } from "../../resources/rules/stage.ts";
import type { CompiledTemplate, Properties } from "../../resources/rules/template.ts";
import { tlsOnly } from "../../resources/rules/tls-only.ts";
import { template } from "./compiled.ts";

const resource = (Type: string, Properties: Properties = {}, more: object = {}) => ({
  Type,
  Properties,
  ...more,
});

describe("a dependency", () => {
  const left = (Properties: Properties, DependsOn: string | string[]) =>
    withoutRedundantDependencies({ Resources: { A: resource("T", Properties, { DependsOn }) } }).Resources[
      "A"
    ]!.DependsOn;

  test.each([
    ["Ref", { Ref: "B" }],
    ["GetAtt", { "Fn::GetAtt": ["B", "Arn"] }],
    ["GetAtt in one word", { "Fn::GetAtt": "B.Arn" }],
    ["Sub", { "Fn::Sub": "${B.Arn}/*" }],
    ["Sub's variable", { "Fn::Sub": ["${x}", { x: { Ref: "B" } }] }],
  ])("goes where a %s implies it, however deep", (_, reference) => {
    expect(left({ Deep: [{ Other: reference }] }, "B")).toBeUndefined();
    expect(left({ Deep: [{ Other: reference }] }, ["B", "C"])).toEqual(["C"]);
  });

  test.each([
    ["nothing refers to it", { Name: "B" }],
    ["the reference is conditional", { Name: { "Fn::If": ["Maybe", { Ref: "B" }, "none"] } }],
    ["a Sub says the name literally", { Name: { "Fn::Sub": "${!B}" } }],
    ["a Sub's own variable has the name", { Name: { "Fn::Sub": ["${B}", { B: "x" }] } }],
  ])("stays where %s", (_, properties) => {
    expect(left(properties, "B")).toEqual(["B"]);
  });
});

describe("TLS only:", () => {
  const deny = (id: string) => ({
    Sid: `TlsOnly${id}`,
    Effect: "Deny",
    Principal: "*",
    Action: "sqs:*",
    Resource: { "Fn::GetAtt": [id, "Arn"] },
    Condition: { Bool: { "aws:SecureTransport": "false" } },
  });

  test("a queue without a policy gets one, under the queue's own condition", () => {
    const { Resources } = tlsOnly({ Resources: { Q: resource("AWS::SQS::Queue", {}, { Condition: "On" }) } });
    expect(Resources["QPolicy"]).toEqual({
      Type: "AWS::SQS::QueuePolicy",
      Condition: "On",
      Properties: {
        Queues: [{ Ref: "Q" }],
        PolicyDocument: { Version: "2012-10-17", Statement: [deny("Q")] },
      },
    });
  });

  test("a policy that several queues share gets a statement for each, after its own", () => {
    const allow = { Effect: "Allow", Principal: { Service: "sns.amazonaws.com" }, Action: "sqs:SendMessage" };
    const { Resources } = tlsOnly({
      Resources: {
        Q: resource("AWS::SQS::Queue"),
        R: resource("AWS::SQS::Queue"),
        Shared: resource("AWS::SQS::QueuePolicy", {
          Queues: [{ Ref: "Q" }, { Ref: "R" }],
          PolicyDocument: { Statement: allow },
        }),
      },
    });
    expect(Object.keys(Resources)).toEqual(["Q", "R", "Shared"]);
    expect(Resources["Shared"]!.Properties!["PolicyDocument"]).toEqual({
      Statement: [allow, deny("Q"), deny("R")],
    });
  });

  test("a bucket's covers the bucket and its objects", () => {
    const { Resources } = tlsOnly({ Resources: { B: resource("AWS::S3::Bucket") } });
    expect(Resources["BPolicy"]!.Properties).toMatchObject({
      Bucket: { Ref: "B" },
      PolicyDocument: {
        Statement: [{ Resource: [{ "Fn::GetAtt": ["B", "Arn"] }, { "Fn::Sub": "${B.Arn}/*" }] }],
      },
    });
  });
});

describe("data", () => {
  const Resources = {
    Table: resource("AWS::DynamoDB::Table"),
    ShortLived: resource("AWS::DynamoDB::Table", { TimeToLiveSpecification: {} }),
    BackedUp: resource("AWS::DynamoDB::Table", {
      TimeToLiveSpecification: {},
      PointInTimeRecoverySpecification: {},
    }),
    ServerlessDeploymentBucket: resource("AWS::S3::Bucket"),
    Queue: resource("AWS::SQS::Queue"),
  };
  const policies = (keepData: boolean) =>
    Object.entries(withKeptData({ Resources }, keepData).Resources).map(
      ([id, { DeletionPolicy, UpdateReplacePolicy }]) => [id, DeletionPolicy, UpdateReplacePolicy],
    );

  test("is kept, but for what expires anyway, what Serverless empties itself, and what holds none", () => {
    expect(policies(true)).toEqual([
      ["Table", "RetainExceptOnCreate", "Retain"],
      ["ShortLived", undefined, undefined],
      ["BackedUp", "RetainExceptOnCreate", "Retain"],
      ["ServerlessDeploymentBucket", undefined, undefined],
      ["Queue", undefined, undefined],
    ]);
  });

  test("goes with the stack where its owner says so", () => {
    expect(policies(false)[0]).toEqual(["Table", "Delete", "Delete"]);
  });
});

test("a topic into which a service publishes in its own name is not under the key that AWS manages for SNS", () => {
  const { Resources } = encrypted({
    Resources: {
      Alarms: resource("AWS::SNS::Topic"),
      Ours: resource("AWS::SNS::Topic"),
      Policy: resource("AWS::SNS::TopicPolicy", {
        Topics: [{ Ref: "Alarms" }],
        PolicyDocument: { Statement: { Principal: { Service: "cloudwatch.amazonaws.com" } } },
      }),
    },
  });
  const key = (otherwise: unknown) => ({
    KmsMasterKeyId: { "Fn::If": ["OwnKey", { Ref: "KmsKeyArn" }, otherwise] },
  });
  expect(Resources["Alarms"]!.Properties).toEqual(key({ Ref: "AWS::NoValue" }));
  expect(Resources["Ours"]!.Properties).toEqual(key("alias/aws/sns"));
});

test("nothing is exported from the stack, whose names every stack of the account shares", () => {
  const Outputs = { Url: { Value: "x", Description: "where", Export: { Name: "y" } } };
  expect(completeTemplate({ Resources: {}, Outputs }, { keepData: true }).Outputs).toEqual({
    Url: { Value: "x", Description: "where" },
  });
});

test("the packaged template needs no more of a rule that adds or takes away by looking", () => {
  const compiled = template as unknown as CompiledTemplate;
  expect(tlsOnly(withoutRedundantDependencies(withKeptData(compiled, true)))).toEqual(compiled);
});

test("the template stays within CloudFormation's quotas (documented), with room to grow", () => {
  const { Parameters = {}, Resources, Outputs = {} } = template;
  expect(JSON.stringify(template).length).toBeLessThan(0.8 * 1024 * 1024);
  expect(Object.keys(Resources).length).toBeLessThan(0.8 * 500);
  expect(Object.keys(Parameters).length).toBeLessThan(0.8 * 200);
  expect(Object.keys(Outputs).length).toBeLessThan(0.8 * 200);
});

describe("a name is refused", () => {
  const problems = (Type: string, Properties: Properties) =>
    nameProblems({ Resources: { A: resource(Type, Properties) } });

  test.each([
    ["AWS::Lambda::Function", "FunctionName", 64],
    ["AWS::SQS::Queue", "QueueName", 80],
    ["AWS::KinesisFirehose::DeliveryStream", "DeliveryStreamName", 64],
    ["AWS::S3::Bucket", "BucketName", 63],
    ["AWS::Athena::WorkGroup", "Name", 128],
  ])("of %s beyond its limit, naming the limit", (type, property, limit) => {
    expect(problems(type, { [property]: "a".repeat(limit) })).toEqual([]);
    expect(problems(type, { [property]: "a".repeat(limit + 1) })).toEqual([
      `A (${type}) would be named ${"a".repeat(limit + 1)}, of ${limit + 1} characters, which does not fit; at most ${limit} characters are allowed`,
    ]);
  });

  test("with a character that its service does not take", () => {
    expect(problems("AWS::Lambda::Function", { FunctionName: "a.b" })).toHaveLength(1);
    expect(problems("AWS::SQS::Queue", { QueueName: "stops.fifo" })).toEqual([]);
  });
});

describe("a stage", () => {
  test.each(["dev", "prod", "pr-123", "a".repeat(MAX_STAGE_LENGTH)])("may be %s", (stage) => {
    expect(stageProblem(stage)).toBeUndefined();
  });

  test.each([
    ["a".repeat(33), "has 33 characters; names have room for 32"],
    ["Prod", "does not fit: expected lower-case letters, digits and single hyphens, a letter first"],
    ["my_stage", "does not fit: expected lower-case letters, digits and single hyphens, a letter first"],
    ["a--b", "does not fit: expected lower-case letters, digits and single hyphens, a letter first"],
    ["dev-camera-x", "has the word camera, which separates the stage in the names of cameras' streams"],
  ])("is not %s", (stage, reason) => {
    expect(stageProblem(stage)).toBe(`the stage "${stage}" ${reason}; give another one with --stage`);
  });
});

describe("a Region", () => {
  test.each(["eu-west-1", "eu-central-1", "us-gov-west-1"])(
    "where an engine works, %s, is taken",
    (region) => {
      expect(regionProblem(region)).toBeUndefined();
    },
  );

  const withBudget = {
    Parameters: { MonthlyBudgetUsd: { Default: 5 }, AlarmEmail: { Default: "" } },
    Conditions: { HasBudget: {}, HasAlarmEmail: {} },
    Resources: { Budget: resource("AWS::Budgets::Budget"), Topic: resource("AWS::SNS::Topic") },
  };

  test("without budgets in CloudFormation has none in its template, and none may be requested", () => {
    expect(withRegionsTypes(withBudget, "il-central-1")).toEqual({
      Parameters: { AlarmEmail: { Default: "" } },
      Conditions: { HasAlarmEmail: {} },
      Resources: { Topic: resource("AWS::SNS::Topic") },
    });
    expect(budgetProblem(withBudget, "il-central-1")).toBe(
      "monthlyBudgetUsd cannot be set in il-central-1, where CloudFormation has no budgets; create one in the console, or by AWS Budgets' API",
    );
    const withoutBudget = { ...withBudget, Parameters: { MonthlyBudgetUsd: { Default: 0 } } };
    expect(budgetProblem(withoutBudget, "il-central-1")).toBeUndefined();
  });

  test("with budgets in CloudFormation keeps its template", () => {
    expect(withRegionsTypes(withBudget, "eu-central-1")).toBe(withBudget);
    expect(budgetProblem(withBudget, "eu-central-1")).toBeUndefined();
  });

  test.each([
    ["us-east-1", 50],
    ["eu-central-1", 5],
  ])("%s has its quota of DetectLabels as the limit of calls: %i a second", async (region, quota) => {
    const resolveVariable = async (name: string) =>
      await Promise.resolve(name === "aws:region" ? region : "");
    expect(await detectLabelsPerSecond({ resolveVariable })).toBe(quota);
  });

  test.each(["ca-central-1", "eu-north-1", "constructor"])("where none works, %s, is refused", (region) => {
    expect(regionProblem(region)).toMatch(
      new RegExp(
        `^no engine works in ${region}: .*\\(documented, as of 2026-11\\); choose one of us-east-1, us-east-2, .*, us-gov-west-1 with --region$`,
      ),
    );
  });
});
