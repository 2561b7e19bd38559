import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { artifactFolder, templateFile } from "../../demo/package-service.ts";
import { boot } from "../../local/boot.ts";
import { TurnableClock } from "../../base/clock.ts";
import { allServices } from "../../local/services.ts";
import type { ResourceType } from "../../local/template/resource.ts";
import { createStack, readTemplate } from "../../local/template/template.ts";

const template = readTemplate(templateFile);
const ON = {
  UploaderEnabled: "true",
  UploaderPackage: "s3://clips-of-ours/doorstep-0.1.0.tgz",
  UploaderSourceBucket: "clips-of-ours",
  UploaderNetwork: "vpc-0a1b2c3d/subnet-4e5f6a7b",
};

const UPLOADER = [
  "UploaderHangsAlarm",
  "UploaderInstance",
  "UploaderInstanceProfile",
  "UploaderLaunchTemplate",
  "UploaderLogGroup",
  "UploaderRole",
  "UploaderSecurityGroup",
];

type Properties = Readonly<Record<string, any>>;

/** Makes nothing, and notes what CloudFormation would make: each resource's resolved properties by logical id. */
async function resolved(parameters: Readonly<Record<string, unknown>>): Promise<Record<string, Properties>> {
  const noted: Record<string, Properties> = {};
  const note: ResourceType = {
    properties: Object.assign([], { includes: () => true }),
    create: ({ logicalId, properties }) => {
      noted[logicalId] = properties;
      const attributes = new Proxy({}, { get: (_, name) => `${logicalId}.${String(name)}` });
      return { ref: logicalId, attributes };
    },
  };
  const types = Object.values(template.Resources).map(({ Type }) => [Type, note] as const);
  await createStack(template, Object.fromEntries(types), {
    stackName: "doorstep-dev",
    region: "eu-west-1",
    accountId: "123456789012",
    partition: "aws",
    parameters,
  });
  return noted;
}

describe("off, as it is by default", () => {
  test("nothing of it is made, and all else is the same", async () => {
    const off = Object.keys(await resolved({}));
    const on = Object.keys(await resolved(ON));
    expect(off.filter((id) => id.startsWith("Uploader"))).toEqual([]);
    expect(on.filter((id) => !off.includes(id)).toSorted()).toEqual(UPLOADER);
    expect(off.filter((id) => !on.includes(id))).toEqual([]);
  });
});

