import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Webhook } from "standardwebhooks";
import { alertSettingsTable } from "../../aws/alert-settings.ts";
import { HOUR_MS, SECOND_MS } from "../../base/durations.ts";
import { targetSecret, withNewSecret } from "../../core/alerts/keys.ts";
import { RETRY_DELAYS_MS } from "../../core/alerts/retries.ts";
import { templateFile } from "../../demo/package-service.ts";
import { readTemplate } from "../../local/index.ts";
import { deadLetters, sendAgain, type DeadLetter } from "../../operator/dead-letters.ts";
import type { AlertDelivery, AlertDetail } from "../../schemas/alert-message.ts";
import { detailOf, targetOf } from "../core/alerts/samples.ts";
import { startReceiver, type Receiver, type Respond } from "../support/receiver.ts";
import { startStack, type TestStack } from "./stack.ts";

/** Longer than any jitter makes a delay. */
const LONGER = 1.25;

let stack: TestStack;
let sqs: SQSClient;
let settings: ReturnType<typeof alertSettingsTable>;
let secret: string;
const receivers: Receiver[] = [];

beforeAll(async () => {
  const template = structuredClone(readTemplate(templateFile));
  // Turning the clock by a day would wake sessions 1440 times.
  Object.assign(template.Resources["WakeSessionsSchedule"]!.Properties!, {
    ScheduleExpression: "rate(7 days)",
  });
  stack = await startStack([], { template });
  sqs = new SQSClient(stack.config);
  settings = alertSettingsTable(output("AlertSettingsTableName"), new DynamoDBClient(stack.config));
  const read = new GetSecretValueCommand({ SecretId: output("AlertSecretArn") });
  secret = (await new SecretsManagerClient(stack.config).send(read)).SecretString!;
});
afterAll(async () => {
  await stack.stop();
  for (const receiver of receivers) await receiver.stop();
});

const output = (name: string): string => stack.local.outputs[name]!;

/** A target at a receiver of its own. */
async function targetAt(targetId: string, respond?: Respond, changes: Parameters<typeof targetOf>[0] = {}) {
  const receiver = await startReceiver(respond);
  receivers.push(receiver);
  const target = targetOf({ targetId, url: `${receiver.url}/hook`, allowPrivate: true, ...changes });
  await settings.putTarget(target);
  return { target, receiver };
}

/** Puts a message into the queue, as raiseAlerts does. */
async function deliver(
  targetId: string,
  detail: Partial<AlertDetail> = {},
  type: AlertDelivery["type"] = "AlertRaised",
): Promise<void> {
  const delivery: AlertDelivery = { targetId, type, atMs: stack.clock.now(), detail: detailOf(detail) };
  await sqs.send(
    new SendMessageCommand({
      QueueUrl: output("AlertDeliveryQueueUrl"),
      MessageBody: JSON.stringify(delivery),
    }),
  );
}

const batches = (): number =>
  stack.local.cloud.events.matching(
    ({ name, detail }) => name === "batch-handled" && detail["queue"] === "doorstep-dev-alert-deliveries",
  ).length;

/** Does what makes the function handle one batch, and waits for its end. */
async function handled(act: () => Promise<void> | void): Promise<void> {
  const before = batches();
  await act();
  await stack.local.cloud.events.waitFor(() => batches() > before);
}

async function unsent(): Promise<DeadLetter[]> {
  const letters = deadLetters(output("UnsentQueueUrl"), sqs);
  for (;;) {
    const received = await letters.receive();
    if (received.length > 0) return received;
  }
}

const reasonOf = ({ attributes }: DeadLetter): string | undefined => attributes["reason"]?.StringValue;

const remove = (letters: readonly DeadLetter[]): Promise<void> =>
  deadLetters(output("UnsentQueueUrl"), sqs).delete(letters);

