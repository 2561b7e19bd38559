import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterEach, describe, expect, test } from "@jest/globals";
import * as v from "valibot";
import type { Action } from "../../../local/api/action.ts";
import type { Call } from "../../../local/api/api.ts";
import { readBody } from "../../../local/api/body.ts";
import { jsonApi } from "../../../local/api/json.ts";
import type { Cloud } from "../../../local/cloud.ts";
import type { Service } from "../../../local/service.ts";
import { AwsError } from "../../../local/errors.ts";
import { firehoseRecord, lambdaEvent } from "../../../local/messaging/envelope.ts";
import { startTestCloud, type TestCloud } from "../cloud.ts";
import { allowSendMessage } from "../template-parts.ts";

const TOPIC = "arn:aws:sns:us-east-1:000000000000:news";
const FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:close";
const STREAM = "arn:aws:firehose:us-east-1:000000000000:deliverystream/lake";

/** Fakes of AWS Lambda and Firehose that keep what they received, and throw the error that `refuse` returns. */
function standIns() {
  const taken = { events: [] as any[], batches: [] as string[][] };
  let refuse: (body: string) => AwsError | "record" | undefined = () => undefined;
  const invocations: Service = {
    name: "stand-in-lambda",
    start: (cloud: Cloud) => ({
      apis: [
        {
          signingName: "lambda",
          protocol: "rest-json",
          actions: ["Invoke"],
          handle: async (call: Call) => {
            cloud.access.authorise(call.caller, "lambda:InvokeFunction", FUNCTION);
            const body = String(await readBody(call.body, 1_000_000));
            const refusal = refuse(body);
            if (refusal instanceof AwsError) throw refusal;
            taken.events.push(JSON.parse(body));
            cloud.events.emit("test", "invoked");
            call.response.writeHead(202).end();
          },
        },
      ],
    }),
  };
  const input = v.object({
    DeliveryStreamName: v.string(),
    Records: v.array(v.object({ Data: v.string() })),
  });
  const putRecordBatch: Action<undefined, v.InferOutput<typeof input>, unknown> = {
    input,
    resources: () => STREAM,
    run: ({ Records }, { cloud }) => {
      const bodies = Records.map(({ Data }) => Buffer.from(Data, "base64").toString("utf8"));
      const refusals = bodies.map((body) => refuse(body));
      for (const refusal of refusals) if (refusal instanceof AwsError) throw refusal;
      taken.batches.push(bodies.filter((_body, index) => refusals[index] !== "record"));
      cloud.events.emit("test", "put");
      return {
        FailedPutCount: refusals.filter((one) => one === "record").length,
        RequestResponses: refusals.map((one) =>
          one === "record"
            ? { ErrorCode: "ServiceUnavailableException", ErrorMessage: "slow" }
            : { RecordId: "1" },
        ),
      };
    },
  };
  const firehose: Service = {
    name: "stand-in-firehose",
    start: (cloud) => ({
      apis: [
        jsonApi(
          {
            signingName: "firehose",
            targetPrefix: "Firehose_20150804",
            version: "1.1",
            invalidInputCode: "InvalidArgumentException",
            actions: { PutRecordBatch: putRecordBatch },
          },
          cloud,
          undefined,
        ),
      ],
    }),
  };
  return {
    taken,
    services: [invocations, firehose],
    refuse: (how: typeof refuse) => void (refuse = how),
    /** Lets the function be invoked by the topic, as AWS::Lambda::Permission would. */
    permit: (cloud: Cloud) =>
      cloud.access.addResourcePolicy(FUNCTION, {
        Statement: {
          Effect: "Allow",
          Principal: { Service: "sns.amazonaws.com" },
          Action: "lambda:InvokeFunction",
          Resource: FUNCTION,
          Condition: { ArnLike: { "aws:SourceArn": TOPIC } },
        },
      }),
  };
}

interface Settings {
  readonly lambda?: Record<string, unknown>;
  readonly firehose?: Record<string, unknown>;
  readonly roleActions?: readonly string[];
  readonly queuePolicy?: boolean;
}

