import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  AttachRolePolicyCommand,
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
  ListRolesCommand,
  PutRolePolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Template } from "../../../local/index.ts";
import { startTestCloud, type TestCloud } from "../cloud.ts";

const folder = mkdtempSync(join(tmpdir(), "doorstep-roles-"));
const ACCOUNT = "000000000000";
const REKOGNITION = "rekognition.amazonaws.com";
const SERVICE_ROLE = "arn:aws:iam::aws:policy/service-role/AmazonRekognitionServiceRole";
const TEMPLATE_POLICY = `arn:aws:iam::${ACCOUNT}:policy/ReadsQueue`;
const QUEUE = `arn:aws:sqs:us-east-1:${ACCOUNT}:mail`;

const policy = (...Statement: object[]) => JSON.stringify({ Version: "2012-10-17", Statement });
const trusting = (service: string) =>
  policy({ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" });
const allowing = (Action: string, Resource = "*") => policy({ Effect: "Allow", Action, Resource });

const template: Template = {
  Resources: {
    Stack: {
      Type: "AWS::IAM::Role",
      Properties: { RoleName: "stack", AssumeRolePolicyDocument: JSON.parse(trusting(REKOGNITION)) },
    },
    ReadsQueue: {
      Type: "AWS::IAM::ManagedPolicy",
      Properties: {
        ManagedPolicyName: "ReadsQueue",
        PolicyDocument: JSON.parse(allowing("sqs:ReceiveMessage", QUEUE)),
      },
    },
  },
};

let local: TestCloud;
let iam: IAMClient;
const boot = async (booted: Template = template): Promise<void> => {
  local = await startTestCloud({ dataFolder: folder, template: booted });
  iam = local.client(IAMClient);
};
beforeAll(() => boot());
afterAll(async () => {
  await local.stop();
  rmSync(folder, { recursive: true });
});

let count = 0;
async function createRole(trust = trusting(REKOGNITION)): Promise<{ RoleName: string; arn: string }> {
  const RoleName = `role-${++count}`;
  const created = await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust }));
  return { RoleName, arn: created.Role!.Arn! };
}

const put = (RoleName: string, PolicyDocument: string, PolicyName = "own") =>
  iam.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument }));

/** Whether a service that assumes the role may make the call. */
function may(roleArn: string, action: string, resource: string): boolean {
  const principal = local.cloud.access.assumeRole(roleArn, REKOGNITION);
  try {
    local.cloud.access.authorise(principal, action, resource);
    return true;
  } catch {
    return false;
  }
}

