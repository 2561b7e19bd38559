import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { GetObjectCommand, ListBucketsCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { ListTopicsCommand, PublishCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { dynamodb } from "../../local/dynamodb/index.ts";
import { secretsManager } from "../../local/secrets-manager/index.ts";
import { startTestCloud, type TestCloud } from "./cloud.ts";
import { thingsTable } from "./template-parts.ts";

const template = {
  Resources: {
    Bucket: { Type: "AWS::S3::Bucket", Properties: { BucketName: "photos" } },
    Table: thingsTable,
    Secret: {
      Type: "AWS::SecretsManager::Secret",
      Properties: { Name: "master", GenerateSecretString: { PasswordLength: 48, ExcludePunctuation: true } },
    },
    Topic: { Type: "AWS::SNS::Topic", Properties: { TopicName: "updates" } },
    Queue: { Type: "AWS::SQS::Queue", Properties: { QueueName: "mail" } },
    Subscription: {
      Type: "AWS::SNS::Subscription",
      Properties: {
        TopicArn: { Ref: "Topic" },
        Protocol: "sqs",
        Endpoint: { "Fn::GetAtt": ["Queue", "Arn"] },
        RawMessageDelivery: true,
        FilterPolicyScope: "MessageBody",
        FilterPolicy: { event: { type: ["good"] } },
      },
    },
    Reader: {
      Type: "AWS::IAM::Role",
      Properties: {
        AssumeRolePolicyDocument: { Statement: [] },
        Policies: [
          {
            PolicyName: "read",
            PolicyDocument: {
              Statement: {
                Effect: "Allow",
                Action: "s3:GetObject",
                Resource: { "Fn::Sub": "${Bucket.Arn}/public/*" },
              },
            },
          },
        ],
      },
    },
  },
};

describe("the local cloud", () => {
  const dataFolder = mkdtempSync(join(tmpdir(), "doorstep-foundation-"));
  let local: TestCloud;
  beforeAll(async () => {
    local = await startTestCloud({ services: [dynamodb, secretsManager], template, dataFolder });
  });
  afterAll(async () => {
    await local.stop();
    rmSync(dataFolder, { recursive: true });
  });

  test("identifies the account owner", async () => {
    const identity = await local.client(STSClient).send(new GetCallerIdentityCommand({}));
    expect(identity).toMatchObject({ Account: "000000000000", Arn: "arn:aws:iam::000000000000:root" });
  });

  test.each(["application", "lambda"])(
    "refuses to subscribe with the protocol %s, by which nothing would be delivered",
    async (Protocol) => {
      const sns = local.client(SNSClient);
      const TopicArn = local.cloud.arn("sns", "updates");
      const Endpoint = "https://example.com";
      await expect(sns.send(new SubscribeCommand({ TopicArn, Protocol, Endpoint }))).rejects.toMatchObject({
        name: "InvalidParameterException",
        message: expect.stringMatching(
          new RegExp(`^Invalid parameter: Protocol: .* sqs, .*; ${Protocol} is not emulated$`),
        ),
      });
    },
  );

  test("delivers raw to a queue what the filter policy on the message body matches", async () => {
    const sns = local.client(SNSClient);
    const TopicArn = "arn:aws:sns:us-east-1:000000000000:updates";
    await sns.send(new PublishCommand({ TopicArn, Message: '{"event":{"type":"bad"}}' }));
    await sns.send(new PublishCommand({ TopicArn, Message: '{"event":{"type":"good"}}' }));
    const QueueUrl = local.resources.get("Queue")!.ref;
    const { Messages } = await local
      .client(SQSClient)
      .send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 5 }));
    expect(Messages?.map(({ Body }) => Body)).toEqual(['{"event":{"type":"good"}}']);
  });

  test("allows a role what its policy allows and denies the rest with AWS's message", async () => {
    const owner = local.client(S3Client);
    await owner.send(new PutObjectCommand({ Bucket: "photos", Key: "public/a b.txt", Body: "hello" }));
    await owner.send(new PutObjectCommand({ Bucket: "photos", Key: "private/a.txt", Body: "secret" }));
    const config = await local.configOf("Reader");
    const reader = new S3Client(config);
    const { Body } = await reader.send(new GetObjectCommand({ Bucket: "photos", Key: "public/a b.txt" }));
    expect(await Body!.transformToString()).toBe("hello");
    const caller = `arn:aws:sts::000000000000:assumed-role/${local.resources.get("Reader")!.ref}/tester`;
    await expect(
      reader.send(new GetObjectCommand({ Bucket: "photos", Key: "private/a.txt" })),
    ).rejects.toMatchObject({
      name: "AccessDenied",
      message:
        `User: ${caller} is not authorized to perform: s3:GetObject on resource: ` +
        "arn:aws:s3:::photos/private/a.txt because no identity-based policy allows the s3:GetObject action",
    });
    await expect(reader.send(new ListBucketsCommand({}))).rejects.toMatchObject({ name: "AccessDenied" });
    await expect(new SNSClient(config).send(new ListTopicsCommand({}))).rejects.toMatchObject({
      name: "AuthorizationErrorException",
    });
    const QueueUrl = local.resources.get("Queue")!.ref;
    await expect(
      new SQSClient(config).send(new SendMessageCommand({ QueueUrl, MessageBody: "x" })),
    ).rejects.toMatchObject({ name: "AccessDeniedException" });
    await expect(
      new DynamoDBClient(config).send(new GetItemCommand({ TableName: "things", Key: { id: { S: "1" } } })),
    ).rejects.toMatchObject({ name: "AccessDeniedException" });
  });

  test("keeps objects, items and secrets after a restart", async () => {
    await local
      .client(S3Client)
      .send(new PutObjectCommand({ Bucket: "photos", Key: "kept.txt", Body: "kept" }));
    await local
      .client(DynamoDBClient)
      .send(new PutItemCommand({ TableName: "things", Item: { id: { S: "kept" }, at: { N: "1" } } }));
    const read = new GetSecretValueCommand({ SecretId: "master" });
    const { SecretString: before } = await local.client(SecretsManagerClient).send(read);
    expect(before).toMatch(/^[A-Za-z0-9]{48}$/);

    await local.stop();
    local = await startTestCloud({ services: [dynamodb, secretsManager], template, dataFolder });

    const { Body } = await local
      .client(S3Client)
      .send(new GetObjectCommand({ Bucket: "photos", Key: "kept.txt" }));
    expect(await Body!.transformToString()).toBe("kept");
    const { Item } = await local
      .client(DynamoDBClient)
      .send(new GetItemCommand({ TableName: "things", Key: { id: { S: "kept" } } }));
    expect(Item).toEqual({ id: { S: "kept" }, at: { N: "1" } });
    expect((await local.client(SecretsManagerClient).send(read)).SecretString).toBe(before);
  });

  test("names every resource type and property that it does not emulate, before it creates anything", async () => {
    const refused = startTestCloud({
      template: {
        Resources: {
          Stream: { Type: "AWS::Kinesis::Stream", Properties: {} },
          Bucket: { Type: "AWS::S3::Bucket", Properties: { BucketName: "b", ObjectLockEnabled: true } },
        },
      },
    });
    await expect(refused).rejects.toThrow(
      "the template needs what is not emulated:\n" +
        "  Stream: the resource type AWS::Kinesis::Stream is not emulated\n" +
        "  Bucket: the property AWS::S3::Bucket.ObjectLockEnabled is not emulated",
    );
  });
});
