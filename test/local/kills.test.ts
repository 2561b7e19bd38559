import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { DeleteItemCommand, DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import {
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { HOUR_MS } from "../../base/durations.ts";
import { ignoreError } from "../../base/errors.ts";
import { randomSequence } from "../../base/random.ts";
import { dynamodb } from "../../local/dynamodb/index.ts";
import { startTestCloud, type TestCloud } from "./cloud.ts";
import { killedStack } from "./killed-stack.ts";

const KILLS = 3;
const KEYS = 3;
/** About as many acknowledged calls lie between a start and a kill. */
const CALLS = 120;

let dataFolder: string;
beforeEach(() => void (dataFolder = mkdtempSync(join(tmpdir(), "doorstep-kills-"))));
afterEach(() => rmSync(dataFolder, { recursive: true, force: true, maxRetries: 5 }));

const clientsOf = (endpoint: string) => {
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  const config = { region: "us-east-1", endpoint, credentials, maxAttempts: 1 };
  return {
    s3: new S3Client(config),
    dynamodb: new DynamoDBClient(config),
    sqs: new SQSClient(config),
    sns: new SNSClient(config),
  };
};
type Clients = ReturnType<typeof clientsOf>;

/** What a key may hold: what was acknowledged last, or what was asked for when the process died. Nothing is `""`. */
class Key {
  readonly name: string;
  #possible = [""];
  constructor(name: string) {
    this.name = name;
  }
  async write(value: string, call: () => Promise<unknown>): Promise<void> {
    this.#possible.push(value);
    await call();
    this.#possible = [value];
  }
  check(value: string): void {
    expect({ name: this.name, value: this.#possible.includes(value) ? value : this.#possible }).toEqual({
      name: this.name,
      value,
    });
    this.#possible = [value];
  }
}

const BUCKETS = ["plain", "versioned"];
const keys = (prefix: string) => Array.from({ length: KEYS }, (_, index) => new Key(`${prefix}-${index}`));
const queueUrl = (name: string) => `http://localhost/000000000000/${name}`;

test("what S3, DynamoDB, SQS and SNS acknowledged is there after kills at any instant, whole and once", async () => {
  const random = randomSequence(20);
  const objects = BUCKETS.flatMap((bucket) => keys("object").map((key) => ({ bucket, key })));
  const items = keys("item");
  const sent = { acknowledged: new Set<string>(), removed: new Set<string>(), unsure: new Set<string>() };
  const published = new Set<string>();
  /** Also before the response to their sender was read. */
  const received = new Set<string>();
  /** Messages that were deleted before. */
  const receivedAgain: string[] = [];
  let acknowledged = 0;

  async function useUntilItEnds(clients: Clients, onAcknowledged: () => void): Promise<void> {
    let isEnded = false;
    const go = async (step: () => Promise<void>): Promise<void> => {
      while (!isEnded)
        try {
          await step();
          acknowledged++;
          onAcknowledged();
        } catch {
          isEnded = true;
        }
    };
    let value = 0;
    const next = () => `${acknowledged}-${value++}`.padEnd(1 + Math.floor(random() * 20_000), ".");
    await Promise.all([
      ...objects.map(({ bucket: Bucket, key }) =>
        go(async () => {
          const object = { Bucket, Key: key.name };
          const Body = random() < 0.3 ? "" : next();
          const command = Body ? new PutObjectCommand({ ...object, Body }) : new DeleteObjectCommand(object);
          await key.write(Body, () => clients.s3.send(command as PutObjectCommand));
        }),
      ),
      ...items.map((item) =>
        go(async () => {
          const [TableName, id] = ["things", { S: item.name }];
          const S = random() < 0.3 ? "" : next();
          const command = S
            ? new PutItemCommand({ TableName, Item: { id, value: { S } } })
            : new DeleteItemCommand({ TableName, Key: { id } });
          await item.write(S, () => clients.dynamodb.send(command as PutItemCommand));
        }),
      ),
      go(async () => {
        const body = `sent ${next()}`;
        sent.unsure.add(body);
        await clients.sqs.send(new SendMessageCommand({ QueueUrl: queueUrl("jobs"), MessageBody: body }));
        if (received.has(body)) return;
        sent.unsure.delete(body);
        sent.acknowledged.add(body);
      }),
      go(async () => {
        const QueueUrl = queueUrl("jobs");
        const { Messages = [] } = await clients.sqs.send(new ReceiveMessageCommand({ QueueUrl }));
        for (const { Body = "", ReceiptHandle } of Messages) {
          received.add(Body);
          if (sent.removed.has(Body)) receivedAgain.push(Body);
          sent.acknowledged.delete(Body);
          sent.unsure.add(Body);
          await clients.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
          sent.unsure.delete(Body);
          sent.removed.add(Body);
        }
      }),
      go(async () => {
        const Message = `published ${next()}`;
        await clients.sns.send(
          new PublishCommand({ TopicArn: "arn:aws:sns:us-east-1:000000000000:news", Message }),
        );
        published.add(Message);
      }),
    ]);
  }

  const program = fileURLToPath(new URL("killed-cloud.ts", import.meta.url));
  for (let kill = 0; kill < KILLS; kill++) {
    const child = spawn(process.execPath, [program, dataFolder], { stdio: ["ignore", "pipe", "inherit"] });
    const ended = once(child, "exit");
    const [endpoint] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
    const clients = clientsOf(endpoint);
    const killAt = acknowledged + Math.floor((0.5 + random()) * CALLS);
    await useUntilItEnds(clients, () => void (acknowledged >= killAt && child.kill("SIGKILL")));
    expect(await ended).toEqual([null, "SIGKILL"]);
    for (const client of Object.values(clients)) client.destroy();

    const local = await startTestCloud({ services: [dynamodb], template: killedStack, dataFolder });
    try {
      for (const { bucket, key } of objects) key.check(await objectOf(local, bucket, key.name));
      for (const item of items) item.check(await itemOf(local, item.name));
      if (kill < KILLS - 1) continue;
      expect([sent.removed.size, published.size].every((count) => count > 0)).toBe(true);
      expect(receivedAgain).toEqual([]);
      local.clock.turn(HOUR_MS);
      const jobs = await drain(local, "jobs");
      expect(jobs).toHaveLength(new Set(jobs).size);
      expect([...sent.acknowledged].filter((body) => !jobs.includes(body))).toEqual([]);
      expect(jobs.filter((body) => !sent.acknowledged.has(body) && !sent.unsure.has(body))).toEqual([]);
      const [one, other] = [await drain(local, "one"), await drain(local, "other")];
      expect(one).toHaveLength(new Set(one).size);
      expect([...published].filter((body) => !one.includes(body))).toEqual([]);
      // A publish reaches all subscriptions or none.
      expect(one.toSorted()).toEqual(other.toSorted());
    } finally {
      await local.stop();
    }
  }
  expect(acknowledged).toBeGreaterThan(KILLS * CALLS * 0.5);
});

async function objectOf(local: TestCloud, Bucket: string, Key: string): Promise<string> {
  const object = await local
    .client(S3Client)
    .send(new GetObjectCommand({ Bucket, Key }))
    .catch((error: unknown) => ignoreError(error, "NoSuchKey", undefined));
  return (await object?.Body?.transformToString()) ?? "";
}

async function itemOf(local: TestCloud, id: string): Promise<string> {
  const command = new GetItemCommand({ TableName: "things", Key: { id: { S: id } }, ConsistentRead: true });
  return (await local.client(DynamoDBClient).send(command)).Item?.["value"]?.S ?? "";
}

/** The bodies of a queue's messages. */
async function drain(local: TestCloud, name: string): Promise<string[]> {
  const bodies: string[] = [];
  for (;;) {
    const command = new ReceiveMessageCommand({
      QueueUrl: queueUrl(name),
      MaxNumberOfMessages: 10,
      VisibilityTimeout: 600,
    });
    const { Messages = [] } = await local.client(SQSClient).send(command);
    if (Messages.length === 0) return bodies;
    bodies.push(...Messages.map(({ Body = "" }) => Body));
  }
}
