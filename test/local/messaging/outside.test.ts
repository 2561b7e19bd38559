import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import {
  ConfirmSubscriptionCommand,
  CreateTopicCommand,
  GetSubscriptionAttributesCommand,
  ListSubscriptionsByTopicCommand,
  PublishBatchCommand,
  PublishCommand,
  SetSubscriptionAttributesCommand,
  SNSClient,
  SubscribeCommand,
  UnsubscribeCommand,
} from "@aws-sdk/client-sns";
import { ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { HOUR_MS } from "../../../base/durations.ts";
import { startTestCloud, type TestCloud } from "../cloud.ts";
import { allowSendMessage } from "../template-parts.ts";

interface Post {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** An HTTP endpoint of this machine that responds with the next of the given statuses, then with 200. */
async function startReceiver() {
  const posts: Post[] = [];
  const statuses: number[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      posts.push({ path: request.url!, headers: request.headers, body });
      response.writeHead(statuses.shift() ?? 200).end();
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    posts,
    statuses,
    /** What was posted to a path. */
    at: (path: string) => posts.filter((post) => post.path === path),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

let receiver: Awaited<ReturnType<typeof startReceiver>>;
let local: TestCloud;
let sns: SNSClient;
const dataFolder = mkdtempSync(join(tmpdir(), "doorstep-outside-"));
const templateTopic = { TopicName: "template", DisplayName: "Doorstep" };

/** @param endpoints of the template's subscriptions, by protocol */
const template = (endpoints: Readonly<Record<string, string>>) => ({
  Resources: {
    Topic: { Type: "AWS::SNS::Topic", Properties: templateTopic },
    Dead: { Type: "AWS::SQS::Queue", Properties: { QueueName: "dead" } },
    DeadPolicy: allowSendMessage("Dead", "sns.amazonaws.com"),
    ...Object.fromEntries(
      Object.entries(endpoints).map(([Protocol, Endpoint]) => [
        `To${Protocol}`,
        {
          Type: "AWS::SNS::Subscription",
          Properties: {
            TopicArn: { Ref: "Topic" },
            Protocol,
            Endpoint,
            RedrivePolicy: { deadLetterTargetArn: { "Fn::GetAtt": ["Dead", "Arn"] } },
          },
        },
      ]),
    ),
  },
});

const start = async (endpoints: Readonly<Record<string, string>>): Promise<void> => {
  local = await startTestCloud({ template: template(endpoints), dataFolder });
  sns = local.client(SNSClient);
};

beforeAll(async () => {
  receiver = await startReceiver();
  await start({ http: `${receiver.url}/template`, sms: "+15555550100" });
});
afterAll(async () => {
  await local.stop();
  receiver.close();
  rmSync(dataFolder, { recursive: true });
});

const emitted = (name: string, to: string) =>
  local.cloud.events.matching((event) => event.name === name && event.detail["to"] === to);
const whenEmitted = (name: string, to: string, times = 1) =>
  local.cloud.events.waitFor(() => emitted(name, to).length >= times);
/** Turns the clock until the event was emitted: no event says when a wait starts. */
async function turnUntil(name: string, to: string): Promise<void> {
  const turning = setInterval(() => local.clock.turn(5000), 10);
  await whenEmitted(name, to).finally(() => clearInterval(turning));
}

/** Creates a topic of a test's own. */
const topic = async (Name: string): Promise<string> =>
  (await sns.send(new CreateTopicCommand({ Name }))).TopicArn!;
const subscribe = async (TopicArn: string, Protocol: string, Endpoint: string, more: object = {}) =>
  (await sns.send(new SubscribeCommand({ TopicArn, Protocol, Endpoint, ...more }))).SubscriptionArn!;
const publish = async (TopicArn: string, Message: string, more: object = {}) =>
  (await sns.send(new PublishCommand({ TopicArn, Message, ...more }))).MessageId!;

/** Subscribes, and confirms as the owner of an HTTP endpoint does. */
async function confirmed(topicArn: string, path: string, more: object = {}): Promise<string> {
  const endpoint = receiver.url + path;
  await subscribe(topicArn, "http", endpoint, more);
  await whenEmitted("confirmation-sent", endpoint);
  const { Token } = JSON.parse(receiver.at(path)[0]!.body) as { Token: string };
  const command = new ConfirmSubscriptionCommand({ TopicArn: topicArn, Token });
  return (await sns.send(command)).SubscriptionArn!;
}

/** The files of a folder that name a recipient, oldest first. */
const files = (folder: string, recipient: string): string[] =>
  readdirSync(join(dataFolder, folder))
    .toSorted()
    .map((name) => readFileSync(join(dataFolder, folder, name), "utf8"))
    .filter((content) => content.includes(`To: ${recipient}`));

describe("an HTTP endpoint", () => {
  test("is sent a confirmation request first, with the documented headers and members", async () => {
    const topicArn = await topic("confirmation");
    const endpoint = `${receiver.url}/confirmation`;
    expect(await subscribe(topicArn, "http", endpoint)).toBe("pending confirmation");
    await whenEmitted("confirmation-sent", endpoint);
    const [{ headers, body }] = receiver.at("/confirmation") as [Post];
    const document = JSON.parse(body) as Record<string, string>;
    // https://docs.aws.amazon.com/sns/latest/dg/http-subscription-confirmation-json.html
    expect(document).toEqual({
      Type: "SubscriptionConfirmation",
      MessageId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      Token: expect.stringMatching(/^[0-9a-f]{64,}$/),
      TopicArn: topicArn,
      Message:
        `You have chosen to subscribe to the topic ${topicArn}.\n` +
        "To confirm the subscription, visit the SubscribeURL included in this message.",
      SubscribeURL: `${local.endpoint}/sns/?${new URLSearchParams({
        Action: "ConfirmSubscription",
        TopicArn: topicArn,
        Token: document["Token"]!,
      }).toString()}`,
      Timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    });
    expect(headers).toMatchObject({
      "x-amz-sns-message-type": "SubscriptionConfirmation",
      "x-amz-sns-message-id": document["MessageId"],
      "x-amz-sns-topic-arn": topicArn,
      "content-type": "text/plain; charset=UTF-8",
      "user-agent": "Amazon Simple Notification Service Agent",
    });
    expect(headers).not.toHaveProperty("x-amz-sns-subscription-arn");
  });

  test("receives nothing until it is confirmed, by its link without a signature", async () => {
    const topicArn = await topic("pending");
    const endpoint = `${receiver.url}/pending`;
    const arn = await subscribe(topicArn, "http", endpoint, { ReturnSubscriptionArn: true });
    const list = async () =>
      (await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn: topicArn }))).Subscriptions;
    const attributes = async () =>
      (await sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn: arn }))).Attributes;
    await whenEmitted("confirmation-sent", endpoint);
    const listed = { TopicArn: topicArn, Protocol: "http", Endpoint: endpoint, Owner: "000000000000" };
    expect(await list()).toEqual([{ ...listed, SubscriptionArn: "PendingConfirmation" }]);
    expect(await attributes()).toMatchObject({ PendingConfirmation: "true" });
    await publish(topicArn, "too early");
    const { SubscribeURL } = JSON.parse(receiver.at("/pending")[0]!.body) as { SubscribeURL: string };
    const visited = await fetch(SubscribeURL);
    expect([visited.status, await visited.text()]).toEqual([
      200,
      expect.stringContaining(`<SubscriptionArn>${arn}</SubscriptionArn>`),
    ]);
    expect(await list()).toEqual([{ ...listed, SubscriptionArn: arn }]);
    expect(await attributes()).toMatchObject({
      PendingConfirmation: "false",
      ConfirmationWasAuthenticated: "false",
    });
    await publish(topicArn, "in time");
    await whenEmitted("delivered", endpoint);
    expect(
      receiver
        .at("/pending")
        .slice(1)
        .map(({ body }) => JSON.parse(body).Message),
    ).toEqual(["in time"]);
  });

  test("receives notifications with the documented headers and members", async () => {
    const topicArn = await topic("notification");
    const arn = await confirmed(topicArn, "/notification");
    const MessageId = await publish(topicArn, "Hello wörld!", {
      Subject: "My First Message",
      MessageAttributes: { target: { DataType: "String", StringValue: "phone" } },
    });
    await whenEmitted("delivered", `${receiver.url}/notification`);
    const { headers, body } = receiver.at("/notification")[1]!;
    // https://docs.aws.amazon.com/sns/latest/dg/http-notification-json.html, without the signature.
    expect(JSON.parse(body)).toEqual({
      Type: "Notification",
      MessageId,
      TopicArn: topicArn,
      Subject: "My First Message",
      Message: "Hello wörld!",
      Timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      UnsubscribeURL: `${local.endpoint}/sns/?${new URLSearchParams({
        Action: "Unsubscribe",
        SubscriptionArn: arn,
      }).toString()}`,
      MessageAttributes: { target: { Type: "String", Value: "phone" } },
    });
    // https://docs.aws.amazon.com/sns/latest/dg/http-header.html
    expect(headers).toMatchObject({
      "x-amz-sns-message-type": "Notification",
      "x-amz-sns-message-id": MessageId,
      "x-amz-sns-topic-arn": topicArn,
      "x-amz-sns-subscription-arn": arn,
      "content-type": "text/plain; charset=UTF-8",
    });
    expect(headers).not.toHaveProperty("x-amz-sns-rawdelivery");
  });

  test("receives the text alone with raw delivery, and its own text of several", async () => {
    const topicArn = await topic("raw");
    const arn = await confirmed(topicArn, "/raw", { Attributes: { RawMessageDelivery: "true" } });
    const endpoint = `${receiver.url}/raw`;
    await publish(topicArn, JSON.stringify({ default: "for all", http: '{"own": 1}', sms: "short" }), {
      MessageStructure: "json",
    });
    await whenEmitted("delivered", endpoint);
    await publish(topicArn, JSON.stringify({ default: "for all" }), { MessageStructure: "json" });
    await whenEmitted("delivered", endpoint, 2);
    const [, own, other] = receiver.at("/raw");
    expect([own!.body, other!.body]).toEqual(['{"own": 1}', "for all"]);
    expect(own!.headers).toMatchObject({
      "x-amz-sns-rawdelivery": "true",
      "x-amz-sns-message-type": "Notification",
      "x-amz-sns-subscription-arn": arn,
    });
  });

  test("receives what its filter policy matches, each message of a batch for itself", async () => {
    const topicArn = await topic("filtered");
    const arn = await confirmed(topicArn, "/filtered", {
      Attributes: { FilterPolicy: JSON.stringify({ target: ["phone"] }) },
    });
    const endpoint = `${receiver.url}/filtered`;
    const entry = (Id: string, target?: string) => ({
      Id,
      Message: `message ${Id}`,
      ...(target && { MessageAttributes: { target: { DataType: "String", StringValue: target } } }),
    });
    const { Successful } = await sns.send(
      new PublishBatchCommand({
        TopicArn: topicArn,
        PublishBatchRequestEntries: [entry("a", "mail"), entry("b", "phone"), entry("c")],
      }),
    );
    await whenEmitted("delivered", endpoint);
    const received = () =>
      receiver
        .at("/filtered")
        .slice(1)
        .map(({ body }) => JSON.parse(body));
    expect(received()).toMatchObject([
      { Message: "message b", MessageId: Successful!.find(({ Id }) => Id === "b")!.MessageId },
    ]);
    const set = (AttributeName: string, AttributeValue: string) =>
      sns.send(new SetSubscriptionAttributesCommand({ SubscriptionArn: arn, AttributeName, AttributeValue }));
    await set("FilterPolicyScope", "MessageBody");
    await set("FilterPolicy", JSON.stringify({ detail: { severity: ["high"] } }));
    await publish(topicArn, '{"detail":{"severity":"low"}}');
    await publish(topicArn, '{"detail":{"severity":"high"}}');
    await whenEmitted("delivered", endpoint, 2);
    expect(received()[1]).toMatchObject({ Message: '{"detail":{"severity":"high"}}' });
  });

  test("that fails is tried four times, 20 s apart, with the same message id", async () => {
    const topicArn = await topic("retried");
    await confirmed(topicArn, "/retried");
    const endpoint = `${receiver.url}/retried`;
    receiver.statuses.push(503, 500, 429);
    const startMs = local.clock.now();
    const messageId = await publish(topicArn, "at last");
    await turnUntil("delivered", endpoint);
    const attempts = receiver.at("/retried").slice(1);
    expect(attempts.map(({ headers }) => headers["x-amz-sns-message-id"])).toEqual(
      Array.from({ length: 4 }, () => messageId),
    );
    expect(local.clock.now() - startMs).toBeGreaterThanOrEqual(60_000);
    expect(new Set(attempts.map(({ body }) => body)).size).toBe(1);
    expect(emitted("delivery-failed", endpoint)).toEqual([]);
  });

  test.each([
    ["fails four times", [500, 500, 500, 500], 4],
    ["refuses a message, which is not retried", [403], 1],
    ["redirects, which is not followed", [302], 1],
  ])("that %s loses it to the dead-letter queue", async (name, statuses, attempts) => {
    const path = `/${statuses.join("-")}`;
    const topicArn = await topic(`given-up-${statuses.join("-")}`);
    const deadLetterTargetArn = local.resources.get("Dead")!.attributes!["Arn"];
    await confirmed(topicArn, path, {
      Attributes: { RedrivePolicy: JSON.stringify({ deadLetterTargetArn }) },
    });
    receiver.statuses.push(...statuses);
    await publish(topicArn, name);
    await turnUntil("delivery-failed", receiver.url + path);
    const { Messages } = await local
      .client(SQSClient)
      .send(new ReceiveMessageCommand({ QueueUrl: local.resources.get("Dead")!.ref, WaitTimeSeconds: 5 }));
    expect(Messages!.map(({ Body }) => JSON.parse(Body!))).toMatchObject([
      { Type: "Notification", Message: name, TopicArn: topicArn },
    ]);
    expect(receiver.at(path).slice(1)).toHaveLength(attempts);
  });

  test("ends its subscription by the link in a message, unless only a signed call may", async () => {
    const topicArn = await topic("unsubscribed");
    const arns = [await confirmed(topicArn, "/open")];
    await subscribe(topicArn, "http", `${receiver.url}/protected`);
    await whenEmitted("confirmation-sent", `${receiver.url}/protected`);
    const { Token } = JSON.parse(receiver.at("/protected")[0]!.body) as { Token: string };
    const confirm = { TopicArn: topicArn, Token, AuthenticateOnUnsubscribe: "true" };
    arns.push((await sns.send(new ConfirmSubscriptionCommand(confirm))).SubscriptionArn!);
    const visit = async (arn: string) =>
      (await fetch(`${local.endpoint}/sns/?Action=Unsubscribe&SubscriptionArn=${arn}`)).status;
    expect([await visit(arns[0]!), await visit(arns[0]!), await visit(arns[1]!)]).toEqual([200, 404, 403]);
    await sns.send(new UnsubscribeCommand({ SubscriptionArn: arns[1] }));
    const { Subscriptions } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn: topicArn }));
    expect(Subscriptions).toEqual([]);
  });
});

