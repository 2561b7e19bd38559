import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { CreateQueueCommand, GetQueueAttributesCommand, ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Webhook } from "standardwebhooks";
import { HOUR_MS, SECOND_MS } from "../../base/durations.ts";
import { targetSecret, withNewSecret } from "../../core/alerts/keys.ts";
import { RETRY_DELAYS_MS } from "../../core/alerts/retries.ts";
import { templateFile } from "../../demo/package-service.ts";
import { readTemplate } from "../../local/index.ts";
import { sendAgain } from "../../operator/dead-letters.ts";
import { detailOf, targetOf } from "../core/alerts/samples.ts";
import { AlertTargets, reasonOf } from "./alert-targets.ts";
import { startStack, type TestStack } from "./stack.ts";

/** Longer than any jitter makes a delay. */
const LONGER = 1.25;

let stack: TestStack;
let targets: AlertTargets;
let secret: string;

beforeAll(async () => {
  const template = structuredClone(readTemplate(templateFile));
  // Turning the clock by a day would wake sessions 1440 times.
  Object.assign(template.Resources["WakeSessionsSchedule"]!.Properties!, {
    ScheduleExpression: "rate(7 days)",
  });
  stack = await startStack([], { template });
  targets = new AlertTargets(stack);
  const read = new GetSecretValueCommand({ SecretId: output("AlertSecretArn") });
  secret = (await new SecretsManagerClient(stack.config).send(read)).SecretString!;
});
afterAll(async () => {
  await stack.stop();
  await targets.stop();
});

const output = (name: string): string => stack.local.outputs[name]!;

describe("a message to a target", () => {
  test("is received, signed with the target's secret, and with links of the stack's own API", async () => {
    const { target, receiver } = await targets.add("signed");
    await targets.handled(() =>
      targets.deliver("signed", { picture: { frameUri: "s3://bucket/evidence/frame.jpg" } }),
    );
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
    const { target, receiver } = await targets.add("rotated");
    const rotated = withNewSecret(target, stack.clock.now());
    await targets.settings.putTarget(rotated);
    await targets.handled(() => targets.deliver("rotated"));
    const [{ headers, body }] = receiver.received as [(typeof receiver.received)[0]];
    for (const one of [target, rotated])
      expect(
        new Webhook(targetSecret(secret, one)).verify(body, headers as Record<string, string>),
      ).toMatchObject({ type: "AlertRaised" });
  });

  test("that was refused is sent again with the same id, once its delay is over", async () => {
    let attempts = 0;
    const { receiver } = await targets.add("failing-once", (response) => {
      response.writeHead(++attempts === 1 ? 500 : 200).end();
    });
    await targets.handled(() => targets.deliver("failing-once"));
    expect(receiver.received).toHaveLength(1);
    await targets.handled(() => stack.clock.turn(RETRY_DELAYS_MS[0] * LONGER));
    expect(receiver.received.map(({ headers }) => headers["webhook-id"])).toEqual([
      detailOf().eventId,
      detailOf().eventId,
    ]);
  });

  test("is sent again no sooner than Retry-After says", async () => {
    const { receiver } = await targets.add("busy", (response) => {
      response.writeHead(429, { "retry-after": "60" }).end();
    });
    await targets.handled(() => targets.deliver("busy"));
    stack.clock.turn(50 * SECOND_MS);
    // A message for another target shows that the queue was read in between.
    await targets.add("idle");
    await targets.handled(() => targets.deliver("idle"));
    expect(receiver.received).toHaveLength(1);
    await targets.handled(() => stack.clock.turn(11 * SECOND_MS));
    expect(receiver.received).toHaveLength(2);
    await targets.settings.removeTarget("busy");
    await targets.handled(() => stack.clock.turn(61 * SECOND_MS));
    expect(await targets.removeUnsent()).toEqual(["the target does not exist"]);
  });

  test("that nobody accepts within a day is unsent with its reason, and a redrive sends it", async () => {
    let isUp = false;
    const { receiver } = await targets.add("down-for-a-day", (response) => {
      response.writeHead(isUp ? 200 : 503).end();
    });
    const sentAtMs = stack.clock.now();
    await targets.handled(() => targets.deliver("down-for-a-day"));
    let attempts = 1;
    while (stack.clock.now() < sentAtMs + 24 * HOUR_MS) {
      const delayMs = RETRY_DELAYS_MS[Math.min(attempts, RETRY_DELAYS_MS.length) - 1]!;
      await targets.handled(() => stack.clock.turn(delayMs * LONGER));
      attempts++;
    }
    expect(receiver.received).toHaveLength(attempts);
    const letters = await targets.unsent();
    expect(letters.map(reasonOf)).toEqual(["not accepted within a day, at last because it responded 503"]);

    isUp = true;
    await targets.handled(async () => {
      expect(await sendAgain(targets.queueUrl, letters, targets.sqs)).toEqual([undefined]);
      await targets.removeUnsent(letters);
    });
    expect(receiver.received).toHaveLength(attempts + 1);
    expect(new Set(receiver.received.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
  });

  test("that its receiver calls gone disables the target", async () => {
    const { receiver } = await targets.add("gone", (response) => void response.writeHead(410).end());
    await targets.handled(() => targets.deliver("gone"));
    expect((await targets.settings.findTarget("gone"))!.disabled).toBe("it responded 410 (gone)");
    await targets.removeUnsent();
    await targets.handled(() => targets.deliver("gone"));
    expect(await targets.removeUnsent()).toEqual(["the target is disabled: it responded 410 (gone)"]);
    expect(receiver.received).toHaveLength(1);
  });

  test("does not reach a private address that the target does not allow", async () => {
    const { receiver } = await targets.add("guarded", undefined, { allowPrivate: false });
    const url = receiver.url.replace("http:", "https:");
    await targets.settings.putTarget(targetOf({ targetId: "guarded", url }));
    await targets.handled(() => targets.deliver("guarded"));
    expect(await targets.removeUnsent()).toEqual([
      "127.0.0.1 is at 127.0.0.1, which is not a public address, and the target may not be at a private one",
    ]);
    expect(receiver.received).toEqual([]);
  });

  test("of a test leaves its outcome for the one who waits for it", async () => {
    await targets.add("tested", (response) => void response.writeHead(401).end());
    await targets.add("tested-well");
    await targets.handled(() => targets.deliver("tested", { eventId: "test-1" }, "AlertTest"));
    await targets.handled(() => targets.deliver("tested-well", { eventId: "test-2" }, "AlertTest"));
    expect(await targets.settings.findTest("test-1")).toMatchObject({
      outcome: "failed",
      reason: "it responded 401",
    });
    expect(await targets.settings.findTest("test-2")).toMatchObject({ outcome: "accepted" });
    await targets.settings.removeTarget("tested");
  });

  test("by SNS reaches the subscriptions of its target", async () => {
    await targets.settings.putTarget(targetOf({ targetId: "mail", format: "sns", url: undefined }));
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
    const { QueueUrl } = await targets.sqs.send(
      new CreateQueueCommand({ QueueName: "mailbox", Attributes: { Policy } }),
    );
    const { Attributes } = await targets.sqs.send(
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
    await targets.settings.putTarget(targetOf({ targetId: "other-mail", format: "sns", url: undefined }));
    await targets.handled(() => targets.deliver("other-mail"));
    await targets.handled(() => targets.deliver("mail"));
    const { Messages = [] } = await targets.sqs.send(
      new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 10 }),
    );
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
