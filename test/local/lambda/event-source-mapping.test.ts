import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { SQSEvent } from "aws-lambda";
import { HOUR_MS } from "../../../base/durations.ts";
import { lambda } from "../../../local/lambda/index.ts";
import { startTestCloud, type TestCloud } from "../cloud.ts";
import {
  functionResources,
  packageFunction,
  printed,
  startGate,
  untilPrinted,
  type Gate,
} from "./packaged.ts";

let gate: Gate;
const artifactFolder = mkdtempSync(join(tmpdir(), "doorstep-mapping-"));
const arnOf = (queue: string) => `arn:aws:sqs:us-east-1:000000000000:${queue}`;
const READ = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"];

/** A queue, its dead-letter queue, a function that reads it and the mapping between. */
const reader = (id: string, mapping: object = {}, queue: object = {}, actions = READ) => ({
  [`${id}Dead`]: { Type: "AWS::SQS::Queue", Properties: { QueueName: `${id}-dead` } },
  [`${id}Queue`]: {
    Type: "AWS::SQS::Queue",
    Properties: {
      QueueName: id,
      RedrivePolicy: { deadLetterTargetArn: { "Fn::GetAtt": [`${id}Dead`, "Arn"] }, maxReceiveCount: 2 },
      ...queue,
    },
  },
  ...functionResources(id, id, [{ Effect: "Allow", Action: actions, Resource: arnOf(id) }], {
    Environment: { Variables: { GATE: gate.url } },
  }),
  [`${id}Mapping`]: {
    Type: "AWS::Lambda::EventSourceMapping",
    Properties: {
      EventSourceArn: { "Fn::GetAtt": [`${id}Queue`, "Arn"] },
      FunctionName: { Ref: id },
      ...mapping,
    },
  },
});

const REPORTING = { FunctionResponseTypes: ["ReportBatchItemFailures"] };

let local: TestCloud;
let sqs: SQSClient;

beforeAll(async () => {
  gate = await startGate();
  const handler = (word: string, body: string) =>
    `export const handler = async (event) => { console.log("${word} " + JSON.stringify(event)); ${body} };`;
  packageFunction(artifactFolder, "plain", handler("PLAIN", ""));
  packageFunction(
    artifactFolder,
    "throwing",
    handler("THROWING", `if (event.Records.some(({ body }) => body === "bad")) throw new Error("bad");`),
  );
  packageFunction(
    artifactFolder,
    "reporting",
    handler(
      "REPORTING",
      `const failed = event.Records.filter(({ body }) => body === "bad");
       return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };`,
    ),
  );
  packageFunction(
    artifactFolder,
    "deferring",
    handler(
      "DEFERRING",
      `await fetch(process.env.GATE);
       return { batchItemFailures: event.Records.map(({ messageId }) => ({ itemIdentifier: messageId })) };`,
    ),
  );
  packageFunction(artifactFolder, "gathering", handler("GATHERING", ""));
  packageFunction(artifactFolder, "busy", handler("BUSY", `await fetch(process.env.GATE);`));
  packageFunction(artifactFolder, "idle", handler("IDLE", ""));
  local = await startTestCloud({
    services: [lambda],
    artifactFolder,
    template: {
      Resources: {
        ...reader("plain"),
        ...reader("throwing"),
        ...reader("reporting", REPORTING),
        ...reader(
          "deferring",
          REPORTING,
          {
            VisibilityTimeout: 60,
            RedrivePolicy: {
              deadLetterTargetArn: { "Fn::GetAtt": ["deferringDead", "Arn"] },
              maxReceiveCount: 50,
            },
          },
          [...READ, "sqs:ChangeMessageVisibility"],
        ),
        ...reader(
          "gathering",
          { BatchSize: 20, MaximumBatchingWindowInSeconds: 60 },
          { VisibilityTimeout: 120 },
        ),
        ...reader("busy", { BatchSize: 1, ScalingConfig: { MaximumConcurrency: 2 } }),
        ...reader("idle", { Enabled: false }),
      },
    },
  });
  sqs = local.client(SQSClient);
});
afterAll(async () => {
  await local.stop();
  gate.close();
  rmSync(artifactFolder, { recursive: true });
});

const urlOf = (queue: string) => `${local.endpoint}/000000000000/${queue}`;
const send = (queue: string, MessageBody: string, more: object = {}) =>
  sqs.send(new SendMessageCommand({ QueueUrl: urlOf(queue), MessageBody, ...more }));
const handled = (queue: string, times: number) => {
  const matches = () =>
    local.cloud.events.matching(({ name, detail }) => name === "batch-handled" && detail["queue"] === queue);
  return local.cloud.events.waitFor(() => matches().length >= times);
};
const bodies = (event: unknown) => (event as SQSEvent).Records.map(({ body }) => body);

