import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  DescribeRuleCommand,
  EventBridgeClient,
  ListEventBusesCommand,
  ListRulesCommand,
  ListTargetsByRuleCommand,
  PutEventsCommand,
  type PutEventsRequestEntry,
} from "@aws-sdk/client-eventbridge";
import { ReceiveMessageCommand, SQSClient, type Message } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { DAY_MS, MINUTE_MS, SECOND_MS } from "../../../base/durations.ts";
import { eventbridge } from "../../../local/eventbridge/index.ts";
import { lambda } from "../../../local/lambda/index.ts";
import { startTestCloud, type TestCloud } from "../cloud.ts";
import { functionResources, packageFunction, printed, untilPrinted } from "../lambda/packaged.ts";

const artifactFolder = mkdtempSync(join(tmpdir(), "doorstep-eventbridge-"));
const att = (id: string, name = "Arn") => ({ "Fn::GetAtt": [id, name] });
const queue = (QueueName: string) => ({ Type: "AWS::SQS::Queue", Properties: { QueueName } });

/** Lets EventBridge send to a queue on behalf of a rule. */
const queuePolicy = (queueId: string, ruleId: string) => ({
  Type: "AWS::SQS::QueuePolicy",
  Properties: {
    Queues: [{ Ref: queueId }],
    PolicyDocument: {
      Statement: {
        Effect: "Allow",
        Principal: { Service: "events.amazonaws.com" },
        Action: "sqs:SendMessage",
        Resource: att(queueId),
        Condition: { ArnEquals: { "aws:SourceArn": att(ruleId) } },
      },
    },
  },
});

const rule = (pattern: object, Targets: readonly object[], more: object = {}) => ({
  Type: "AWS::Events::Rule",
  Properties: { EventBusName: { Ref: "Bus" }, EventPattern: pattern, Targets, ...more },
});

const permission = (functionId: string, ruleId: string) => ({
  Type: "AWS::Lambda::Permission",
  Properties: {
    FunctionName: { Ref: functionId },
    Action: "lambda:InvokeFunction",
    Principal: "events.amazonaws.com",
    SourceArn: att(ruleId),
  },
});

const resources = {
  Bus: { Type: "AWS::Events::EventBus", Properties: { Name: "doorstep" } },
  ...functionResources("Listener", "listener", []),
  ToFunction: rule({ source: ["porch"] }, [{ Id: "function", Arn: att("Listener") }], {
    Name: "to-function",
  }),
  ToFunctionPermission: permission("Listener", "ToFunction"),

  Whole: queue("whole"),
  Part: queue("part"),
  Constant: queue("constant"),
  ToQueues: rule({ detail: { label: [{ prefix: "PER" }] } }, [
    { Id: "whole", Arn: att("Whole") },
    { Id: "part", Arn: att("Part"), InputPath: "$.detail.boxes[0]" },
    { Id: "constant", Arn: att("Constant"), Input: '{"ring":true}' },
  ]),
  WholePolicy: queuePolicy("Whole", "ToQueues"),
  PartPolicy: queuePolicy("Part", "ToQueues"),
  ConstantPolicy: queuePolicy("Constant", "ToQueues"),

  Dead: queue("dead"),
  Shut: queue("shut"),
  ToShut: rule({ source: ["shut"] }, [
    { Id: "shut", Arn: att("Shut"), DeadLetterConfig: { Arn: att("Dead") } },
  ]),
  DeadPolicy: queuePolicy("Dead", "ToShut"),

  // One policy for both queues, as a template has it whose rule is allowed both.
  Ended: queue("ended"),
  Unended: queue("unended"),
  ToEnded: rule(
    { source: ["doorstep"], "detail-type": ["SessionEnded"], detail: { motionGoesOn: [false] } },
    [{ Id: "alerts", Arn: att("Ended"), DeadLetterConfig: { Arn: att("Unended") } }],
  ),
  EndedPolicy: {
    Type: "AWS::SQS::QueuePolicy",
    Properties: {
      Queues: [{ Ref: "Ended" }, { Ref: "Unended" }],
      PolicyDocument: {
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Principal: { Service: "events.amazonaws.com" },
            Action: "sqs:SendMessage",
            Resource: [att("Ended"), att("Unended")],
            Condition: { ArnEquals: { "aws:SourceArn": att("ToEnded") } },
          },
        ],
      },
    },
  },

  Off: rule({ source: ["porch"] }, [{ Id: "function", Arn: att("Listener") }], { State: "DISABLED" }),
  OffPermission: permission("Listener", "Off"),

  ...functionResources("Sweeper", "sweeper", []),
  EveryMinute: {
    Type: "AWS::Events::Rule",
    Properties: {
      Name: "every-minute",
      ScheduleExpression: "rate(1 minute)",
      Targets: [{ Id: "sweeper", Arn: att("Sweeper") }],
    },
  },
  EveryMinutePermission: permission("Sweeper", "EveryMinute"),
  Never: {
    Type: "AWS::Events::Rule",
    Properties: {
      ScheduleExpression: "rate(1 minute)",
      State: "DISABLED",
      Targets: [{ Id: "sweeper", Arn: att("Sweeper") }],
    },
  },
  Publisher: {
    Type: "AWS::IAM::Role",
    Properties: {
      AssumeRolePolicyDocument: { Statement: [] },
      Policies: [
        {
          PolicyName: "publish",
          PolicyDocument: {
            Statement: { Effect: "Allow", Action: "events:PutEvents", Resource: att("Bus") },
          },
        },
      ],
    },
  },
};

