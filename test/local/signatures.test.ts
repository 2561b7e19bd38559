import { AthenaClient, ListWorkGroupsCommand } from "@aws-sdk/client-athena";
import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { KinesisVideoClient, CreateStreamCommand, ListStreamsCommand } from "@aws-sdk/client-kinesis-video";
import { GetMediaCommand, KinesisVideoMediaClient } from "@aws-sdk/client-kinesis-video-media";
import { GetObjectCommand, ListBucketsCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { ListTopicsCommand, SNSClient } from "@aws-sdk/client-sns";
import { ListQueuesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { athena } from "../../local/athena/index.ts";
import type { ClientConfig } from "../../local/cloud.ts";
import { dynamodb } from "../../local/dynamodb/index.ts";
import { kinesisVideo } from "../../local/kinesis-video/index.ts";
import { startTestCloud, type TestCloud } from "./cloud.ts";
import { Producer } from "./kinesis-video/producer.ts";
import { send } from "./signed-call.ts";

const ROLE = "arn:aws:iam::000000000000:role/reader";
const template = {
  Resources: {
    Bucket: { Type: "AWS::S3::Bucket", Properties: { BucketName: "photos" } },
    Role: {
      Type: "AWS::IAM::Role",
      Properties: {
        RoleName: "reader",
        AssumeRolePolicyDocument: { Statement: [] },
        Policies: [
          { PolicyName: "p", PolicyDocument: { Statement: { Effect: "Allow", Action: "*", Resource: "*" } } },
        ],
      },
    },
  },
};

let local: TestCloud;
beforeAll(async () => {
  local = await startTestCloud({ services: [dynamodb, kinesisVideo, athena], template });
  await local.client(KinesisVideoClient).send(new CreateStreamCommand({ StreamName: "porch" }));
  await local.client(S3Client).send(new PutObjectCommand({ Bucket: "photos", Key: "a.txt", Body: "a" }));
});
afterAll(() => local.stop());

type Credentials = ClientConfig["credentials"];
const WRONG: Credentials = { accessKeyId: "owner", secretAccessKey: "wrong" };
const RULE =
  "Here the account owner's secret access key equals the access key id: set AWS_SECRET_ACCESS_KEY=owner, or use credentials that AssumeRole returned.";

/** Makes one call with a client, and ends it. */
async function once<C extends { destroy(): void }>(
  client: C,
  call: (client: C) => Promise<unknown>,
): Promise<unknown> {
  try {
    return await call(client);
  } finally {
    client.destroy();
  }
}

const CALLS = {
  "Kinesis Video": (config) =>
    once(new KinesisVideoClient(config), (one) => one.send(new ListStreamsCommand({}))),
  GetMedia: (config) =>
    once(new KinesisVideoMediaClient(config), (one) =>
      one.send(
        new GetMediaCommand({ StreamName: "porch", StartSelector: { StartSelectorType: "EARLIEST" } }),
      ),
    ),
  S3: (config) => once(new S3Client(config), (one) => one.send(new ListBucketsCommand({}))),
  SNS: (config) => once(new SNSClient(config), (one) => one.send(new ListTopicsCommand({}))),
  SQS: (config) => once(new SQSClient(config), (one) => one.send(new ListQueuesCommand({}))),
  DynamoDB: (config) => once(new DynamoDBClient(config), (one) => one.send(new ListTablesCommand({}))),
  Athena: (config) => once(new AthenaClient(config), (one) => one.send(new ListWorkGroupsCommand({}))),
  STS: (config) => once(new STSClient(config), (one) => one.send(new GetCallerIdentityCommand({}))),
} as const satisfies Record<string, (config: ClientConfig) => Promise<unknown>>;

const as = (credentials: Credentials): ClientConfig => ({
  region: "us-east-1",
  endpoint: local.endpoint,
  credentials,
});

describe("a wrong secret is refused, with an error that the SDK can read, by", () => {
  test.each<[keyof typeof CALLS, string, number]>([
    ["Kinesis Video", "InvalidSignatureException", 403],
    ["GetMedia", "InvalidSignatureException", 403],
    ["S3", "SignatureDoesNotMatch", 403],
    ["SNS", "SignatureDoesNotMatch", 403],
    ["SQS", "InvalidSignatureException", 400],
    ["DynamoDB", "InvalidSignatureException", 400],
    ["Athena", "InvalidSignatureException", 400],
    ["STS", "SignatureDoesNotMatch", 403],
  ])("%s: %s", async (service, name, httpStatusCode) => {
    await expect(CALLS[service](as(WRONG))).rejects.toMatchObject({
      name,
      message:
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key " +
        `and signing method. Consult the service documentation for details. ${RULE}`,
      $metadata: { httpStatusCode, attempts: 1 },
    });
  });

  test("PutMedia, before any media is read", async () => {
    const producer = await Producer.connect({
      endpoint: local.endpoint,
      streamName: "porch",
      credentials: WRONG,
    });
    expect([producer.status, producer.errorType]).toEqual([403, "InvalidSignatureException"]);
    producer.hangUp();
  });
});

describe("PutMedia is accepted", () => {
  test.each([undefined, "UNSIGNED-PAYLOAD"])("with the payload hash %s", async (hash) => {
    const producer = await Producer.connect({
      endpoint: local.endpoint,
      streamName: "porch",
      headers: { "x-amz-content-sha256": hash },
    });
    expect(producer.status).toBe(200);
    producer.end();
    await producer.acks();
  });
});

describe("credentials that AssumeRole returned", () => {
  const assume = async (): Promise<Credentials & { sessionToken: string }> => {
    const { Credentials: given } = await local
      .client(STSClient)
      .send(new AssumeRoleCommand({ RoleArn: ROLE, RoleSessionName: "test" }));
    return {
      accessKeyId: given!.AccessKeyId!,
      secretAccessKey: given!.SecretAccessKey!,
      sessionToken: given!.SessionToken!,
    };
  };

  test("sign with their own secret, and with no other", async () => {
    const given = await assume();
    expect(await CALLS.STS(as(given))).toMatchObject({
      Arn: "arn:aws:sts::000000000000:assumed-role/reader/test",
    });
    for (const secretAccessKey of ["wrong", given.accessKeyId])
      await expect(CALLS.STS(as({ ...given, secretAccessKey }))).rejects.toMatchObject({
        name: "SignatureDoesNotMatch",
        message: expect.not.stringContaining("the account owner's"),
      });
  });

  test("need the session token that came with them", async () => {
    const given = await assume();
    await expect(CALLS.S3(as({ ...given, sessionToken: "other" }))).rejects.toMatchObject({
      name: "InvalidToken",
    });
    await expect(CALLS.DynamoDB(as({ ...given, sessionToken: "other" }))).rejects.toMatchObject({
      name: "UnrecognizedClientException",
    });
  });

  test("expire after an hour on the local cloud's clock; the owner's signatures do not depend on that clock", async () => {
    const given = await assume();
    local.clock.turn(3_600_000);
    for (const [service, name] of [
      ["STS", "ExpiredToken"],
      ["S3", "ExpiredToken"],
      ["Kinesis Video", "ExpiredTokenException"],
      ["DynamoDB", "ExpiredTokenException"],
    ] as const) {
      await expect(CALLS[service](as(given))).rejects.toMatchObject({ name });
      await CALLS[service](as({ accessKeyId: "a", secretAccessKey: "a" }));
    }
  });
});

describe("an unsigned call is refused", () => {
  const post = (headers: Record<string, string>) => fetch(local.endpoint, { method: "POST", headers });

  test("in the JSON protocol", async () => {
    const response = await post({ "x-amz-target": "DynamoDB_20120810.ListTables" });
    expect([response.status, await response.json()]).toEqual([
      400,
      expect.objectContaining({ __type: "MissingAuthenticationTokenException" }),
    ]);
  });

  test("in the Query protocol", async () => {
    const response = await post({ "content-type": "application/x-www-form-urlencoded" });
    expect([response.status, await response.text()]).toEqual([
      403,
      expect.stringContaining(
        "<Code>MissingAuthenticationToken</Code><Message>Missing Authentication Token.",
      ),
    ]);
  });
});

describe("a body that was changed after signing is refused", () => {
  const ASK = "Action=GetCallerIdentity&Version=2011-06-15";

  test("by STS", async () => {
    const form = { "content-type": "application/x-www-form-urlencoded" };
    expect((await send(local, "sts", "POST", "/", ASK, { headers: form })).status).toBe(200);
    const changed = await send(local, "sts", "POST", "/", ASK, { headers: form, body: `${ASK}&X=1` });
    expect(changed).toMatchObject({
      status: 403,
      text: expect.stringContaining("<Code>SignatureDoesNotMatch</Code>"),
    });
  });

  test("by Kinesis Video", async () => {
    expect((await send(local, "kinesisvideo", "POST", "/listStreams", "{}")).status).toBe(200);
    expect(await send(local, "kinesisvideo", "POST", "/listStreams", "{}", { body: "{ }" })).toMatchObject({
      status: 403,
      text: expect.stringContaining("InvalidSignatureException"),
    });
  });

  test("by S3, which stores nothing of it", async () => {
    expect(await send(local, "s3", "PUT", "/photos/changed.txt", "one", { body: "two" })).toMatchObject({
      status: 400,
      text: expect.stringContaining("<Code>XAmzContentSHA256Mismatch</Code>"),
    });
    const get = new GetObjectCommand({ Bucket: "photos", Key: "changed.txt" });
    await expect(local.client(S3Client).send(get)).rejects.toMatchObject({ name: "NoSuchKey" });
  });
});

describe("a signature is fresh", () => {
  const MINUTE_MS = 60_000;
  const call = (signedAtMs: number) =>
    send(local, "kinesisvideo", "POST", "/listStreams", "{}", { signedAtMs });

  test("by the machine's clock, which clients use, and by the local cloud's, which functions use", async () => {
    local.clock.turn(24 * 60 * MINUTE_MS);
    expect((await call(Date.now() - 4 * MINUTE_MS)).status).toBe(200);
    expect((await call(local.clock.now() + 4 * MINUTE_MS)).status).toBe(200);
  });

  test("and not before or after both", async () => {
    expect(await call(Date.now() - 6 * MINUTE_MS)).toMatchObject({
      status: 403,
      text: expect.stringContaining("Signature expired: "),
    });
    expect(await call(local.clock.now() + 6 * MINUTE_MS)).toMatchObject({
      status: 403,
      text: expect.stringContaining("Signature not yet current: "),
    });
  });
});
