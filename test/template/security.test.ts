import { beforeAll, describe, expect, test } from "@jest/globals";
import { startStack } from "../local/stack.ts";
import { EVERYTHING, ofType, resolved, template, type Made } from "./compiled.ts";

const KEY = "arn:aws:kms:us-east-1:123456789012:key/0a1b2c3d-4e5f-6789-abcd-ef0123456789";

let made: Record<string, Made>;
let withKey: Record<string, Made>;
beforeAll(async () => {
  made = await resolved(EVERYTHING);
  withKey = await resolved({ ...EVERYTHING, KmsKeyArn: KEY });
});

/** Kinds that keep nothing at rest, or whose data another kind keeps. A new kind has to be put here or encrypted. */
const KEEP_NOTHING = [
  "AWS::ApiGatewayV2::Api",
  "AWS::ApiGatewayV2::Integration",
  "AWS::ApiGatewayV2::Route",
  "AWS::ApiGatewayV2::Stage",
  "AWS::Athena::NamedQuery",
  "AWS::CloudWatch::Alarm",
  "AWS::CloudWatch::Dashboard",
  "AWS::EC2::Instance",
  "AWS::EC2::SecurityGroup",
  "AWS::Events::Rule",
  "AWS::Glue::Database",
  "AWS::Glue::Table",
  "AWS::IAM::InstanceProfile",
  "AWS::IAM::Role",
  "AWS::Lambda::EventInvokeConfig",
  "AWS::Lambda::EventSourceMapping",
  "AWS::Lambda::Permission",
  "AWS::Logs::LogStream",
  "AWS::Logs::MetricFilter",
  // It keeps vectors, which Rekognition encrypts; the resource has no key (documented: CloudFormation, its properties).
  "AWS::Rekognition::Collection",
  "AWS::S3::BucketPolicy",
  "AWS::SNS::Subscription",
  "AWS::SNS::TopicPolicy",
  "AWS::SQS::QueuePolicy",
];

describe("at rest", () => {
  test("everything that keeps something names the owner's key, where there is one", () => {
    const unencrypted = Object.entries(withKey)
      .filter(([id, { type }]) => id !== "ServerlessDeploymentBucket" && !KEEP_NOTHING.includes(type))
      .filter(([, { properties }]) => !JSON.stringify(properties).includes(KEY))
      .map(([id, { type }]) => `${id} (${type})`);
    expect(unencrypted).toEqual([]);
  });

  test("without one, buckets, queues and streams are encrypted by AWS's keys, and nothing names a key", () => {
    for (const [, properties] of ofType(made, "AWS::S3::Bucket"))
      expect(properties["BucketEncryption"].ServerSideEncryptionConfiguration).toEqual([
        { ServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } },
      ]);
    for (const [, properties] of ofType(made, "AWS::SQS::Queue")) {
      expect(properties["SqsManagedSseEnabled"]).toBe(true);
      expect(properties["KmsMasterKeyId"]).toBeUndefined();
    }
    for (const [, properties] of ofType(made, "AWS::KinesisFirehose::DeliveryStream"))
      expect(properties["DeliveryStreamEncryptionConfigurationInput"]).toEqual({ KeyType: "AWS_OWNED_CMK" });
    expect(made["DetectionsTopic"]!.properties["KmsMasterKeyId"]).toBe("alias/aws/sns");
    expect(made["AnalystsWorkGroup"]!.properties["WorkGroupConfiguration"].ResultConfiguration).toEqual({
      OutputLocation: "s3://LakeBucket/athena/",
      EncryptionConfiguration: { EncryptionOption: "SSE_S3" },
    });
    expect(JSON.stringify(made)).not.toContain(":kms:");
    expect(JSON.stringify(made)).not.toContain("kms:Decrypt");
  });

  test("a queue with the owner's key has not both keys", () => {
    for (const [, properties] of ofType(withKey, "AWS::SQS::Queue")) {
      expect(properties["KmsMasterKeyId"]).toBe(KEY);
      expect(properties).not.toHaveProperty("SqsManagedSseEnabled");
    }
  });

  test("every role may use the owner's key and no other, and only through a service of the stack", () => {
    const roles = ofType(withKey, "AWS::IAM::Role");
    expect(roles.length).toBeGreaterThanOrEqual(12);
    const throughServices = {
      Effect: "Allow",
      Action: [
        "kms:Decrypt",
        "kms:DescribeKey",
        "kms:Encrypt",
        "kms:GenerateDataKey",
        "kms:GenerateDataKeyWithoutPlaintext",
        "kms:ReEncryptFrom",
        "kms:ReEncryptTo",
      ],
      Resource: KEY,
      Condition: {
        StringLike: {
          "kms:ViaService": [
            "dynamodb.us-east-1.amazonaws.com*",
            "kinesisvideo.us-east-1.amazonaws.com*",
            "s3.us-east-1.amazonaws.com*",
            "secretsmanager.us-east-1.amazonaws.com*",
            "sns.us-east-1.amazonaws.com*",
            "sqs.us-east-1.amazonaws.com*",
            "firehose.us-east-1.amazonaws.com*",
          ],
        },
      },
    };
    const environmentOf = (name: string) => ({
      Effect: "Allow",
      Action: "kms:Decrypt",
      Resource: KEY,
      Condition: {
        StringEquals: {
          "kms:EncryptionContext:aws:lambda:FunctionArn": [
            `arn:aws:lambda:us-east-1:123456789012:function:${name}`,
          ],
        },
      },
    });
    const functions = ofType(withKey, "AWS::Lambda::Function");
    expect(functions.length).toBeGreaterThanOrEqual(8);
    for (const [id, { Policies }] of roles) {
      const names = functions
        .filter(([, { Role }]) => Role === `${id}.Arn`)
        .map(([, one]) => one.FunctionName);
      expect([id, Policies.at(-1)]).toEqual([
        id,
        {
          PolicyName: "use-key",
          PolicyDocument: {
            Version: "2012-10-17",
            Statement: [throughServices, ...names.map(environmentOf)],
          },
        },
      ]);
    }
    const used = new Set(functions.map(([, { Role }]) => Role));
    expect(used.size).toBe(functions.length);
  });

  test("a topic that an alarm notifies lets CloudWatch publish, and is not under a key that CloudWatch may not use", () => {
    const topics = ofType(made, "AWS::CloudWatch::Alarm")
      .flatMap(([, { AlarmActions = [], OKActions = [] }]) => [...AlarmActions, ...OKActions] as string[])
      .filter((id) => made[id]?.type === "AWS::SNS::Topic");
    for (const id of topics) {
      const policies = ofType(made, "AWS::SNS::TopicPolicy").filter(([, { Topics }]) => Topics.includes(id));
      expect(JSON.stringify(policies)).toContain("cloudwatch.amazonaws.com");
      expect(made[id]!.properties["KmsMasterKeyId"]).toBeUndefined();
    }
  });
});