describe("a message to a target", () => {
  test("is received, signed with the target's secret, and with links of the stack's own API", async () => {
    const { target, receiver } = await targetAt("signed");
    await handled(() => deliver("signed", { picture: { frameUri: "s3://bucket/evidence/frame.jpg" } }));
    const [{ headers, body, path }] = receiver.received as [(typeof receiver.received)[0]];
    const message = new Webhook(targetSecret(secret, target)).verify(body, headers as Record<string, string>);
    expect(message).toMatchObject({
      type: "AlertRaised",
      data: { alertId: detailOf().alertId, revision: 1, title: "Person at front-door" },
    });
    const { links } = (message as { data: { links: Record<string, string> } }).data;
    expect(path).toBe("/hook");
    expect(Object.values(links).every((link) => link.startsWith(`${stack.local.httpApi}/`))).toBe(true);
    expect(Object.keys(links)).toEqual(["frame", "snooze"]);
  });

  test("is signed with the old secret as well for a day after a new one was set", async () => {
    const { target, receiver } = await targetAt("rotated");
    const rotated = withNewSecret(target, stack.clock.now());
    await settings.putTarget(rotated);
    await handled(() => deliver("rotated"));
    const [{ headers, body }] = receiver.received as [(typeof receiver.received)[0]];
    for (const one of [target, rotated])
      expect(
        new Webhook(targetSecret(secret, one)).verify(body, headers as Record<string, string>),
      ).toMatchObject({ type: "AlertRaised" });
  });

  test("that was refused is sent again with the same id, once its delay is over", async () => {
    let attempts = 0;
    const { receiver } = await targetAt("failing-once", (response) => {
      response.writeHead(++attempts === 1 ? 500 : 200).end();
    });
    await handled(() => deliver("failing-once"));
    expect(receiver.received).toHaveLength(1);
    await handled(() => stack.clock.turn(RETRY_DELAYS_MS[0] * LONGER));
    expect(receiver.received.map(({ headers }) => headers["webhook-id"])).toEqual([
      detailOf().eventId,
      detailOf().eventId,
    ]);
  });

  test("is sent again no sooner than Retry-After says", async () => {
    const { receiver } = await targetAt("busy", (response) => {
      response.writeHead(429, { "retry-after": "60" }).end();
    });
    await handled(() => deliver("busy"));
    stack.clock.turn(50 * SECOND_MS);
    // A message for another target shows that the queue was read in between.
    await targetAt("idle");
    await handled(() => deliver("idle"));
    expect(receiver.received).toHaveLength(1);
    await handled(() => stack.clock.turn(11 * SECOND_MS));
    expect(receiver.received).toHaveLength(2);
    await settings.removeTarget("busy");
    await handled(() => stack.clock.turn(61 * SECOND_MS));
    const letters = await unsent();
    expect(letters.map(reasonOf)).toEqual(["the target does not exist"]);
    await remove(letters);
  });

  test("that nobody accepts within a day is unsent with its reason, and a redrive sends it", async () => {
    let isUp = false;
    const { receiver } = await targetAt("down-for-a-day", (response) => {
      response.writeHead(isUp ? 200 : 503).end();
    });
    const sentAtMs = stack.clock.now();
    await handled(() => deliver("down-for-a-day"));
    let attempts = 1;
    while (stack.clock.now() < sentAtMs + 24 * HOUR_MS) {
      const delayMs = RETRY_DELAYS_MS[Math.min(attempts, RETRY_DELAYS_MS.length) - 1]!;
      await handled(() => stack.clock.turn(delayMs * LONGER));
      attempts++;
    }
    expect(receiver.received).toHaveLength(attempts);
    const letters = await unsent();
    expect(letters.map(reasonOf)).toEqual(["not accepted within a day, at last because it responded 503"]);

    isUp = true;
    await handled(async () => {
      expect(await sendAgain(output("AlertDeliveryQueueUrl"), letters, sqs)).toEqual([undefined]);
      await remove(letters);
    });
    expect(receiver.received).toHaveLength(attempts + 1);
    expect(new Set(receiver.received.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
  });

  test("that its receiver calls gone disables the target", async () => {
    const { receiver } = await targetAt("gone", (response) => void response.writeHead(410).end());
    await handled(() => deliver("gone"));
    expect((await settings.findTarget("gone"))!.disabled).toBe("it responded 410 (gone)");
    await remove(await unsent());
    await handled(() => deliver("gone"));
    const letters = await unsent();
    expect(letters.map(reasonOf)).toEqual(["the target is disabled: it responded 410 (gone)"]);
    await remove(letters);
    expect(receiver.received).toHaveLength(1);
  });

  test("does not reach a private address that the target does not allow", async () => {
    const { receiver } = await targetAt("guarded", undefined, { allowPrivate: false });
    const url = receiver.url.replace("http:", "https:");
    await settings.putTarget(targetOf({ targetId: "guarded", url }));
    await handled(() => deliver("guarded"));
    const letters = await unsent();
    expect(letters.map(reasonOf)).toEqual([
      "127.0.0.1 is at 127.0.0.1, which is not a public address, and the target may not be at a private one",
    ]);
    await remove(letters);
    expect(receiver.received).toEqual([]);
  });

  test("of a test leaves its outcome for the one who waits for it", async () => {
    await targetAt("tested", (response) => void response.writeHead(401).end());
    await targetAt("tested-well");
    await handled(() => deliver("tested", { eventId: "test-1" }, "AlertTest"));
    await handled(() => deliver("tested-well", { eventId: "test-2" }, "AlertTest"));
    expect(await settings.findTest("test-1")).toMatchObject({
      outcome: "failed",
      reason: "it responded 401",
    });
    expect(await settings.findTest("test-2")).toMatchObject({ outcome: "accepted" });
    await settings.removeTarget("tested");
  });

  test("by SNS reaches the subscriptions of its target", async () => {
    await settings.putTarget(targetOf({ targetId: "mail", format: "sns", url: undefined }));
    const Policy = JSON.stringify({
      Statement: [
        {
          Effect: "Allow",
          Principal: { Service: "sns.amazonaws.com" },
          Action: "sqs:SendMessage",
          Resource: "*",
        },
      ],
    });
    const { QueueUrl } = await sqs.send(
      new CreateQueueCommand({ QueueName: "mailbox", Attributes: { Policy } }),
    );
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }),
    );
    await new SNSClient(stack.config).send(
      new SubscribeCommand({
        TopicArn: output("AlertTopicArn"),
        Protocol: "sqs",
        Endpoint: Attributes!["QueueArn"],
        Attributes: { FilterPolicy: JSON.stringify({ target: ["mail"] }), RawMessageDelivery: "true" },
      }),
    );
    await settings.putTarget(targetOf({ targetId: "other-mail", format: "sns", url: undefined }));
    await handled(() => deliver("other-mail"));
    await handled(() => deliver("mail"));
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 10 }));
    expect(Messages.map(({ Body }) => Body!.split("\n")[0])).toEqual(["Person at front-door"]);
  });

  test("is logged without its URL's path, its secret or the response, and counted", () => {
    const lines = stack.local.cloud.events
      .matching(({ name, detail }) => name === "log" && String(detail["function"]).includes("sendAlerts"))
      .map(({ detail }) => String(detail["line"]));
    const all = lines.join("\n");
    expect(all).not.toMatch(/\/hook|whsec_|\/media\/|\/snooze\//);
    expect(all).not.toContain(secret);
    expect(all).toMatch(/"message":"alert not accepted".*"targetId":"busy"/);
    expect(all).toMatch(/"AlertsSent":1/);
    expect(all).toMatch(/"AlertsRefused":1/);
  });
});