const templateOf = ({
  lambda,
  firehose,
  roleActions = ["firehose:PutRecordBatch"],
  queuePolicy = true,
}: Settings) => {
  const redrive = { RedrivePolicy: { deadLetterTargetArn: { "Fn::GetAtt": ["Dead", "Arn"] } } };
  return {
    Resources: {
      Topic: { Type: "AWS::SNS::Topic", Properties: { TopicName: "news" } },
      Dead: { Type: "AWS::SQS::Queue", Properties: { QueueName: "dead" } },
      ...(queuePolicy && {
        DeadPolicy: allowSendMessage("Dead", "sns.amazonaws.com"),
      }),
      Role: {
        Type: "AWS::IAM::Role",
        Properties: {
          AssumeRolePolicyDocument: {
            Statement: {
              Effect: "Allow",
              Principal: { Service: "sns.amazonaws.com" },
              Action: "sts:AssumeRole",
            },
          },
          Policies: [
            {
              PolicyName: "put",
              PolicyDocument: { Statement: { Effect: "Allow", Action: roleActions, Resource: "*" } },
            },
          ],
        },
      },
      ...(lambda && {
        ToFunction: {
          Type: "AWS::SNS::Subscription",
          Properties: {
            TopicArn: { Ref: "Topic" },
            Protocol: "lambda",
            Endpoint: FUNCTION,
            ...redrive,
            ...lambda,
          },
        },
      }),
      ...(firehose && {
        ToStream: {
          Type: "AWS::SNS::Subscription",
          Properties: {
            TopicArn: { Ref: "Topic" },
            Protocol: "firehose",
            Endpoint: STREAM,
            SubscriptionRoleArn: { "Fn::GetAtt": ["Role", "Arn"] },
            ...redrive,
            ...firehose,
          },
        },
      }),
    },
  };
};

let stands = standIns();
let local: TestCloud;
const folders: string[] = [];
afterEach(async () => {
  await local.stop();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

async function start(settings: Settings, dataFolder?: string): Promise<void> {
  stands = standIns();
  local = await startTestCloud({
    services: stands.services,
    template: templateOf(settings),
    ...(dataFolder && { dataFolder }),
  });
  stands.permit(local.cloud);
}

const keptFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "doorstep-messaging-"));
  folders.push(folder);
  return folder;
};

const publish = async (Message: string, more: object = {}): Promise<void> => {
  await local.client(SNSClient).send(new PublishCommand({ TopicArn: TOPIC, Message, ...more }));
};

const emitted = (name: string) => local.cloud.events.matching((event) => event.name === name);
const whenEmitted = (name: string, times = 1) =>
  local.cloud.events.waitFor(() => emitted(name).length >= times);

/** Turns the clock until the event was emitted: no event says when a wait starts. */
async function turnUntilTold(name: string, times = 1): Promise<void> {
  const turning = setInterval(() => local.clock.turn(1000), 10);
  await whenEmitted(name, times).finally(() => clearInterval(turning));
}

const dead = async (): Promise<any[]> => {
  const { Messages = [] } = await local.client(SQSClient).send(
    new ReceiveMessageCommand({
      QueueUrl: local.resources.get("Dead")!.ref,
      MaxNumberOfMessages: 10,
      WaitTimeSeconds: 5,
    }),
  );
  return Messages.map(({ Body }) => JSON.parse(Body!));
};

const seen = () => stands.taken.events.map(({ Records }) => String(Records[0].Sns.Message)).toSorted();
const records = () => stands.taken.batches.flat().toSorted();

describe("a function", () => {
  test("is invoked with each message as a Lambda event", async () => {
    await start({ lambda: {} });
    const MessageAttributes = { kind: { DataType: "String", StringValue: "x" } };
    await publish("hello", { Subject: "greeting", MessageAttributes });
    await whenEmitted("delivered");
    const subscriptionArn = local.resources.get("ToFunction")!.ref;
    expect(stands.taken.events).toEqual([
      {
        Records: [
          {
            EventVersion: "1.0",
            EventSource: "aws:sns",
            EventSubscriptionArn: subscriptionArn,
            Sns: {
              Type: "Notification",
              MessageId: expect.any(String),
              TopicArn: TOPIC,
              Subject: "greeting",
              Message: "hello",
              Timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
              SignatureVersion: "1",
              Signature: expect.any(String),
              SigningCertUrl: expect.any(String),
              UnsubscribeUrl: expect.stringContaining(subscriptionArn),
              MessageAttributes: { kind: { Type: "String", Value: "x" } },
            },
          },
        ],
      },
    ]);
  });

  test("receives the messages that match the filter policy, each once", async () => {
    await start({ lambda: { FilterPolicyScope: "MessageBody", FilterPolicy: { type: ["end"] } } });
    for (const body of ['{"type":"begin"}', '{"type":"end","n":1}', "no JSON", '{"type":"end","n":2}'])
      await publish(body);
    await whenEmitted("delivered", 2);
    expect(seen()).toEqual(['{"type":"end","n":1}', '{"type":"end","n":2}']);
  });

  test("that fails temporarily is retried", async () => {
    await start({ lambda: {} });
    let failures = 0;
    // The SDK makes three attempts for each of the first two deliveries.
    stands.refuse(() => (++failures <= 6 ? new AwsError("ServiceException", "down", 500) : undefined));
    await publish("hello");
    await turnUntilTold("delivered");
    expect(seen()).toEqual(["hello"]);
    expect(emitted("delivery-failed")).toEqual([]);
  });

  test("that the topic may not invoke is not retried: the message goes to the dead-letter queue", async () => {
    stands = standIns();
    local = await startTestCloud({ services: stands.services, template: templateOf({ lambda: {} }) });
    await publish("lost?");
    await whenEmitted("delivery-failed");
    expect(emitted("delivery-failed")[0]!.detail).toMatchObject({
      topicArn: TOPIC,
      to: FUNCTION,
      error: expect.stringContaining(
        "because no resource-based policy allows the lambda:InvokeFunction action",
      ),
    });
    expect(await dead()).toMatchObject([{ Type: "Notification", Message: "lost?", TopicArn: TOPIC }]);
  });
});

