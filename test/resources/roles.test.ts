import { describe, expect, test } from "@jest/globals";
import { templateFile } from "../../demo/package-service.ts";
import { readTemplate } from "../../local/template/template.ts";

const { Resources, Parameters, Conditions } = readTemplate(templateFile);

/** Never made: see resources/roles.yml. */
const SHARED = "IamRoleLambdaExecution";

interface Role {
  readonly id: string;
  readonly service: string;
  readonly condition: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly properties: Readonly<Record<string, unknown>>;
}

interface Trust {
  readonly Statement: readonly {
    readonly Principal: { readonly Service: string | readonly string[] };
    readonly Condition?: Role["condition"];
  }[];
}

const roles: readonly Role[] = Object.entries(Resources)
  .filter(([id, { Type }]) => Type === "AWS::IAM::Role" && id !== SHARED)
  .map(([id, { Properties = {} }]) => {
    const { Statement } = Properties["AssumeRolePolicyDocument"] as Trust;
    const [only] = Statement;
    const [service] = [only!.Principal.Service].flat();
    expect([id, Statement.length, [only!.Principal.Service].flat().length]).toEqual([id, 1, 1]);
    return { id, service: service!, condition: only!.Condition ?? {}, properties: Properties };
  });

test("every function has a role of its own, and nothing uses the one that Serverless adds", () => {
  const used = Object.values(Resources)
    .filter(({ Type }) => Type === "AWS::Lambda::Function")
    .map(({ Properties }) => (Properties!["Role"] as { "Fn::GetAtt": [string, string] })["Fn::GetAtt"][0]);
  expect(new Set(used).size).toBe(used.length);
  expect(used).not.toContain(SHARED);
  expect(Resources[SHARED]).toMatchObject({ Condition: "SharedRole" });
  expect(Conditions!["SharedRole"]).toEqual({ "Fn::Equals": [{ Ref: "AWS::StackName" }, "never"] });
});

test("no role may create a log group, so that none returns after its stack is removed", () => {
  expect(JSON.stringify(roles)).toContain("logs:PutLogEvents");
  expect(JSON.stringify(Resources)).not.toContain("logs:CreateLogGroup");
  expect(JSON.stringify(Resources)).not.toContain('"logs:*"');
});

describe("the permissions boundary", () => {
  test("is a parameter that is empty by default", () => {
    expect(Parameters!["PermissionsBoundary"]).toMatchObject({ Type: "String", Default: "" });
    expect(Conditions!["HasPermissionsBoundary"]).toEqual({
      "Fn::Not": [{ "Fn::Equals": [{ Ref: "PermissionsBoundary" }, ""] }],
    });
  });

  test.each([
    ["", true],
    ["arn:aws:iam::123456789012:policy/bounds", true],
    ["arn:aws-cn:iam::123456789012:policy/teams/cameras/bounds", true],
    ["arn:aws:iam::aws:policy/PowerUserAccess", true],
    ["bounds", false],
    ["arn:aws:iam::123456789012:role/bounds", false],
    ["arn:aws:iam::123456789012:policy/", false],
  ])("is checked before anything is made: %j is %s", (value, isTaken) => {
    const { AllowedPattern } = Parameters!["PermissionsBoundary"] as { AllowedPattern?: string };
    expect(new RegExp(AllowedPattern!).test(value)).toBe(isTaken);
  });

  test.each(roles.map(({ id, properties }) => [id, properties] as const))(
    "is that of %s",
    (_id, properties) => {
      expect(properties["PermissionsBoundary"]).toEqual({
        "Fn::If": ["HasPermissionsBoundary", { Ref: "PermissionsBoundary" }, { Ref: "AWS::NoValue" }],
      });
    },
  );
});

describe("a role is taken by one service, and for a resource of this stack where the service names one", () => {
  /** Services that name no source when they take a role: iam:PassRole decides who may give it to them. */
  const WITHOUT_SOURCE = ["lambda.amazonaws.com", "ec2.amazonaws.com"];

  test.each(roles.map(({ id, service, condition }) => [id, service, condition] as const))(
    "%s by %s",
    (_id, service, condition) => {
      const keys = Object.values(condition).flatMap((values) => Object.keys(values));
      if (WITHOUT_SOURCE.includes(service)) expect(keys).toEqual([]);
      else {
        expect(keys).toEqual(expect.arrayContaining(["aws:SourceAccount", "aws:SourceArn"]));
        const account = Object.values(condition).find((values) => "aws:SourceAccount" in values);
        expect(account).toMatchObject({ "aws:SourceAccount": { Ref: "AWS::AccountId" } });
      }
    },
  );
});

describe("a bucket is open to TLS only", () => {
  const buckets = Object.entries(Resources).filter(([, { Type }]) => Type === "AWS::S3::Bucket");

  test.each(buckets.map(([id]) => id))("%s", (id) => {
    const policy = Object.values(Resources).find(
      ({ Type, Properties }) =>
        Type === "AWS::S3::BucketPolicy" && (Properties!["Bucket"] as { Ref: string }).Ref === id,
    );
    const { Statement } = policy!.Properties!["PolicyDocument"] as { Statement: Record<string, unknown>[] };
    const [deny] = Statement;
    expect(deny).toMatchObject({ Effect: "Deny", Principal: "*", Action: "s3:*" });
    expect(deny!["Resource"]).toHaveLength(2);
    const { Bool } = deny!["Condition"] as { Bool: Record<string, unknown> };
    expect(String(Bool["aws:SecureTransport"])).toBe("false");
  });
});