describe("a role that a user creates", () => {
  test("is described as it was created, and listed beside the roles of the template", async () => {
    const trust = trusting(REKOGNITION);
    const { Role } = await iam.send(
      new CreateRoleCommand({
        RoleName: "described",
        Path: "/cameras/",
        Description: "reads the porch",
        MaxSessionDuration: 7200,
        Tags: [
          { Key: "room", Value: "porch" },
          { Key: "floor", Value: "" },
        ],
        AssumeRolePolicyDocument: trust,
      }),
    );
    expect(Role).toMatchObject({
      Arn: `arn:aws:iam::${ACCOUNT}:role/cameras/described`,
      RoleId: expect.stringMatching(/^AROA[0-9A-F]{17}$/),
      Path: "/cameras/",
      MaxSessionDuration: 7200,
      Tags: [
        { Key: "room", Value: "porch" },
        { Key: "floor", Value: "" },
      ],
    });
    const got = await iam.send(new GetRoleCommand({ RoleName: "described" }));
    expect(got.Role).toEqual(Role);
    expect(JSON.parse(decodeURIComponent(got.Role!.AssumeRolePolicyDocument!))).toEqual(JSON.parse(trust));
    const names = (await iam.send(new ListRolesCommand({}))).Roles!.map(({ RoleName }) => RoleName);
    expect(names).toEqual(expect.arrayContaining(["described", "stack"]));
    const below = await iam.send(new ListRolesCommand({ PathPrefix: "/cameras/" }));
    expect(below.Roles!.map(({ RoleName }) => RoleName)).toEqual(["described"]);
  });

  test("may do what its inline and attached policies allow, from the next call on, and nothing else", async () => {
    const { RoleName, arn } = await createRole();
    const stream = `arn:aws:kinesisvideo:us-east-1:${ACCOUNT}:stream/porch/1`;
    const object = "arn:aws:s3:::photos/a.jpg";
    expect(may(arn, "s3:PutObject", object)).toBe(false);
    await put(RoleName, allowing("s3:PutObject", "arn:aws:s3:::photos/*"));
    expect(may(arn, "s3:PutObject", object)).toBe(true);
    expect(may(arn, "kinesisvideo:GetMedia", stream)).toBe(false);
    await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: SERVICE_ROLE }));
    expect(may(arn, "kinesisvideo:GetMedia", stream)).toBe(true);
    await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: "own" }));
    await iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn: SERVICE_ROLE }));
    expect([may(arn, "s3:PutObject", object), may(arn, "kinesisvideo:GetMedia", stream)]).toEqual([
      false,
      false,
    ]);
  });

  test("with AmazonRekognitionServiceRole publishes to topics named AmazonRekognition… alone, and writes no object", async () => {
    const { RoleName, arn } = await createRole();
    await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: SERVICE_ROLE }));
    const topic = (name: string) => `arn:aws:sns:us-east-1:${ACCOUNT}:${name}`;
    expect(may(arn, "sns:Publish", topic("AmazonRekognitionPorch"))).toBe(true);
    expect(may(arn, "sns:Publish", topic("porch"))).toBe(false);
    expect(may(arn, "s3:PutObject", "arn:aws:s3:::photos/a.jpg")).toBe(false);
  });

  test("is assumed by the services that its trust policy names, as it is now", async () => {
    const { RoleName, arn } = await createRole(trusting("lambda.amazonaws.com"));
    expect(() => local.cloud.access.assumeRole(arn, REKOGNITION)).toThrow(
      "because no role trust policy allows the sts:AssumeRole action",
    );
    await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: trusting(REKOGNITION) }));
    expect(local.cloud.access.assumeRole(arn, REKOGNITION).kind).toBe("role");
  });

  test("shows its policies by name and document", async () => {
    const { RoleName } = await createRole();
    const document = allowing("s3:GetObject", "arn:aws:s3:::photos/*");
    await put(RoleName, document, "reads");
    await put(RoleName, allowing("sns:Publish"), "publishes");
    await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: SERVICE_ROLE }));
    const first = await iam.send(new ListRolePoliciesCommand({ RoleName, MaxItems: 1 }));
    expect(first).toMatchObject({ PolicyNames: ["reads"], IsTruncated: true });
    const rest = await iam.send(new ListRolePoliciesCommand({ RoleName, Marker: first.Marker }));
    expect(rest).toMatchObject({ PolicyNames: ["publishes"], IsTruncated: false });
    const got = await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName: "reads" }));
    expect(JSON.parse(decodeURIComponent(got.PolicyDocument!))).toEqual(JSON.parse(document));
    const attached = await iam.send(new ListAttachedRolePoliciesCommand({ RoleName }));
    expect(attached.AttachedPolicies).toEqual([
      { PolicyName: "AmazonRekognitionServiceRole", PolicyArn: SERVICE_ROLE },
    ]);
  });

  test("survives a restart with its policies; the template's roles are the template's again", async () => {
    const { RoleName, arn } = await createRole();
    await put(RoleName, allowing("s3:PutObject"));
    await put("stack", allowing("s3:PutObject"));
    await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: TEMPLATE_POLICY }));
    expect(may(arn, "sqs:ReceiveMessage", QUEUE)).toBe(true);
    await local.stop();
    await boot();
    expect(may(arn, "s3:PutObject", "arn:aws:s3:::photos/a.jpg")).toBe(true);
    expect(may(arn, "sqs:ReceiveMessage", QUEUE)).toBe(true);
    expect((await iam.send(new ListRolePoliciesCommand({ RoleName: "stack" }))).PolicyNames).toEqual([]);
    await local.stop();
    await boot({ Resources: { Stack: template.Resources!["Stack"]! } });
    expect(may(arn, "sqs:ReceiveMessage", QUEUE)).toBe(false);
    await local.stop();
    await boot();
  });

  test("is deleted once it has no policies, and nothing may be done with it then", async () => {
    const { RoleName, arn } = await createRole();
    await put(RoleName, allowing("s3:PutObject"));
    await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: SERVICE_ROLE }));
    const remove = () => iam.send(new DeleteRoleCommand({ RoleName }));
    const conflict = { name: "DeleteConflictException", $metadata: { httpStatusCode: 409 } };
    await expect(remove()).rejects.toMatchObject(conflict);
    await iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn: SERVICE_ROLE }));
    await expect(remove()).rejects.toMatchObject(conflict);
    const principal = local.cloud.access.assumeRole(arn, REKOGNITION);
    await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: "own" }));
    await remove();
    expect(() => local.cloud.access.authorise(principal, "s3:PutObject", "arn:aws:s3:::a/b")).toThrow(
      "is not authorized",
    );
    expect(() => local.cloud.access.assumeRole(arn, REKOGNITION)).toThrow("because the role does not exist");
    await expect(iam.send(new GetRoleCommand({ RoleName }))).rejects.toMatchObject({
      name: "NoSuchEntityException",
      message: `The role with name ${RoleName} cannot be found.`,
    });
  });
});