describe("turned on", () => {
  let made: Record<string, Properties>;
  beforeAll(async () => {
    made = await resolved(ON);
  });

  test("its role may send to this stack's streams, write its log, hold sessions and read the source bucket", () => {
    expect(made["UploaderRole"]!["Policies"][0].PolicyDocument.Statement).toEqual([
      {
        Effect: "Allow",
        Action: [
          "kinesisvideo:PutMedia",
          "kinesisvideo:UpdateStream",
          "kinesisvideo:GetDataEndpoint",
          "kinesisvideo:UpdateDataRetention",
          "kinesisvideo:DescribeStream",
          "kinesisvideo:CreateStream",
        ],
        Resource: "arn:aws:kinesisvideo:eu-west-1:123456789012:stream/doorstep-dev-camera-*/*",
      },
      {
        Effect: "Allow",
        Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
        Resource: "UploaderLogGroup.Arn",
      },
      {
        Effect: "Allow",
        Action: [
          "ssm:UpdateInstanceInformation",
          "ssmmessages:CreateControlChannel",
          "ssmmessages:CreateDataChannel",
          "ssmmessages:OpenControlChannel",
          "ssmmessages:OpenDataChannel",
        ],
        Resource: "*",
      },
      { Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::clips-of-ours/*" },
      { Effect: "Allow", Action: "s3:ListBucket", Resource: "arn:aws:s3:::clips-of-ours" },
    ]);
    expect(made["UploaderRole"]!["Policies"]).toHaveLength(1);
    expect(made["UploaderRole"]!["ManagedPolicyArns"]).toBeUndefined();
    expect(made["UploaderInstanceProfile"]).toEqual({ Roles: ["UploaderRole"] });
  });

  test("without a source bucket it may read none", async () => {
    const { UploaderRole } = await resolved({ ...ON, UploaderSourceBucket: "" });
    expect(JSON.stringify(UploaderRole)).not.toContain("s3:");
  });

  test("nothing may come in, and only HTTPS and Ubuntu's archive are called", () => {
    const { SecurityGroupIngress, SecurityGroupEgress } = made["UploaderSecurityGroup"]!;
    expect(SecurityGroupIngress).toBeUndefined();
    expect(SecurityGroupEgress).toEqual([
      { IpProtocol: "tcp", FromPort: 443, ToPort: 443, CidrIp: "0.0.0.0/0", Description: "HTTPS" },
      { IpProtocol: "tcp", FromPort: 80, ToPort: 80, CidrIp: "0.0.0.0/0", Description: "Ubuntu archive" },
    ]);
  });

  test("the instance is Ubuntu's current LTS on arm64, with metadata by token only, an encrypted disk and no key pair", () => {
    const { LaunchTemplateData } = made["UploaderLaunchTemplate"]!;
    expect(LaunchTemplateData).toMatchObject({
      ImageId:
        "resolve:ssm:/aws/service/canonical/ubuntu/server/26.04/stable/current/arm64/hvm/ebs-gp3/ami-id",
      IamInstanceProfile: { Arn: "UploaderInstanceProfile.Arn" },
      SecurityGroupIds: ["UploaderSecurityGroup.GroupId"],
      MetadataOptions: { HttpEndpoint: "enabled", HttpTokens: "required", HttpPutResponseHopLimit: 1 },
      BlockDeviceMappings: [{ Ebs: { VolumeType: "gp3", VolumeSize: 30, Encrypted: true } }],
      MaintenanceOptions: { AutoRecovery: "default" },
    });
    expect(LaunchTemplateData).not.toHaveProperty("KeyName");
    expect(made["UploaderInstance"]).toMatchObject({
      LaunchTemplate: { LaunchTemplateId: "UploaderLaunchTemplate" },
      InstanceType: "t4g.small",
    });
    expect(made["UploaderInstance"]).not.toHaveProperty("KeyName");
  });

  test("it stands in the network that is given whole, VPC and subnet in one", () => {
    expect(made["UploaderSecurityGroup"]!["VpcId"]).toBe("vpc-0a1b2c3d");
    expect(made["UploaderInstance"]!["SubnetId"]).toBe("subnet-4e5f6a7b");
  });

  test.each([
    [
      "UploaderNetwork",
      "uploaderNetwork is empty; an uploader needs vpc-.../subnet-..., a subnet with internet access",
    ],
    [
      "UploaderPackage",
      "uploaderPackage is empty; an uploader needs the npm package that provides the doorstep",
    ],
  ])("without %s it is refused", async (name, reason) => {
    await expect(resolved({ ...ON, [name]: "" })).rejects.toThrow(reason);
  });

  test("its log ends after thirty days", () => {
    expect(made["UploaderLogGroup"]).toEqual({
      LogGroupName: "/doorstep/doorstep-dev/uploader",
      RetentionInDays: 30,
    });
  });

  describe("its user data", () => {
    const decode = ({ UploaderInstance }: Record<string, Properties>): string =>
      Buffer.from(UploaderInstance!["UserData"] as string, "base64").toString("utf8");

    test("is a script that cloud-init runs at every boot, within the 16 KB that EC2 takes", () => {
      const text = decode(made);
      expect(text.length).toBeLessThan(16_384);
      expect(text).toMatch(/^[\t\n\x20-\x7e]+$/);
      expect(text.startsWith('Content-Type: multipart/mixed; boundary="DOORSTEP-USER-DATA"\n')).toBe(true);
      expect(text).toContain("\nContent-Type: text/x-shellscript-per-boot\n");
      expect(text.match(/^--DOORSTEP-USER-DATA.*$/gm)).toEqual([
        "--DOORSTEP-USER-DATA",
        "--DOORSTEP-USER-DATA--",
      ]);
    });

    test("holds the settings and nothing else of the account", () => {
      const text = decode(made);
      expect(text.match(/^[A-Z_]+='.*'$/gm)).toEqual([
        "UPLOADER_PACKAGE='s3://clips-of-ours/doorstep-0.1.0.tgz'",
        "SOURCE_BUCKET='clips-of-ours'",
        "SOURCE_PREFIX='footage/'",
        "LOOKBACK_HOURS='24'",
        "CAMERA_PREFIX='doorstep-dev-camera-'",
        "LOG_GROUP='UploaderLogGroup'",
        "AWS_REGION='eu-west-1'",
      ]);
      expect(text).not.toMatch(/123456789012|AKIA|ASIA|BEGIN [A-Z ]*PRIVATE KEY|aws_secret|password/i);
    });

    test("takes the shell's own variables as they are", () => {
      expect(decode(made)).toContain('--max-age "${LOOKBACK_HOURS}h"');
    });
  });
});

test("no parameter can end the quotes that it stands in", () => {
  const parameters = template.Parameters as Readonly<
    Record<string, { Type: string; AllowedPattern?: string }>
  >;
  const texts = Object.entries(parameters).filter(
    ([name, { Type }]) => name.startsWith("Uploader") && name !== "UploaderEnabled" && Type === "String",
  );
  expect(texts.map(([name]) => name)).toEqual([
    "UploaderPackage",
    "UploaderSourceBucket",
    "UploaderSourcePrefix",
    "UploaderInstanceType",
    "UploaderNetwork",
  ]);
  for (const [, { AllowedPattern }] of texts) {
    const pattern = new RegExp(AllowedPattern!);
    for (const bad of ["a'b", "a b", "a\nb", "$(a)", "a;b"]) expect(pattern.test(bad)).toBe(false);
  }
});

test.each([
  ["UploaderPackage", "doorstep@1.2.3", true],
  ["UploaderPackage", "https://example.org/doorstep-1.2.3.tgz", true],
  ["UploaderSourcePrefix", "cameras", false],
  ["UploaderSourcePrefix", "cameras/", true],
  ["UploaderInstanceType", "t4g.small", true],
  ["UploaderInstanceType", "m8gd.large", true],
  ["UploaderInstanceType", "t3.small", false],
  ["UploaderNetwork", "vpc-0a1b", false],
  ["UploaderNetwork", "vpc-0a1b/subnet-2c3d", true],
])("%s %s is allowed: %s", (name, value, allowed) => {
  const { AllowedPattern } = template.Parameters![name] as { AllowedPattern: string };
  expect(new RegExp(AllowedPattern).test(value)).toBe(allowed);
});

describe("the local cloud", () => {
  const dataFolder = mkdtempSync(join(tmpdir(), "doorstep-uploader-"));
  afterAll(() => rmSync(dataFolder, { recursive: true, force: true }));

  test("boots with the uploader turned on, which has no local meaning", async () => {
    const local = await boot({
      template,
      stackName: "doorstep-dev",
      artifactFolder,
      dataFolder,
      awsPort: 0,
      clock: new TurnableClock(),
      parameters: ON,
      services: allServices(0),
    });
    const outputs = Object.fromEntries(local.stack.outputs.map(({ key, value }) => [key, value]));
    await local.stop();
    expect(outputs["UploaderInstanceId"]).toMatch(/^doorstep-dev-UploaderInstance-[0-9a-f]{12}$/);
  });
});
