import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { TurnableClock } from "../../../base/clock.ts";
import { Events } from "../../../local/events.ts";
import { startFauxqs, type Fauxqs } from "../../../local/fauxqs.ts";
import type { WaitingMessages } from "../../../local/messaging/waiting-messages.ts";

const QueueUrl = "http://localhost/000000000000/jobs";
const BATCH = 10;

let folder: string;
let fauxqs: Fauxqs;
const start = async () =>
  (fauxqs = await startFauxqs({
    dataFolder: folder,
    region: "us-east-1",
    events: new Events(new TurnableClock()),
  }));
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "doorstep-waiting-"));
  await start();
  await sqs("CreateQueue", { QueueName: "jobs" });
});
afterEach(async () => {
  await fauxqs.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface Received {
  readonly Messages?: readonly { readonly Body: string; readonly ReceiptHandle: string }[];
}

async function sqs<T>(action: string, body: Record<string, unknown>): Promise<T> {
  const headers = { "x-amz-target": `AmazonSQS.${action}` };
  return JSON.parse((await fauxqs.calls.sqs({ headers, body })).text || "{}") as T;
}

const numbers = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, index) => String(from + index));

async function send(from: number, to: number): Promise<void> {
  for (let first = from; first < to; first += BATCH) {
    const bodies = numbers(first, Math.min(first + BATCH, to));
    const Entries = bodies.map((body) => ({ Id: body, MessageBody: body }));
    await sqs("SendMessageBatch", { QueueUrl, Entries });
  }
}

/** Receives messages and deletes them. */
async function take(count: number): Promise<string[]> {
  const taken: string[] = [];
  while (taken.length < count) {
    const most = Math.min(BATCH, count - taken.length);
    const { Messages = [] } = await sqs<Received>("ReceiveMessage", { QueueUrl, MaxNumberOfMessages: most });
    if (Messages.length === 0) break;
    taken.push(...Messages.map(({ Body }) => Body));
    const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    await sqs("DeleteMessageBatch", { QueueUrl, Entries });
  }
  return taken;
}

const waiting = () => fauxqs.queues.getQueueByName("jobs")!.messages as unknown as WaitingMessages;

test("of the messages that wait, however many, a thousand are in memory; all are received once, in their order", async () => {
  await send(0, 3500);
  expect([waiting().length, waiting().inMemory]).toEqual([3500, 1000]);
  expect(Array.from(waiting(), ({ body }) => body)).toEqual(numbers(0, 3500));

  expect(await take(1500)).toEqual(numbers(0, 1500));
  await send(3500, 5000);
  expect(waiting().length).toBe(3500);
  expect(waiting().inMemory).toBeLessThanOrEqual(1000);
  expect(await take(5000)).toEqual(numbers(1500, 5000));
  expect(waiting().length).toBe(0);

  await send(5000, 6500);
  expect(await take(2000)).toEqual(numbers(5000, 6500));
});

test("a restart loads none of the messages that nobody has received, and loses none", async () => {
  await send(0, 2500);
  await sqs("ReceiveMessage", { QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 600 });
  await fauxqs.stop();

  await start();
  expect([waiting().length, waiting().inMemory]).toEqual([2490, 0]);
  expect(fauxqs.queues.getQueueByName("jobs")!.inflightMessages.size).toBe(10);
  expect(await take(3000)).toEqual(numbers(10, 2500));
});

test("what is received, and becomes visible again, is received again, also while others are only stored", async () => {
  await send(0, 2000);
  const { Messages = [] } = await sqs<Received>("ReceiveMessage", { QueueUrl, MaxNumberOfMessages: 2 });
  for (const { ReceiptHandle } of Messages)
    await sqs("ChangeMessageVisibility", { QueueUrl, ReceiptHandle, VisibilityTimeout: 0 });
  expect(waiting().length).toBe(2000);
  expect((await take(3000)).toSorted((one, other) => Number(one) - Number(other))).toEqual(numbers(0, 2000));
});

test("a queue that is purged is empty, and takes messages as before", async () => {
  await send(0, 2500);
  await sqs("PurgeQueue", { QueueUrl });
  expect(waiting().length).toBe(0);
  expect(await take(10)).toEqual([]);
  await send(2500, 4000);
  expect(await take(2000)).toEqual(numbers(2500, 4000));
});
