import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PutRecordsCommand, type KinesisClient } from "@aws-sdk/client-kinesis";
import {
  CreateEventSourceMappingCommand,
  DeleteEventSourceMappingCommand,
  GetEventSourceMappingCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
  UpdateEventSourceMappingCommand,
  type CreateEventSourceMappingCommandInput,
} from "@aws-sdk/client-lambda";
import { ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { MINUTE_MS, SECOND_MS } from "../../../base/durations.ts";
import { KinesisHttp1Client } from "../../../local/kinesis/client.ts";
import { kinesis } from "../../../local/kinesis/index.ts";
import { lambda } from "../../../local/lambda/index.ts";
import { ReportingClock } from "../../support/reporting-clock.ts";
import { startTestCloud, type TestCloud } from "../cloud.ts";
import { functionResources, packageFunction, printed } from "./packaged.ts";

const artifactFolder = mkdtempSync(join(tmpdir(), "doorstep-stream-mapping-"));
const dataFolder = mkdtempSync(join(tmpdir(), "doorstep-stream-mapping-data-"));
const streamArn = (name: string): string => `arn:aws:kinesis:us-east-1:000000000000:stream/${name}`;
const queueArn = "arn:aws:sqs:us-east-1:000000000000:discarded";

const READ = ["DescribeStream", "DescribeStreamSummary", "GetRecords", "GetShardIterator", "ListShards"];
const allowed = (actions: readonly string[]) => [
  { Effect: "Allow", Action: actions.map((action) => `kinesis:${action}`), Resource: streamArn("*") },
  { Effect: "Allow", Action: "sqs:SendMessage", Resource: queueArn },
];
const stream = (Name: string) => ({ Type: "AWS::Kinesis::Stream", Properties: { Name, ShardCount: 1 } });

/** Functions run in real time, while the clock is turned on by their neighbours' readers. */
const PATIENT = { Timeout: 900 };

const Resources = {
  FromTemplate: stream("from-template"),
  Poisoned: stream("poisoned"),
  Partial: stream("partial"),
  Aged: stream("aged"),
  Late: stream("late"),
  Gathered: stream("gathered"),
  Discarded: { Type: "AWS::SQS::Queue", Properties: { QueueName: "discarded" } },
  ...functionResources("Plain", "plain", allowed(READ), PATIENT),
  ...functionResources("Reporting", "reporting", allowed(READ), PATIENT),
  ...functionResources("Poor", "poor", allowed(READ.slice(1))),
  Mapping: {
    Type: "AWS::Lambda::EventSourceMapping",
    Properties: {
      EventSourceArn: { "Fn::GetAtt": ["FromTemplate", "Arn"] },
      FunctionName: { Ref: "Plain" },
      StartingPosition: "TRIM_HORIZON",
    },
  },
};

const clock = new ReportingClock();
let local: TestCloud;
let client: KinesisClient;
let mappings: LambdaClient;

const start = (folder = dataFolder) =>
  startTestCloud({
    services: [kinesis, lambda],
    template: { Resources },
    artifactFolder,
    dataFolder: folder,
    clock,
  });

beforeAll(async () => {
  const text = `const text = ({ kinesis }) => Buffer.from(kinesis.data, "base64").toString();
    const print = (word, event) => console.log(word + " " + JSON.stringify([event.Records[0].eventSourceARN.split("/")[1], event.Records.map(text)]));`;
  packageFunction(
    artifactFolder,
    "plain",
    `${text} export const handler = async (event) => {
      print("PLAIN", event);
      if (event.Records.some((record) => text(record) === "bad")) throw new Error("bad");
    };`,
  );
  packageFunction(
    artifactFolder,
    "reporting",
    `${text} export const handler = async (event) => {
      print("REPORTING", event);
      const bad = event.Records.filter((record) => text(record) === "bad");
      return { batchItemFailures: bad.map(({ kinesis }) => ({ itemIdentifier: kinesis.sequenceNumber })) };
    };`,
  );
  packageFunction(artifactFolder, "poor", `export const handler = async () => {};`);
  local = await start();
  connect();
});
afterAll(async () => {
  await local.stop();
  for (const folder of [artifactFolder, dataFolder]) rmSync(folder, { recursive: true });
});

function connect(): void {
  client = local.client(KinesisHttp1Client);
  mappings = local.client(LambdaClient);
}

async function put(StreamName: string, ...texts: string[]): Promise<string[]> {
  const Records = texts.map((text) => ({ Data: Buffer.from(text), PartitionKey: "key" }));
  const response = await client.send(new PutRecordsCommand({ StreamName, Records }));
  return response.Records!.map(({ SequenceNumber }) => SequenceNumber!);
}

const create = async (
  name: string,
  FunctionName: string,
  more: Partial<CreateEventSourceMappingCommandInput> = {},
): Promise<string> => {
  const command = new CreateEventSourceMappingCommand({
    EventSourceArn: streamArn(name),
    FunctionName,
    StartingPosition: "TRIM_HORIZON",
    ...more,
  });
  return (await mappings.send(command)).UUID!;
};

/** The batches of a stream that a function has printed. */
const batches = (prefix: string, name: string): string[][] =>
  (printed(local, prefix) as [string, string[]][]).filter(([one]) => one === name).map(([, texts]) => texts);

async function untilBatches(prefix: string, name: string, count: number): Promise<string[][]> {
  await turningUntil(() => batches(prefix, name).length >= count);
  return batches(prefix, name);
}

/** Turns the clock a second at a time, each time that a reader waits on it. */
async function turningUntil(isDone: () => boolean): Promise<void> {
  while (!isDone()) {
    const waiting = clock.timerSet();
    clock.turn(SECOND_MS);
    await waiting;
  }
}

const eventsOf = (name: string, stream: string) =>
  local.cloud.events.matching((event) => event.name === name && event.detail["stream"] === stream);

async function discarded(): Promise<Record<string, any>[]> {
  const QueueUrl = `${local.endpoint}/000000000000/discarded`;
  const { Messages = [] } = await local
    .client(SQSClient)
    .send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
  return Messages.map(({ Body }) => JSON.parse(Body!) as Record<string, any>);
}

test("the template's mapping passes records in the documented form, from the oldest on", async () => {
  await put("from-template", "a", "b");
  expect(await untilBatches("PLAIN", "from-template", 1)).toEqual([["a", "b"]]);
  const { EventSourceMappings } = await mappings.send(
    new ListEventSourceMappingsCommand({ EventSourceArn: streamArn("from-template") }),
  );
  await turningUntil(() => eventsOf("batch-handled", "from-template").length > 0);
  expect(EventSourceMappings).toMatchObject([
    {
      UUID: local.resources.get("Mapping")!.ref,
      FunctionArn: "arn:aws:lambda:us-east-1:000000000000:function:plain",
      StartingPosition: "TRIM_HORIZON",
      State: "Enabled",
      BatchSize: 100,
      MaximumRetryAttempts: -1,
      MaximumRecordAgeInSeconds: -1,
      BisectBatchOnFunctionError: false,
      ParallelizationFactor: 1,
    },
  ]);
});

test("a bad record is isolated by splitting, discarded with its metadata, and its neighbours are handled", async () => {
  const UUID = await create("poisoned", "plain", {
    BisectBatchOnFunctionError: true,
    MaximumRetryAttempts: 1,
    DestinationConfig: { OnFailure: { Destination: queueArn } },
  });
  const numbers = await put("poisoned", "a", "bad", "c");
  await turningUntil(() => batches("PLAIN", "poisoned").some((texts) => texts.join() === "c"));
  expect(batches("PLAIN", "poisoned")).toEqual([
    ["a", "bad", "c"],
    ["a", "bad"],
    ["a"],
    ["bad"],
    ["bad"],
    ["c"],
  ]);
  const iso = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  expect(await discarded()).toEqual([
    {
      requestContext: {
        requestId: expect.any(String),
        functionArn: "arn:aws:lambda:us-east-1:000000000000:function:plain",
        condition: "RetryAttemptsExhausted",
        approximateInvokeCount: 2,
      },
      responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
      version: "1.0",
      timestamp: iso,
      KinesisBatchInfo: {
        shardId: "shardId-000000000000",
        startSequenceNumber: numbers[1],
        endSequenceNumber: numbers[1],
        approximateArrivalOfFirstRecord: iso,
        approximateArrivalOfLastRecord: iso,
        batchSize: 1,
        streamArn: streamArn("poisoned"),
      },
    },
  ]);
  await mappings.send(new DeleteEventSourceMappingCommand({ UUID }));
  await expect(mappings.send(new GetEventSourceMappingCommand({ UUID }))).rejects.toMatchObject({
    name: "ResourceNotFoundException",
  });
});

test("what a function reports as failed is retried from the lowest sequence number on", async () => {
  await create("partial", "reporting", {
    FunctionResponseTypes: ["ReportBatchItemFailures"],
    MaximumRetryAttempts: 1,
  });
  await put("partial", "a", "bad", "c");
  await turningUntil(() => eventsOf("batch-discarded", "partial").length > 0);
  await put("partial", "d");
  expect(await untilBatches("REPORTING", "partial", 4)).toEqual([
    ["a", "bad", "c"],
    ["bad", "c"],
    ["bad", "c"],
    ["d"],
  ]);
});

test("records that are too old are discarded without an invocation", async () => {
  await put("aged", "old");
  clock.turn(2 * MINUTE_MS);
  await put("aged", "young");
  await create("aged", "plain", { MaximumRecordAgeInSeconds: 60 });
  expect(await untilBatches("PLAIN", "aged", 1)).toEqual([["young"]]);
  expect(eventsOf("batch-discarded", "aged")).toMatchObject([
    { detail: { records: 1, condition: "RecordAgeExceeded" } },
  ]);
});

test("LATEST leaves out what is there, and a disabled mapping goes on from its checkpoint", async () => {
  await put("late", "before");
  clock.turn(SECOND_MS);
  const UUID = await create("late", "plain", { StartingPosition: "LATEST" });
  await put("late", "after");
  expect(await untilBatches("PLAIN", "late", 1)).toEqual([["after"]]);
  await turningUntil(() => eventsOf("batch-handled", "late").length > 0);
  const updated = await mappings.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: false }));
  expect(updated).toMatchObject({ State: "Updating", StartingPosition: "LATEST" });
  await put("late", "meanwhile");
  await mappings.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: true, BatchSize: 1 }));
  await put("late", "then");
  expect(await untilBatches("PLAIN", "late", 3)).toEqual([["after"], ["meanwhile"], ["then"]]);
});