let local: TestCloud;
let client: EventBridgeClient;

beforeAll(async () => {
  for (const [name, word] of Object.entries({ listener: "RECEIVED", sweeper: "SWEPT" }))
    packageFunction(
      artifactFolder,
      name,
      `export const handler = async (event) => console.log("${word} " + JSON.stringify(event));`,
    );
  local = await startTestCloud({
    services: [lambda, eventbridge],
    artifactFolder,
    template: { Resources: resources },
  });
  client = local.client(EventBridgeClient);
});
afterAll(async () => {
  await local.stop();
  rmSync(artifactFolder, { recursive: true });
});

const put = (...Entries: PutEventsRequestEntry[]) => client.send(new PutEventsCommand({ Entries }));
const entry = (Source: string, detail: unknown = {}): PutEventsRequestEntry => ({
  EventBusName: "doorstep",
  Source,
  DetailType: "Detection",
  Detail: JSON.stringify(detail),
});

async function received(queueName: string): Promise<Message> {
  const { Messages } = await local.client(SQSClient).send(
    new ReceiveMessageCommand({
      QueueUrl: `${local.endpoint}/000000000000/${queueName}`,
      MessageAttributeNames: ["All"],
      WaitTimeSeconds: 10,
    }),
  );
  return Messages![0]!;
}

const attributesOf = ({ MessageAttributes = {} }: Message) =>
  Object.fromEntries(Object.entries(MessageAttributes).map(([name, value]) => [name, value.StringValue]));

describe("an event", () => {
  test("reaches the function of the rule that matches it, in EventBridge's envelope", async () => {
    const { Entries, FailedEntryCount } = await put({
      ...entry("porch", { camera: "front-door" }),
      Time: new Date("2026-11-21T10:00:00.987Z"),
      Resources: ["arn:aws:kinesisvideo:us-east-1:000000000000:stream/front-door/1"],
    });
    expect(FailedEntryCount).toBe(0);
    expect(await untilPrinted(local, "RECEIVED", 1)).toEqual([
      {
        version: "0",
        id: Entries![0]!.EventId,
        "detail-type": "Detection",
        source: "porch",
        account: "000000000000",
        time: "2026-11-21T10:00:00Z",
        region: "us-east-1",
        resources: ["arn:aws:kinesisvideo:us-east-1:000000000000:stream/front-door/1"],
        detail: { camera: "front-door" },
      },
    ]);
  });

  test("reaches every target of its rule: whole, in part, or as a constant", async () => {
    const detail = { label: "PERSON", boxes: [{ left: 0.5 }, { left: 0.7 }] };
    await put(entry("garden", detail));
    expect(JSON.parse((await received("whole")).Body!)).toMatchObject({ source: "garden", detail });
    expect((await received("part")).Body).toBe('{"left":0.5}');
    expect((await received("constant")).Body).toBe('{"ring":true}');
  });

  test("on another bus reaches no rule of this one", async () => {
    await put({ ...entry("porch"), EventBusName: "default" }, entry("porch", { last: true }));
    const received = await untilPrinted(local, "RECEIVED", 2);
    expect(received).toHaveLength(2);
    expect(received[1]).toMatchObject({ detail: { last: true } });
  });

  test("matches a pattern on a boolean inside its detail", async () => {
    const ended = (detail: object) => ({ ...entry("doorstep", detail), DetailType: "SessionEnded" });
    await put(
      ended({ cameraId: "porch", motionGoesOn: true }),
      ended({ cameraId: "porch", motionGoesOn: "false" }),
      ended({ cameraId: "porch" }),
      { ...ended({ cameraId: "garden", motionGoesOn: false }), DetailType: "SessionStarted" },
      ended({ cameraId: "door", motionGoesOn: false }),
    );
    expect(JSON.parse((await received("ended")).Body!)).toMatchObject({
      "detail-type": "SessionEnded",
      detail: { cameraId: "door", motionGoesOn: false },
    });
    expect(local.cloud.events.matching(({ name }) => name === "dead-letter-failed")).toEqual([]);
  });

  test("that the target does not permit goes to the dead-letter queue without a retry", async () => {
    await put(entry("shut", { kept: true }));
    const message = await received("dead");
    expect(JSON.parse(message.Body!)).toMatchObject({ source: "shut", detail: { kept: true } });
    const ruleArn = local.resources.get("ToShut")!.attributes!["Arn"];
    expect(attributesOf(message)).toEqual({
      RULE_ARN: ruleArn,
      TARGET_ARN: "arn:aws:sqs:us-east-1:000000000000:shut",
      ERROR_CODE: "NO_PERMISSIONS",
      ERROR_MESSAGE:
        "User: events.amazonaws.com is not authorized to perform: sqs:SendMessage on resource: " +
        "arn:aws:sqs:us-east-1:000000000000:shut because no resource-based policy allows the sqs:SendMessage action",
      RETRY_ATTEMPTS: "0",
    });
  });
});