describe("a confirmation", () => {
  test("needs the latest token of the topic", async () => {
    const topicArn = await topic("tokens");
    const endpoint = `${receiver.url}/tokens`;
    await subscribe(topicArn, "http", endpoint);
    await whenEmitted("confirmation-sent", endpoint);
    await subscribe(topicArn, "http", endpoint);
    await whenEmitted("confirmation-sent", endpoint, 2);
    const [first, second] = receiver
      .at("/tokens")
      .map(({ body }) => (JSON.parse(body) as { Token: string }).Token);
    const confirm = (TopicArn: string, Token: string) =>
      sns.send(new ConfirmSubscriptionCommand({ TopicArn, Token }));
    const refused = { name: "InvalidParameterException", message: "Invalid parameter: Token" };
    await expect(confirm(topicArn, first!)).rejects.toMatchObject(refused);
    await expect(confirm(topicArn, "")).rejects.toMatchObject(refused);
    await expect(confirm(await topic("other"), second!)).rejects.toMatchObject(refused);
    await confirm(topicArn, second!);
  });
});

describe("an e-mail", () => {
  test("asks for a confirmation by a link that shows a page, and then is a file for each notification", async () => {
    const topicArn = await topic("mails");
    await subscribe(topicArn, "email", "ann@example.com");
    await whenEmitted("confirmation-sent", "ann@example.com");
    const [confirmation = ""] = files("mail", "ann@example.com");
    const [link = ""] = /http:\S+/.exec(confirmation) ?? [];
    const page = await fetch(link, { headers: { accept: "text/html,*/*" } });
    expect([page.status, await page.text()]).toEqual([
      200,
      expect.stringContaining("The subscription is confirmed."),
    ]);
    await publish(topicArn, "Someone is at the door.\nFront door, 10:15", { Subject: "Person at Tür" });
    await whenEmitted("delivered", "ann@example.com");
    const [delivered] = emitted("delivered", "ann@example.com");
    const mail = readFileSync(String(delivered!.detail["file"]), "utf8");
    expect(files("mail", "ann@example.com")[1]).toBe(mail);
    expect(mail.split("\r\n")).toEqual([
      'From: "AWS Notifications" <no-reply@sns.amazonaws.com>',
      "To: ann@example.com",
      `Subject: =?UTF-8?B?${Buffer.from("Person at Tür").toString("base64")}?=`,
      expect.stringMatching(/^Date: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000$/),
      expect.stringMatching(/^Message-ID: <[0-9a-f-]{36}@sns\.amazonaws\.com>$/),
      "MIME-Version: 1.0",
      "Content-Type: text/plain; charset=UTF-8",
      "Content-Transfer-Encoding: 8bit",
      "",
      "Someone is at the door.",
      "Front door, 10:15",
      "",
      "--",
      "To stop receiving these notifications, open this link:",
      expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/sns\/\?Action=Unsubscribe&SubscriptionArn=/),
      "",
      "",
    ]);
  });

  test("in JSON has the document of an HTTP endpoint", async () => {
    const topicArn = await topic("json-mails");
    await subscribe(topicArn, "email-json", "bob@example.com");
    await whenEmitted("confirmation-sent", "bob@example.com");
    const documentOf = (mail: string): Record<string, string> =>
      JSON.parse(mail.slice(mail.indexOf("\r\n\r\n"))) as Record<string, string>;
    const { Token } = documentOf(files("mail", "bob@example.com")[0]!);
    await sns.send(new ConfirmSubscriptionCommand({ TopicArn: topicArn, Token }));
    await publish(topicArn, "hello");
    await whenEmitted("delivered", "bob@example.com");
    expect(documentOf(files("mail", "bob@example.com")[1]!)).toMatchObject({
      Type: "Notification",
      Message: "hello",
    });
  });
});