test("a batch is gathered until its window ends or it is full", async () => {
  await create("gathered", "plain", { BatchSize: 3, MaximumBatchingWindowInSeconds: 30 });
  await put("gathered", "a");
  const halfMs = clock.now() + 15 * SECOND_MS;
  await turningUntil(() => clock.now() >= halfMs);
  expect(batches("PLAIN", "gathered")).toEqual([]);
  await put("gathered", "b", "c", "d");
  expect(await untilBatches("PLAIN", "gathered", 2)).toEqual([["a", "b", "c"], ["d"]]);
});

describe("refused:", () => {
  test.each<[string, Partial<CreateEventSourceMappingCommandInput>, string, string]>([
    [
      "a stream that does not exist",
      { EventSourceArn: streamArn("nowhere") },
      "InvalidParameterValueException",
      "Stream not found",
    ],
    [
      "a role that may not describe the stream",
      { FunctionName: "poor" },
      "InvalidParameterValueException",
      "Cannot access stream",
    ],
    [
      "a function that does not exist",
      { FunctionName: "nobody" },
      "ResourceNotFoundException",
      "Function not found",
    ],
    [
      "no starting position",
      { StartingPosition: undefined },
      "InvalidParameterValueException",
      "StartingPosition",
    ],
    [
      "a timestamp without AT_TIMESTAMP",
      { StartingPositionTimestamp: new Date(0) },
      "InvalidParameterValueException",
      "StartingPositionTimestamp goes with",
    ],
    [
      "more than one batch per shard at a time",
      { ParallelizationFactor: 2 },
      "InvalidParameterValueException",
      "only one batch at a time",
    ],
    [
      "a record age below a minute",
      { MaximumRecordAgeInSeconds: 59 },
      "InvalidParameterValueException",
      "Expected >=60 but received 59",
    ],
    [
      "a queue's setting",
      { ScalingConfig: { MaximumConcurrency: 2 } },
      "InvalidParameterValueException",
      "ScalingConfig is not emulated for a data stream",
    ],
    [
      "a destination that the role may not send to",
      { DestinationConfig: { OnFailure: { Destination: "arn:aws:sqs:us-east-1:000000000000:other" } } },
      "InvalidParameterValueException",
      "sqs:SendMessage",
    ],
    [
      "the same stream and function again",
      { EventSourceArn: streamArn("from-template"), FunctionName: "plain" },
      "ResourceConflictException",
      "already exists",
    ],
  ])("%s", async (_, input, name, message) => {
    const command = new CreateEventSourceMappingCommand({
      EventSourceArn: streamArn("poisoned"),
      FunctionName: "plain",
      StartingPosition: "LATEST",
      ...input,
    });
    await expect(mappings.send(command)).rejects.toMatchObject({
      name,
      message: expect.stringContaining(message),
    });
  });
});

test("mappings and checkpoints survive a restart and a kill", async () => {
  // What a kill would leave behind, at this moment.
  const killed = mkdtempSync(join(tmpdir(), "doorstep-stream-mapping-killed-"));
  cpSync(dataFolder, killed, { recursive: true, filter: (file) => !file.endsWith("lock") });
  const { EventSourceMappings: before } = await mappings.send(new ListEventSourceMappingsCommand({}));
  await local.stop();
  local = await start(killed);
  connect();
  try {
    const { EventSourceMappings: after } = await mappings.send(new ListEventSourceMappingsCommand({}));
    expect(after!.map(({ UUID }) => UUID)).toEqual(before!.map(({ UUID }) => UUID));
    await put("late", "again");
    await put("from-template", "again");
    expect(await untilBatches("PLAIN", "late", 1)).toEqual([["again"]]);
    expect(await untilBatches("PLAIN", "from-template", 1)).toEqual([["again"]]);
  } finally {
    await local.stop();
    local = await start();
    rmSync(killed, { recursive: true });
  }
});