describe("PutEvents", () => {
  test("counts the entries that it refuses, gives the reason, and accepts the others", async () => {
    const response = await put(
      entry("accepted"),
      { ...entry("x"), Detail: "not json" },
      { ...entry("x"), Detail: "[1]" },
      { ...entry("x"), Source: undefined },
      { ...entry("x"), DetailType: undefined },
      { ...entry("x"), Detail: undefined },
      entry("aws.ec2"),
    );
    expect(response.FailedEntryCount).toBe(6);
    expect(response.Entries).toEqual([
      { EventId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
      { ErrorCode: "MalformedDetail", ErrorMessage: "Detail is malformed." },
      { ErrorCode: "MalformedDetail", ErrorMessage: "Detail is malformed." },
      {
        ErrorCode: "InvalidArgument",
        ErrorMessage: "Parameter Source is not valid. Reason: Source is a required argument.",
      },
      {
        ErrorCode: "InvalidArgument",
        ErrorMessage: "Parameter DetailType is not valid. Reason: DetailType is a required argument.",
      },
      {
        ErrorCode: "InvalidArgument",
        ErrorMessage: "Parameter Detail is not valid. Reason: Detail is a required argument.",
      },
      { ErrorCode: "NotAuthorizedForSourceException", ErrorMessage: "Not authorized for the source." },
    ]);
  });

  test("refuses a request of no entries, of more than ten, or of more than 256 KB", async () => {
    const tooMany = Array.from({ length: 11 }, () => entry("x"));
    await expect(put()).rejects.toMatchObject({ name: "ValidationException" });
    await expect(put(...tooMany)).rejects.toMatchObject({
      name: "ValidationException",
      message: "Entries: Member must have length less than or equal to 10",
    });
    const large = { ...entry("x"), Detail: JSON.stringify({ text: "x".repeat(131_072) }) };
    await expect(put(large, large)).rejects.toMatchObject({
      name: "ValidationException",
      message: "Total size of the entries in the request is over the limit.",
    });
    expect((await put(large)).FailedEntryCount).toBe(0);
  });

  test("is allowed to a role on the bus that its policy names, and on no other", async () => {
    const publisher = new EventBridgeClient(await local.configOf("Publisher"));
    expect((await publisher.send(new PutEventsCommand({ Entries: [entry("x")] }))).FailedEntryCount).toBe(0);
    const elsewhere = new PutEventsCommand({ Entries: [{ ...entry("x"), EventBusName: "default" }] });
    await expect(publisher.send(elsewhere)).rejects.toMatchObject({
      name: "AccessDeniedException",
      message: expect.stringContaining(
        "on resource: arn:aws:events:us-east-1:000000000000:event-bus/default",
      ),
    });
  });
});

describe("a rule on a schedule", () => {
  test("runs whenever the clock has passed its rate, and not while it is disabled", async () => {
    expect(printed(local, "SWEPT")).toEqual([]);
    local.clock.turn(60_000);
    const [event] = await untilPrinted(local, "SWEPT", 1);
    expect(event).toEqual({
      version: "0",
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      "detail-type": "Scheduled Event",
      source: "aws.events",
      account: "000000000000",
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      region: "us-east-1",
      resources: ["arn:aws:events:us-east-1:000000000000:rule/every-minute"],
      detail: {},
    });
    local.clock.turn(180_000);
    expect(await untilPrinted(local, "SWEPT", 4)).toHaveLength(4);
  });

  test("runs ten times and once at the end when the clock is turned over all runs of a day", async () => {
    const fromMs = local.clock.now();
    local.clock.turn(DAY_MS);
    const dueMs = (runs: readonly unknown[]) =>
      runs.map((run) => Date.parse((run as { time: string }).time)).filter((ms) => ms > fromMs);
    let times: number[] = [];
    for (let count = 11; times.length < 11; count++)
      times = dueMs(await untilPrinted(local, "SWEPT", count)).toSorted((a, b) => a - b);
    const last = times.pop()!;
    expect(fromMs + DAY_MS - last).toBeLessThan(MINUTE_MS + SECOND_MS);
    expect(times).toEqual(times.map((_, index) => times[0]! + index * MINUTE_MS));
  });
});

test("buses, rules and targets are described as in the template", async () => {
  const { EventBuses } = await client.send(new ListEventBusesCommand({}));
  expect(EventBuses).toEqual([
    { Name: "default", Arn: "arn:aws:events:us-east-1:000000000000:event-bus/default" },
    { Name: "doorstep", Arn: "arn:aws:events:us-east-1:000000000000:event-bus/doorstep" },
  ]);
  const { Rules } = await client.send(new ListRulesCommand({ NamePrefix: "every" }));
  expect(Rules).toEqual([
    {
      Name: "every-minute",
      Arn: "arn:aws:events:us-east-1:000000000000:rule/every-minute",
      EventBusName: "default",
      State: "ENABLED",
      ScheduleExpression: "rate(1 minute)",
    },
  ]);
  const named = { Name: "to-function", EventBusName: "doorstep" };
  expect(await client.send(new DescribeRuleCommand(named))).toMatchObject({
    Arn: "arn:aws:events:us-east-1:000000000000:rule/doorstep/to-function",
    EventPattern: '{"source":["porch"]}',
  });
  const { Targets } = await client.send(
    new ListTargetsByRuleCommand({ Rule: "to-function", EventBusName: "doorstep" }),
  );
  expect(Targets).toEqual([
    {
      Id: "function",
      Arn: "arn:aws:lambda:us-east-1:000000000000:function:listener",
      RetryPolicy: { MaximumRetryAttempts: 185, MaximumEventAgeInSeconds: 86_400 },
    },
  ]);
  await expect(client.send(new DescribeRuleCommand({ Name: "to-function" }))).rejects.toMatchObject({
    name: "ResourceNotFoundException",
    message: "Rule to-function does not exist on EventBus default.",
  });
});

describe("a template is refused", () => {
  const start = (properties: object) =>
    startTestCloud({
      services: [eventbridge],
      template: {
        Resources: {
          Bus: { Type: "AWS::Events::EventBus", Properties: { Name: "b" } },
          Rule: { Type: "AWS::Events::Rule", Properties: properties as Record<string, unknown> },
        },
      },
    });
  const target = { Id: "t", Arn: "arn:aws:sqs:us-east-1:000000000000:q" };

  test.each([
    [
      "a schedule on a custom bus",
      { EventBusName: { Ref: "Bus" }, ScheduleExpression: "rate(1 day)" },
      "only on",
    ],
    ["neither pattern nor schedule", {}, "a rule needs EventPattern, ScheduleExpression or both"],
    ["a bus that is not there", { EventBusName: "c", EventPattern: {} }, "the event bus c does not exist"],
    ["a wrong pattern", { EventPattern: { a: "b" } }, "Event pattern is not valid. Reason: a: "],
    [
      "a target that is neither function nor queue",
      { EventPattern: { a: ["b"] }, Targets: [{ Id: "t", Arn: "arn:aws:sns:us-east-1:000000000000:t" }] },
      "is neither a function nor a queue",
    ],
    [
      "a target's property that is not emulated",
      { EventPattern: { a: ["b"] }, Targets: [{ ...target, InputTransformer: {} }] },
      "InputTransformer",
    ],
    [
      "six targets",
      { EventPattern: { a: ["b"] }, Targets: Array.from({ length: 6 }, () => target) },
      "6 Targets; a rule takes 5",
    ],
  ])("for %s", async (_what, properties, message) => {
    await expect(start(properties)).rejects.toThrow(message);
  });
});