test("an SMS needs no confirmation, and is a file that begins with the topic's display name", async () => {
  const topicArn = local.resources.get("Topic")!.ref;
  await publish(topicArn, JSON.stringify({ default: "long", sms: "Person at the door" }), {
    MessageStructure: "json",
  });
  await whenEmitted("delivered", "+15555550100");
  expect(files("sms", "+15555550100")).toEqual(["To: +15555550100\n\nDoorstep> Person at the door\n"]);
});

describe("a subscription of the template", () => {
  test("is requested to confirm once the cloud is open, is kept over a restart, and goes with the template", async () => {
    const path = "/template";
    const endpoint = receiver.url + path;
    const topicArn = local.resources.get("Topic")!.ref;
    const arn = local.resources.get("Tohttp")!.ref;
    await whenEmitted("confirmation-sent", endpoint);
    const { SubscribeURL } = JSON.parse(receiver.at(path)[0]!.body) as { SubscribeURL: string };
    expect((await fetch(SubscribeURL)).status).toBe(200);
    await local.stop();

    await start({ http: endpoint });
    expect(local.resources.get("Tohttp")!.ref).toBe(arn);
    await publish(topicArn, "after a restart");
    await whenEmitted("delivered", endpoint);
    expect(receiver.at(path).slice(1)).toHaveLength(1);
    const list = async () =>
      (await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn: topicArn }))).Subscriptions;
    expect((await list())!.map(({ Protocol }) => Protocol)).toEqual(["http"]);
    await local.stop();

    await start({});
    expect(await list()).toEqual([]);
  });

  test("to another machine is refused before anything is sent", async () => {
    await expect(
      startTestCloud({ template: template({ https: "https://example.com/hook" }) }),
    ).rejects.toThrow(
      "Tohttps (AWS::SNS::Subscription): Invalid parameter: Endpoint: the local cloud calls this machine alone (localhost, 127.0.0.1 or [::1]), not example.com",
    );
  });
});