describe("a delivery stream", () => {
  test("receives raw messages byte for byte", async () => {
    await start({ firehose: { RawMessageDelivery: true } });
    await publish('{"a": "ä"}');
    await whenEmitted("delivered");
    expect(records()).toEqual(['{"a": "ä"}']);
  });

  test("receives wrapped messages as lines without signatures", async () => {
    await start({ firehose: {} });
    await publish("hello");
    await whenEmitted("delivered");
    const [record = ""] = records();
    expect(record).toMatch(/^\{.*\}\n$/);
    expect(JSON.parse(record)).toEqual({
      Type: "Notification",
      MessageId: expect.any(String),
      TopicArn: TOPIC,
      Message: "hello",
      Timestamp: expect.any(String),
      UnsubscribeURL: expect.any(String),
    });
  });

  test("receives queued messages in batches", async () => {
    const folder = keptFolder();
    await start({ firehose: { RawMessageDelivery: true } }, folder);
    stands.refuse(() => new AwsError("ServiceUnavailableException", "busy", 503));
    const bodies = Array.from({ length: 12 }, (_, index) => `m${String(index).padStart(2, "0")}`);
    for (const body of bodies) await publish(body);
    await local.stop();

    await start({ firehose: { RawMessageDelivery: true } }, folder);
    await whenEmitted("delivered", 12);
    expect(records()).toEqual(bodies);
    expect(stands.taken.batches.length).toBeLessThan(6);
  });

  test("that accepts only some of a batch receives the others again, and only those", async () => {
    await start({ firehose: { RawMessageDelivery: true } });
    const refused = new Set<string>();
    stands.refuse((body) => {
      if (body !== "b" || refused.has(body)) return undefined;
      refused.add(body);
      return "record";
    });
    for (const body of ["a", "b", "c"]) await publish(body);
    await turnUntilTold("delivered", 3);
    expect(records()).toEqual(["a", "b", "c"]);
  });

  test("that keeps failing loses nothing: after the retries the message is in the dead-letter queue", async () => {
    await start({ firehose: { RawMessageDelivery: true } });
    stands.refuse(() => "record");
    await publish('{"n":1}');
    await turnUntilTold("delivery-failed");
    expect(emitted("put")).toHaveLength(3);
    expect(await dead()).toEqual([{ n: 1 }]);
  });

  test("whose role only allows PutRecord receives nothing: the message is in the dead-letter queue", async () => {
    await start({ firehose: { RawMessageDelivery: true }, roleActions: ["firehose:PutRecord"] });
    await publish('{"n":1}');
    await whenEmitted("delivery-failed");
    expect(stands.taken.batches).toEqual([]);
    expect(await dead()).toEqual([{ n: 1 }]);
  });
});

test("a message that the dead-letter queue refuses is reported and kept for the next start", async () => {
  const folder = keptFolder();
  const settings = { firehose: { RawMessageDelivery: true } };
  await start({ ...settings, roleActions: ["firehose:PutRecord"], queuePolicy: false }, folder);
  await publish('{"n":1}');
  await whenEmitted("dead-letter-refused");
  expect(emitted("dead-letter-refused")[0]!.detail).toMatchObject({
    deadLetterQueueArn: "arn:aws:sqs:us-east-1:000000000000:dead",
    error: expect.stringContaining("not authorized to perform: sqs:SendMessage"),
  });
  await local.stop();

  await start(settings, folder);
  await whenEmitted("delivered");
  expect(records()).toEqual(['{"n":1}']);
});

test("a changed filter policy replaces the old one, and a removed subscription delivers nothing", async () => {
  const folder = keptFolder();
  const filtered = (type: string) => ({
    FilterPolicyScope: "MessageBody",
    FilterPolicy: { type: [type] },
  });
  await start({ lambda: filtered("old"), firehose: { RawMessageDelivery: true } }, folder);
  await local.stop();

  await start({ lambda: filtered("new") }, folder);
  await publish('{"type":"old"}');
  await publish('{"type":"new"}');
  await whenEmitted("delivered");
  expect(seen()).toEqual(['{"type":"new"}']);
  await local.stop();

  await start({ firehose: { RawMessageDelivery: true } }, folder);
  await publish('{"type":"last"}');
  await whenEmitted("delivered");
  expect(records()).toEqual(['{"type":"last"}']);
});

