import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import * as v from "valibot";
import { alertCounts, alertsTable } from "../../aws/alerts.ts";
import { pictures } from "../../aws/pictures.ts";
import { alertDeliveryQueue, alertQueue } from "../../aws/queues.ts";
import { HOUR_MS } from "../../base/durations.ts";
import { dynamodb } from "../../local/dynamodb/index.ts";
import type { AlertDelivery } from "../../schemas/alert-message.ts";
import type { AlertRecord } from "../../schemas/alert-record.ts";
import { alertRule } from "../../schemas/alert-rule.ts";
import { startTestCloud, type TestCloud } from "../local/cloud.ts";

const tableOf = (TableName: string, AttributeName: string) => ({
  Type: "AWS::DynamoDB::Table",
  Properties: {
    TableName,
    AttributeDefinitions: [{ AttributeName, AttributeType: "S" }],
    KeySchema: [{ AttributeName, KeyType: "HASH" }],
    BillingMode: "PAY_PER_REQUEST",
  },
});

const BUCKET = "evidence-of-test";
const HOUR = Date.parse("2026-11-30T12:00:00Z");

let local: TestCloud;
let database: DynamoDBClient;
beforeAll(async () => {
  local = await startTestCloud({
    services: [dynamodb],
    template: {
      Resources: {
        Alerts: tableOf("alerts", "cameraId"),
        Counts: tableOf("counts", "ruleHour"),
        Queue: { Type: "AWS::SQS::Queue", Properties: { QueueName: "alerts" } },
        Deliveries: { Type: "AWS::SQS::Queue", Properties: { QueueName: "deliveries" } },
        Bucket: { Type: "AWS::S3::Bucket", Properties: { BucketName: BUCKET } },
      },
    },
  });
  database = local.client(DynamoDBClient);
});
afterAll(() => local.stop());

const urlOf = (name: string) => local.resources.get(name)!.ref;

describe("the table of alerts", () => {
  const record: AlertRecord = {
    cameraId: "porch",
    version: 1,
    alerts: [],
    cooldowns: [{ ruleId: "people", untilMs: HOUR, label: "PERSON" }],
    decided: [{ id: "event/label", atMs: HOUR }],
    seen: [],
    outbox: [],
  };
  const table = () => alertsTable("alerts", database);

  test("replaces exactly the version before", async () => {
    const { find, put } = table();
    expect(await find("porch")).toBe(undefined);
    expect(await put(record)).toBe(true);
    expect(await put(record)).toBe(false);
    expect(await put({ ...record, version: 3 })).toBe(false);
    expect(await put({ ...record, version: 2, wakeAtMs: HOUR })).toBe(true);
    expect(await find("porch")).toEqual({ ...record, version: 2, wakeAtMs: HOUR });
  });

  test("stores nothing that is not a record of alerts", async () => {
    await expect(table().put({ ...record, version: 3, outbox: "none" as never })).rejects.toThrow(
      /outbox|Array/,
    );
  });
});

describe("the count of a rule's alerts", () => {
  const rule = (ruleId: string) => v.parse(alertRule, { ruleId, maxPerHour: 2 });

  test("has room for as many alerts an hour as the rule may raise, each of which counts once", async () => {
    const { take } = alertCounts("counts", database);
    const taken = async (alertId: string, atMs = HOUR) => await take(rule("people"), alertId, atMs);
    expect(await taken("porch-1")).toBe(true);
    expect(await taken("porch-1", HOUR + 1)).toBe(true);
    expect(await taken("gate-1")).toBe(true);
    expect(await taken("gate-2")).toBe(false);
    expect(await taken("porch-1", HOUR + 2)).toBe(true);
    expect(await taken("gate-2", HOUR + HOUR_MS - 1)).toBe(false);
    expect(await taken("gate-2", HOUR + HOUR_MS)).toBe(true);
    expect(await take(rule("pets"), "gate-2", HOUR)).toBe(true);
  });

  test("never exceeds it when alerts are raised at the same time", async () => {
    const { take } = alertCounts("counts", database);
    const all = await Promise.all(
      Array.from({ length: 20 }, (_, index) => take(rule("crowd"), `camera-${index}`, HOUR)),
    );
    expect(all.filter(Boolean)).toHaveLength(2);
  });

  test("is deleted two hours after its hour began", async () => {
    await alertCounts("counts", database).take(rule("night"), "porch-1", HOUR + 5);
    const { Item } = await database.send(
      new GetItemCommand({ TableName: "counts", Key: { ruleHour: { S: "night/2026-11-30T12" } } }),
    );
    expect(Item!["expiresAt"]).toEqual({ N: String((HOUR + 2 * HOUR_MS) / 1000) });
  });
});

describe("the queues of alerts", () => {
  const receive = async (name: string) => {
    const { Messages = [] } = await local
      .client(SQSClient)
      .send(new ReceiveMessageCommand({ QueueUrl: urlOf(name), MaxNumberOfMessages: 10 }));
    return Messages.map(({ Body = "" }) => JSON.parse(Body) as unknown);
  };

  test("have a wake-up of a camera", async () => {
    await alertQueue(urlOf("Queue"), local.client(SQSClient)).wake("porch", -1);
    expect(await receive("Queue")).toEqual([{ wake: { cameraId: "porch" } }]);
  });

  test("have each message to a target", async () => {
    const deliveries = Array.from(
      { length: 12 },
      (_, index) => ({ targetId: `t-${index}` }) as AlertDelivery,
    );
    const { send } = alertDeliveryQueue(urlOf("Deliveries"), local.client(SQSClient));
    expect(await send(deliveries)).toEqual(deliveries.map(() => true));
    const received = [...(await receive("Deliveries")), ...(await receive("Deliveries"))];
    expect(received).toHaveLength(12);
    expect(received).toEqual(expect.arrayContaining(deliveries));
  });
});

describe("a picture", () => {
  test("is stored if S3 has it", async () => {
    const s3 = local.client(S3Client);
    await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: "evidence/a b.jpg", Body: "jpeg" }));
    const { isStored } = pictures(s3);
    expect(await isStored(`s3://${BUCKET}/evidence/a b.jpg`)).toBe(true);
    expect(await isStored(`s3://${BUCKET}/evidence/b.jpg`)).toBe(false);
    expect(await isStored(`s3://${BUCKET}-2/evidence/a b.jpg`)).toBe(false);
  });
});