describe("IAM refuses", () => {
  const create = (changes: object) =>
    iam.send(
      new CreateRoleCommand({
        RoleName: `refused-${++count}`,
        AssumeRolePolicyDocument: trusting(REKOGNITION),
        ...changes,
      }),
    );

  test.each([
    ["a name that exists, in any case", { RoleName: "STACK" }, "EntityAlreadyExistsException"],
    ["a name of over 64 characters", { RoleName: "a".repeat(65) }, "ValidationError"],
    ["a session of under an hour", { MaxSessionDuration: 60 }, "ValidationError"],
    [
      "a boundary that does not exist",
      { PermissionsBoundary: "arn:aws:iam::000000000000:policy/none" },
      "NoSuchEntityException",
    ],
  ])("%s", async (_what, changes, name) => {
    await expect(create(changes)).rejects.toMatchObject({ name });
  });

  test.each([
    ["no JSON", "{", "This policy contains invalid Json"],
    ["no statement", `{"Version":"2012-10-17"}`, "Syntax errors in policy."],
    ["an unknown version", `{"Version":"2013-01-01","Statement":[]}`, "Syntax errors in policy."],
    ["an effect of another name", policy({ Effect: "Permit", Action: "*" }), "Syntax errors in policy."],
    [
      "a resource in a trust policy",
      policy({ Effect: "Allow", Principal: "*", Action: "sts:AssumeRole", Resource: "*" }),
      "Has prohibited field Resource",
    ],
    [
      "another service's action in a trust policy",
      policy({ Effect: "Allow", Principal: { Service: REKOGNITION }, Action: "s3:GetObject" }),
      "AssumeRole policy may only specify STS AssumeRole actions.",
    ],
    [
      "a principal that the local cloud does not evaluate",
      policy({ Effect: "Allow", Principal: { Federated: "x" }, Action: "sts:AssumeRole" }),
      "the policy: the principal Federated is not emulated",
    ],
  ])("a trust policy with %s", async (_what, AssumeRolePolicyDocument, message) => {
    await expect(create({ AssumeRolePolicyDocument })).rejects.toMatchObject({
      name: "MalformedPolicyDocumentException",
      message,
    });
  });

  test.each([
    [
      "a principal",
      policy({ Effect: "Allow", Action: "s3:*", Resource: "*", Principal: "*" }),
      "Policy document should not specify a principal.",
    ],
    [
      "no actions",
      policy({ Effect: "Allow", Action: [], Resource: "*" }),
      "Policy statement must contain actions.",
    ],
    ["no resources", policy({ Effect: "Allow", Action: "s3:*" }), "Policy statement must contain resources."],
    [
      "an action without a service",
      allowing("GetObject"),
      "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
    ],
    [
      "a resource that is no ARN",
      allowing("s3:*", "photos"),
      'Resource photos must be in ARN format or "*".',
    ],
  ])("a role's own policy with %s", async (_what, document, message) => {
    await expect(put("stack", document)).rejects.toMatchObject({
      name: "MalformedPolicyDocumentException",
      message,
    });
  });

  test("policies over its quotas", async () => {
    const { RoleName } = await createRole();
    const large = (size: number) => allowing("s3:GetObject", `arn:aws:s3:::${"a".repeat(size)}`);
    await put(RoleName, large(5000), "one");
    await put(RoleName, large(5000), "two");
    await expect(put(RoleName, large(500), "three")).rejects.toMatchObject({
      name: "LimitExceededException",
      message: `Maximum policy size of 10240 bytes exceeded for role ${RoleName}`,
    });
    const trust = policy({
      Effect: "Allow",
      Principal: { Service: Array.from({ length: 100 }, () => REKOGNITION) },
      Action: "sts:AssumeRole",
    });
    await expect(
      iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: trust })),
    ).rejects.toMatchObject({ name: "LimitExceededException", $metadata: { httpStatusCode: 409 } });
  });

  test("policies and roles that do not exist", async () => {
    const { RoleName } = await createRole();
    const unknown = "arn:aws:iam::aws:policy/AmazonEC2FullAccess";
    const missing = { name: "NoSuchEntityException", $metadata: { httpStatusCode: 404 } };
    await expect(
      iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: unknown })),
    ).rejects.toMatchObject({
      ...missing,
      message: expect.stringContaining(`Policy ${unknown} does not exist or is not attachable.`),
    });
    await expect(
      iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn: unknown })),
    ).rejects.toMatchObject(missing);
    await expect(iam.send(new GetRolePolicyCommand({ RoleName, PolicyName: "none" }))).rejects.toMatchObject(
      missing,
    );
    await expect(put("none", allowing("s3:*"))).rejects.toMatchObject(missing);
  });
});
