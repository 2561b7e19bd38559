import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { TurnableClock } from "../../../base/clock.ts";
import { Events } from "../../../local/events.ts";
import { startFauxqs, type Fauxqs } from "../../../local/fauxqs.ts";
import { startTestCloud, type TestCloud } from "../cloud.ts";

let folder: string;
let local: TestCloud | undefined;
let fauxqs: Fauxqs | undefined;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "doorstep-restart-"))));
afterEach(async () => {
  await local?.stop();
  await fauxqs?.stop();
  local = fauxqs = undefined;
  rmSync(folder, { recursive: true, force: true });
});

const queue = {
  Resources: {
    Queue: { Type: "AWS::SQS::Queue", Properties: { QueueName: "jobs", VisibilityTimeout: 600 } },
  },
};

test("delays and visibility timeouts go on where the clock was when the process was killed", async () => {
  const clock = new TurnableClock();
  local = await startTestCloud({ clock, template: queue, dataFolder: join(folder, "before") });
  const QueueUrl = local.resources.get("Queue")!.ref;
  await local.client(SQSClient).send(new SendMessageCommand({ QueueUrl, MessageBody: "received" }));
  await local.client(SQSClient).send(new ReceiveMessageCommand({ QueueUrl }));
  clock.turn(30_000);
  await local
    .client(SQSClient)
    .send(new SendMessageCommand({ QueueUrl, MessageBody: "delayed", DelaySeconds: 600 }));
  clock.turn(500_000);
  // What is on the disk now is all that a killed process leaves.
  cpSync(join(folder, "before"), join(folder, "after"), { recursive: true });
  rmSync(join(folder, "after", "lock"), { force: true, recursive: true });
  await local.stop();

  local = await startTestCloud({ clock, template: queue, dataFolder: join(folder, "after") });
  const received = async () => {
    const command = new ReceiveMessageCommand({
      QueueUrl: local!.resources.get("Queue")!.ref,
      MaxNumberOfMessages: 10,
    });
    return ((await local!.client(SQSClient).send(command)).Messages ?? []).map(({ Body }) => Body);
  };
  expect(await received()).toEqual([]);
  clock.turn(71_000);
  expect(await received()).toEqual(["received"]);
  clock.turn(30_000);
  expect(await received()).toEqual(["delayed"]);
});

const start = async () =>
  (fauxqs = await startFauxqs({
    dataFolder: folder,
    region: "us-east-1",
    events: new Events(new TurnableClock()),
  }));

/** The bodies of the messages that a queue has. */
const waiting = (name: string): string[] =>
  Array.from(fauxqs!.queues.getQueueByName(name)!.messages, ({ body }) => body);

const sqs = async (action: string, body: Record<string, unknown>): Promise<string> => {
  const headers = { "x-amz-target": `AmazonSQS.${action}` };
  return (await fauxqs!.calls.sqs({ headers, body })).text;
};

const sns = async (body: Record<string, unknown>): Promise<string> =>
  (await fauxqs!.calls.sns({ headers: {}, body })).text;

/** Lets no message enter the queue any more: the process ends at this moment. */
function endAtInsert(name: string): void {
  const to = fauxqs!.queues.getQueueByName(name)!;
  to.persistence = Object.assign(Object.create(to.persistence!), {
    insertMessage: () => {
      throw new Error("the process ends");
    },
  });
}

test("a message that moves to its dead-letter queue when the process ends is in one of them", async () => {
  await start();
  await sqs("CreateQueue", { QueueName: "dead" });
  const RedrivePolicy = JSON.stringify({
    deadLetterTargetArn: "arn:aws:sqs:us-east-1:000000000000:dead",
    maxReceiveCount: 1,
  });
  await sqs("CreateQueue", { QueueName: "jobs", Attributes: { RedrivePolicy, VisibilityTimeout: "0" } });
  const QueueUrl = "http://localhost/000000000000/jobs";
  await sqs("SendMessage", { QueueUrl, MessageBody: "job" });
  await sqs("ReceiveMessage", { QueueUrl });
  endAtInsert("dead");
  await expect(sqs("ReceiveMessage", { QueueUrl })).rejects.toThrow("the process ends");
  await fauxqs!.stop();

  await start();
  expect([...waiting("jobs"), ...waiting("dead")]).toEqual(["job"]);
});

test("a published message is stored for all subscriptions or, when the process ends before, for none", async () => {
  await start();
  const TopicArn = "arn:aws:sns:us-east-1:000000000000:news";
  await sns({ Action: "CreateTopic", Name: "news" });
  for (const QueueName of ["one", "other"]) {
    await sqs("CreateQueue", { QueueName });
    const Endpoint = `arn:aws:sqs:us-east-1:000000000000:${QueueName}`;
    await sns({ Action: "Subscribe", TopicArn, Protocol: "sqs", Endpoint });
  }
  expect(await sns({ Action: "Publish", TopicArn, Message: "first" })).toContain("<MessageId>");
  endAtInsert("other");
  await expect(sns({ Action: "Publish", TopicArn, Message: "second" })).rejects.toThrow("the process ends");
  await fauxqs!.stop();

  await start();
  const published = (name: string) =>
    waiting(name).map((body) => (JSON.parse(body) as { Message: string }).Message);
  expect([published("one"), published("other")]).toEqual([["first"], ["first"]]);
});