describe("in transit", () => {
  interface Statement {
    readonly Effect: string;
    readonly Principal?: unknown;
    readonly Action: string;
    readonly Resource: string | string[];
    readonly Condition?: unknown;
  }

  test("every bucket, queue and topic refuses everyone who does not come over TLS", () => {
    const refused = Object.values(made)
      .filter(({ type }) => /::(Bucket|Queue|Topic)Policy$/.test(type))
      .flatMap(({ properties }) => properties["PolicyDocument"].Statement as Statement[])
      .filter(({ Effect, Principal, Condition }) => {
        const isPlain = /^\{"Bool":\{"aws:SecureTransport":"?false"?\}\}$/.test(JSON.stringify(Condition));
        return Effect === "Deny" && Principal === "*" && isPlain;
      })
      .flatMap(({ Action, Resource }) => [Resource].flat().map((resource) => `${Action} ${resource}`));
    const of = (type: string) =>
      ofType(made, type)
        .map(([id]) => id)
        .filter((id) => id !== "ServerlessDeploymentBucket");
    expect(refused).toEqual(
      expect.arrayContaining([
        ...of("AWS::S3::Bucket").flatMap((id) => [`s3:* ${id}.Arn`, `s3:* ${id}.Arn/*`]),
        ...of("AWS::SQS::Queue").map((id) => `sqs:* ${id}.Arn`),
        ...of("AWS::SNS::Topic").map((id) => `sns:Publish ${id}`),
        "s3:* arn:aws:s3:::ServerlessDeploymentBucket",
        "s3:* arn:aws:s3:::ServerlessDeploymentBucket/*",
      ]),
    );
    expect(refused.length).toBeGreaterThanOrEqual(11);
  });

  test("no bucket can become public", () => {
    for (const [id, { PublicAccessBlockConfiguration }] of ofType(made, "AWS::S3::Bucket"))
      expect([id, PublicAccessBlockConfiguration]).toEqual([
        id,
        {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
      ]);
  });
});

describe("the motion API", () => {
  test("keeps access logs in which no credential can be: nothing of the address, the headers or the body", () => {
    const { Format, DestinationArn } = made["HttpApiStage"]!.properties["AccessLogSettings"];
    expect(DestinationArn).toBe("HttpApiLogGroup.Arn");
    expect(Format.match(/\$context\.[\w.]+/g)).toEqual([
      "$context.requestId",
      "$context.requestTime",
      "$context.routeKey",
      "$context.status",
      "$context.identity.sourceIp",
      "$context.responseLength",
      "$context.responseLatency",
      "$context.integrationStatus",
      "$context.integrationLatency",
      "$context.error.responseType",
    ]);
    expect(Format).not.toMatch(/path|query|uri|header|authoriz|cookie|userAgent|\$request|\$input/i);
    expect(Object.keys(JSON.parse(Format))).toContain("requestId");
  });

  test("takes as many requests as its parameters say", async () => {
    const { HttpApiStage } = await resolved({ ApiRequestsPerSecond: 7, ApiBurstRequests: 9 });
    expect(HttpApiStage!.properties["DefaultRouteSettings"]).toEqual({
      DetailedMetricsEnabled: false,
      ThrottlingRateLimit: 7,
      ThrottlingBurstLimit: 9,
    });
  });
});

describe("what is kept", () => {
  const policies = (id: string) => [
    template.Resources[id]!.DeletionPolicy,
    template.Resources[id]!.UpdateReplacePolicy,
  ];

  test("outlives the stack where somebody would miss it", () => {
    const kept = Object.keys(template.Resources).filter((id) => policies(id).some(Boolean));
    expect(kept.toSorted()).toEqual([
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
    for (const id of kept) expect(policies(id)).toEqual(["RetainExceptOnCreate", "Retain"]);
  });

  test("can be had back after a mistake: versions of objects for a month, the cameras to the second", () => {
    for (const id of ["EvidenceBucket", "LakeBucket"]) {
      expect(made[id]!.properties["VersioningConfiguration"]).toEqual({ Status: "Enabled" });
      expect(made[id]!.properties["LifecycleConfiguration"].Rules).toContainEqual({
        Id: "expire-replaced-versions",
        Status: "Enabled",
        NoncurrentVersionExpiration: { NoncurrentDays: 30 },
        ExpiredObjectDeleteMarker: true,
      });
    }
    expect(made["CamerasTable"]!.properties["PointInTimeRecoverySpecification"]).toEqual({
      PointInTimeRecoveryEnabled: true,
    });
  });

  const expiries = async (parameters: Record<string, unknown>) => {
    const { LakeBucket, EvidenceBucket } = await resolved(parameters);
    return [LakeBucket!, EvidenceBucket!]
      .flatMap(({ properties }) => properties["LifecycleConfiguration"].Rules)
      .filter(({ ExpirationInDays }) => ExpirationInDays !== undefined)
      .map(({ Prefix = "evidence", ExpirationInDays }) => [Prefix, ExpirationInDays]);
  };

  test("ends after the days that the parameters say", async () => {
    const parameters = {
      LakeExpiryDays: 3,
      RawExpiryDays: 2,
      EvidenceExpiryDays: 1,
      QueryResultExpiryDays: 4,
      FaceExpiryDays: 5,
    };
    expect(await expiries(parameters)).toEqual([
      ["athena/", 4],
      ["raw/", 2],
      ["errors/", 2],
      ["detection_records/", 3],
      ["session_records/", 3],
      ["alert_records/", 3],
      ["face_records/", 5],
      ["errors/face_records/", 14],
      ["errors/redriven/face_records/", 14],
      ["evidence", 1],
    ]);
  });

  test("is kept forever where they say 0, except for faces", async () => {
    expect(await expiries({ LakeExpiryDays: 0, RawExpiryDays: 0, EvidenceExpiryDays: 0 })).toEqual([
      ["athena/", 7],
      ["face_records/", 365],
      ["errors/face_records/", 14],
      ["errors/redriven/face_records/", 14],
    ]);
  });

  test("of logs ends after the days that the parameter says, in every log group", async () => {
    const groups = ofType(await resolved({ ...EVERYTHING, LogRetentionDays: 5 }), "AWS::Logs::LogGroup");
    expect(groups.length).toBeGreaterThanOrEqual(10);
    for (const [id, { RetentionInDays }] of groups) expect([id, RetentionInDays]).toEqual([id, 5]);
  });
});

test("the local cloud boots with the owner's key, which has no meaning there", async () => {
  const stack = await startStack([], { parameters: { KmsKeyArn: KEY } });
  const { resources } = stack.local.stack;
  await stack.stop();
  expect(resources.size).toBeGreaterThan(80);
});

test("rows wait for the lake as long as the parameter says", async () => {
  const made = await resolved({ LakeBufferSeconds: 300 });
  for (const id of [
    "DetectionsDeliveryStream",
    "SessionsDeliveryStream",
    "AlertsDeliveryStream",
    "FacesDeliveryStream",
  ])
    expect(made[id]!.properties["ExtendedS3DestinationConfiguration"].BufferingHints).toEqual({
      SizeInMBs: 64,
      IntervalInSeconds: 300,
    });
});