async function inQueue(queue: string): Promise<Record<string, string>> {
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: urlOf(queue), AttributeNames: ["All"] }),
  );
  const { ApproximateNumberOfMessages, ApproximateNumberOfMessagesNotVisible } = Attributes!;
  return { visible: ApproximateNumberOfMessages!, hidden: ApproximateNumberOfMessagesNotVisible! };
}

describe("an event source mapping of a queue", () => {
  test("passes a message to the function in an SQS event and deletes it", async () => {
    const { MessageId, MD5OfMessageBody } = await send("plain", "hello", {
      MessageAttributes: { colour: { DataType: "String", StringValue: "red" } },
    });
    const [event] = await untilPrinted(local, "PLAIN", 1);
    expect(event).toEqual({
      Records: [
        {
          messageId: MessageId,
          receiptHandle: expect.any(String),
          body: "hello",
          attributes: {
            ApproximateReceiveCount: "1",
            SentTimestamp: expect.stringMatching(/^\d{13}$/),
            SenderId: "000000000000",
            ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/),
          },
          messageAttributes: {
            colour: { stringValue: "red", stringListValues: [], binaryListValues: [], dataType: "String" },
          },
          md5OfBody: MD5OfMessageBody,
          eventSource: "aws:sqs",
          eventSourceARN: "arn:aws:sqs:us-east-1:000000000000:plain",
          awsRegion: "us-east-1",
        },
      ],
    });
    await handled("plain", 1);
    expect(await inQueue("plain")).toEqual({ visible: "0", hidden: "0" });
  });

  test("passes a delayed message once the clock has passed its delay", async () => {
    await send("plain", "later", { DelaySeconds: 600 });
    local.clock.turn(599_000);
    await send("plain", "meanwhile");
    await handled("plain", 2);
    expect(printed(local, "PLAIN").map(bodies)).toEqual([["hello"], ["meanwhile"]]);
    local.clock.turn(1000);
    const events = await untilPrinted(local, "PLAIN", 3);
    expect(bodies(events[2])).toEqual(["later"]);
  });

  test("leaves a whole batch to the visibility timeout when the function throws, and finally to the dead-letter queue", async () => {
    await sqs.send(
      new SendMessageBatchCommand({
        QueueUrl: urlOf("throwing"),
        Entries: [{ Id: "1", MessageBody: "bad" }],
      }),
    );
    await handled("throwing", 1);
    expect(await inQueue("throwing")).toEqual({ visible: "0", hidden: "1" });
    local.clock.turn(30_000);
    await handled("throwing", 2);
    local.clock.turn(30_000);
    const { Messages } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: urlOf("throwing-dead"), WaitTimeSeconds: 10 }),
    );
    expect(Messages?.map(({ Body }) => Body)).toEqual(["bad"]);
    expect(printed(local, "THROWING")).toHaveLength(2);
  });

  test("leaves only the reported messages when the function reports its failures", async () => {
    await sqs.send(
      new SendMessageBatchCommand({
        QueueUrl: urlOf("reporting"),
        Entries: ["good", "bad", "fine"].map((MessageBody) => ({ Id: MessageBody, MessageBody })),
      }),
    );
    await local.cloud.events.waitFor(
      ({ name, detail }) =>
        name === "batch-handled" && detail["queue"] === "reporting" && detail["failed"] === 1,
    );
    expect(await inQueue("reporting")).toMatchObject({ hidden: "1" });
    local.clock.turn(30_000);
    await local.cloud.events.waitFor(() => printed(local, "REPORTING").flatMap(bodies).length >= 4);
    expect(printed(local, "REPORTING").flatMap(bodies).toSorted()).toEqual(["bad", "bad", "fine", "good"]);
  });

  describe("whose function changes the visibility of a message", () => {
    const change = (ReceiptHandle: string, VisibilityTimeout: number) =>
      new ChangeMessageVisibilityCommand({ QueueUrl: urlOf("deferring"), ReceiptHandle, VisibilityTimeout });
    const asFunction = (id: string): SQSClient => {
      const roleArn = local.resources.get(`${id}Role`)!.attributes!["Arn"]!;
      return local.cloud.client(SQSClient, local.cloud.access.assumeRole(roleArn, "lambda.amazonaws.com"));
    };
    const receiptOf = (event: unknown) => (event as SQSEvent).Records[0]!.receiptHandle;
    /** Passes the time in which a message must stay invisible, and then the last of it. */
    const turnPast = async (waitMs: number, receives: number) => {
      local.clock.turn(waitMs - 1000);
      expect(await inQueue("deferring")).toEqual({ visible: "0", hidden: "1" });
      expect(printed(local, "DEFERRING")).toHaveLength(receives);
      local.clock.turn(2000);
      return (await untilPrinted(local, "DEFERRING", receives + 1)).at(-1);
    };

    test("leaves it as the function set it, longer or shorter than the queue's, on the turned clock", async () => {
      const role = asFunction("deferring");
      await send("deferring", "busy");
      const [first] = await untilPrinted(local, "DEFERRING", 1);
      await role.send(change(receiptOf(first), 8 * 3600));
      await gate.open();
      await handled("deferring", 1);
      const second = await turnPast(8 * HOUR_MS, 1);
      await role.send(
        new ChangeMessageVisibilityBatchCommand({
          QueueUrl: urlOf("deferring"),
          Entries: [{ Id: "1", ReceiptHandle: receiptOf(second), VisibilityTimeout: 5 }],
        }),
      );
      await gate.open();
      await handled("deferring", 2);
      const third = await turnPast(5000, 2);
      expect((third as SQSEvent).Records[0]!.attributes.ApproximateReceiveCount).toBe("3");
      await gate.open();
      await handled("deferring", 3);
    });

    test("refuses more than twelve hours from the receive", async () => {
      const role = asFunction("deferring");
      local.clock.turn(60_000);
      const receipt = receiptOf((await untilPrinted(local, "DEFERRING", 4)).at(-1));
      // The function must not wait for the gate while the clock passes its timeout.
      await gate.open();
      await handled("deferring", 4);
      local.clock.turn(30_000);
      await expect(role.send(change(receipt, 12 * 3600))).rejects.toMatchObject({
        name: "InvalidParameterValue",
        message:
          "Value 43200 for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for the message is beyond the limit [43200 seconds].",
      });
      const batch = (entries: readonly [string, string, number][]) =>
        role.send(
          new ChangeMessageVisibilityBatchCommand({
            QueueUrl: urlOf("deferring"),
            Entries: entries.map(([Id, ReceiptHandle, VisibilityTimeout]) => ({
              Id,
              ReceiptHandle,
              VisibilityTimeout,
            })),
          }),
        );
      const beyond = { Id: "long", SenderFault: true, Code: "InvalidParameterValue" };
      expect(await batch([["long", receipt, 43_200]])).toMatchObject({ Failed: [beyond] });
      const result = await batch([
        ["long", receipt, 43_190],
        ["fits", receipt, 12 * 3600 - 60],
        ["unknown", "nothing", 10],
      ]);
      expect(result.Successful).toEqual([{ Id: "fits" }]);
      expect(result.Failed).toMatchObject([{ Id: "unknown", Code: "ReceiptHandleIsInvalid" }, beyond]);
    });

    test("refuses it to a role without the permission", async () => {
      const role = asFunction("plain");
      await expect(role.send(change("any", 5))).rejects.toMatchObject({
        name: "AccessDeniedException",
        message: expect.stringContaining("is not authorized to perform: sqs:ChangeMessageVisibility"),
      });
    });
  });

  test("gathers a batch until its window ends", async () => {
    await send("gathering", "first");
    await send("gathering", "second");
    while ((await inQueue("gathering"))["hidden"] !== "2");
    expect(printed(local, "GATHERING")).toEqual([]);
    local.clock.turn(60_000);
    const [event] = await untilPrinted(local, "GATHERING", 1);
    expect(bodies(event)).toEqual(["first", "second"]);
  });

  test("runs at most as many batches at a time as its concurrency", async () => {
    for (const body of ["one", "two", "three"]) await send("busy", body);
    await untilPrinted(local, "BUSY", 2);
    expect(await inQueue("busy")).toEqual({ visible: "1", hidden: "2" });
    await gate.open();
    await untilPrinted(local, "BUSY", 3);
    for (const _rest of ["two", "three"]) await gate.open();
    await handled("busy", 3);
  });

  test("that is disabled reads nothing", async () => {
    await send("idle", "unread");
    await send("plain", "read");
    await untilPrinted(local, "PLAIN", 4);
    expect(await inQueue("idle")).toEqual({ visible: "1", hidden: "0" });
  });
});

describe("AWS refuses", () => {
  const start = (resources: object) =>
    startTestCloud({
      services: [lambda],
      artifactFolder,
      template: { Resources: { ...resources } as never },
    });

  test("a mapping whose function's role may not delete messages", async () => {
    const resources = reader("plain", {}, {}, ["sqs:ReceiveMessage", "sqs:GetQueueAttributes"]);
    await expect(start(resources)).rejects.toThrow(
      /^plainMapping \(AWS::Lambda::EventSourceMapping\): User: .* is not authorized to perform: sqs:DeleteMessage on resource: arn:aws:sqs:us-east-1:000000000000:plain /,
    );
  });

  test("a queue whose visibility timeout is shorter than the function's timeout", async () => {
    await expect(start(reader("plain", {}, { VisibilityTimeout: 2 }))).rejects.toThrow(
      "plainMapping (AWS::Lambda::EventSourceMapping): Queue visibility timeout: 2 seconds is less than Function timeout: 3 seconds",
    );
  });

  test("more than ten messages without a window", async () => {
    await expect(start(reader("plain", { BatchSize: 11 }))).rejects.toThrow(
      "BatchSize is 11; more than 10 need MaximumBatchingWindowInSeconds",
    );
  });
});