describe("SNS refuses", () => {
  test.each([
    ["http", "http://10.0.0.1/", {}, "calls this machine alone"],
    ["http", "http://127.0.0.1.example.com/", {}, "calls this machine alone"],
    ["http", "https://127.0.0.1/", {}, "has the form http://host/path"],
    ["http", "http://user:secret@127.0.0.1/", {}, "without a user name"],
    ["email", "nobody", {}, "has the form name@domain"],
    ["email", "a@example.com\r\nBcc: b@example.com", {}, "has the form name@domain"],
    ["sms", "555 0100", {}, "has the form + and up to 15 digits"],
    [
      "email",
      "a@example.com",
      { RawMessageDelivery: "true" },
      "the protocol email has no RawMessageDelivery",
    ],
    ["http", "http://localhost/", { DeliveryPolicy: "{}" }, "DeliveryPolicy is not emulated"],
    ["http", "http://localhost/", { FilterPolicy: "no JSON" }, "FilterPolicy"],
    ["application", "arn:aws:sns:us-east-1:000000000000:endpoint/x", {}, "application is not emulated"],
  ])("%s to %s with %o", async (protocol, endpoint, Attributes, message) => {
    const topicArn = await topic("refusals");
    await expect(subscribe(topicArn, protocol, endpoint, { Attributes })).rejects.toMatchObject({
      name: "InvalidParameterException",
      message: expect.stringContaining(message),
    });
  });

  test.each([
    ["no JSON", { MessageStructure: "json" }, "JSON message body failed to parse"],
    ['{"sms":"x"}', { MessageStructure: "json" }, "No default entry in JSON message body"],
    ["x", { Subject: "two\nlines" }, "Subject"],
    ["x", { Subject: "x".repeat(101) }, "Subject"],
  ])("to publish %s with %o", async (message, more, reason) => {
    await expect(publish(await topic("refusals"), message, more)).rejects.toMatchObject({
      name: "InvalidParameterException",
      message: expect.stringContaining(reason),
    });
  });
});

test("a queue receives its own text of several", async () => {
  const topicArn = await topic("queued");
  const QueueUrl = local.resources.get("Dead")!.ref;
  const attributes = { RawMessageDelivery: "true" };
  await subscribe(topicArn, "sqs", local.resources.get("Dead")!.attributes!["Arn"]!, {
    Attributes: attributes,
  });
  await publish(topicArn, JSON.stringify({ default: "for all", sqs: "for queues" }), {
    MessageStructure: "json",
  });
  const { Messages } = await local
    .client(SQSClient)
    .send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 }));
  expect(Messages!.map(({ Body }) => Body)).toEqual(["for queues"]);
});

test("a confirmation is possible for two days, after which the subscription is gone", async () => {
  const topicArn = await topic("late");
  const endpoint = `${receiver.url}/late`;
  await subscribe(topicArn, "http", endpoint);
  await whenEmitted("confirmation-sent", endpoint);
  local.clock.turn(48 * HOUR_MS);
  const { SubscribeURL } = JSON.parse(receiver.at("/late")[0]!.body) as { SubscribeURL: string };
  expect((await fetch(SubscribeURL)).status).toBe(400);
  const { Subscriptions } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn: topicArn }));
  expect(Subscriptions).toEqual([]);
});