test("messages that waited are delivered in order, in one batch, once", async () => {
  const folder = keptFolder();
  const settings = { firehose: { RawMessageDelivery: true } };
  await start(settings, folder);
  stands.refuse(() => "record");
  await publish("first");
  await whenEmitted("put");
  const others = Array.from({ length: 25 }, (_, index) => `message ${index}`);
  for (const one of others) await publish(one);
  stands.refuse(() => undefined);
  await turnUntilTold("delivered", 26);
  expect(stands.taken.batches).toEqual([[], ["first"], others]);
  await local.stop();

  await start(settings, folder);
  await publish("last");
  await whenEmitted("delivered");
  expect(records()).toEqual(["last"]);
});

test("a flush waits until a delivery stream has what was published before, or has refused it", async () => {
  await start({ firehose: { RawMessageDelivery: true } });
  const passedOn = async () => {
    await Promise.all([...local.cloud.sourcesOfRecords].map((source) => source()));
  };
  await passedOn();
  const texts = Array.from({ length: 25 }, (_, index) => `message ${index}`);
  await Promise.all(texts.map((text) => publish(text)));
  await passedOn();
  expect(records()).toEqual(texts.toSorted());
  stands.refuse(() => "record");
  await publish("refused");
  await passedOn();
  expect(emitted("delivered")).toHaveLength(25);
  stands.refuse(() => undefined);
  await turnUntilTold("delivered", 26);
  await passedOn();
});

test("stop does not wait for a retry, and the message stays for the next start", async () => {
  const folder = keptFolder();
  await start({ firehose: { RawMessageDelivery: true } }, folder);
  stands.refuse(() => "record");
  await publish("patient");
  await whenEmitted("put");
  const startedAt = performance.now();
  await local.stop();
  expect(performance.now() - startedAt).toBeLessThan(1000);

  await start({ firehose: { RawMessageDelivery: true } }, folder);
  await whenEmitted("delivered");
  expect(records()).toEqual(["patient"]);
});

test("what a delivery had taken when the process was killed is delivered at the next start", async () => {
  const folder = keptFolder();
  const settings = { firehose: { RawMessageDelivery: true } };
  await start(settings, join(folder, "killed"));
  stands.refuse(() => "record");
  await publish("taken");
  await whenEmitted("put");
  // What is on the disk now is all that a killed process leaves.
  cpSync(join(folder, "killed"), join(folder, "next"), { recursive: true });
  await local.stop();

  await start(settings, join(folder, "next"));
  await whenEmitted("delivered");
  expect(records()).toEqual(["taken"]);
}, 20_000);

describe("a subscription is refused in one line", () => {
  test.each<[string, Settings, string]>([
    [
      "that is raw and to a function",
      { lambda: { RawMessageDelivery: true } },
      "ToFunction (AWS::SNS::Subscription): RawMessageDelivery is not possible with the protocol lambda",
    ],
    [
      "to a stream without a role",
      { firehose: { SubscriptionRoleArn: { Ref: "AWS::NoValue" } } },
      "ToStream (AWS::SNS::Subscription): a firehose subscription needs SubscriptionRoleArn",
    ],
    [
      "of a protocol that is not emulated",
      { lambda: { Protocol: "application" } },
      "ToFunction (AWS::SNS::Subscription): the subscription protocol application is not emulated; use sqs, lambda, firehose, http, https, email, email-json or sms",
    ],
  ])("%s", async (_name, settings, message) => {
    await expect(startTestCloud({ template: templateOf(settings) })).rejects.toThrow(message);
  });
});

test("Lambda spells two URLs of the envelope differently, and always has a subject", () => {
  const envelope = { Type: "Notification", Message: "m", SigningCertURL: "cert", UnsubscribeURL: "un" };
  expect(lambdaEvent(JSON.stringify(envelope), "sub")).toEqual({
    Records: [
      {
        EventSource: "aws:sns",
        EventVersion: "1.0",
        EventSubscriptionArn: "sub",
        Sns: {
          Type: "Notification",
          Message: "m",
          Subject: null,
          SigningCertUrl: "cert",
          UnsubscribeUrl: "un",
          MessageAttributes: {},
        },
      },
    ],
  });
});

test("Firehose's envelope has no signature", () => {
  const envelope = { Message: "m", SignatureVersion: "1", Signature: "s", SigningCertURL: "c" };
  expect(firehoseRecord(JSON.stringify(envelope))).toBe('{"Message":"m"}\n');
});
