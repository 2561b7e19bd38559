import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { callLimit } from "../../aws/call-limit.ts";
import { frameSessionsTable } from "../../aws/frame-sessions.ts";
import { sessionQueue } from "../../aws/queues.ts";
import { TurnableClock } from "../../base/clock.ts";
import { dynamodb } from "../../local/dynamodb/index.ts";
import type { FrameSession } from "../../schemas/frame-session.ts";
import { startTestCloud, type TestCloud } from "../local/cloud.ts";

const tableOf = (TableName: string, AttributeName: string, AttributeType: string) => ({
  Type: "AWS::DynamoDB::Table",
  Properties: {
    TableName,
    AttributeDefinitions: [{ AttributeName, AttributeType }],
    KeySchema: [{ AttributeName, KeyType: "HASH" }],
    BillingMode: "PAY_PER_REQUEST",
  },
});

let local: TestCloud;
let client: DynamoDBClient;
beforeAll(async () => {
  local = await startTestCloud({
    services: [dynamodb],
    template: {
      Resources: {
        Sessions: tableOf("frame-sessions", "processorName", "S"),
        Calls: tableOf("calls", "second", "N"),
        Queue: { Type: "AWS::SQS::Queue", Properties: { QueueName: "samples" } },
      },
    },
  });
  client = local.client(DynamoDBClient);
});
afterAll(() => local.stop());

describe("the table of frames sessions", () => {
  const session: FrameSession = {
    processorName: "front-door",
    version: 1,
    sessionId: "session-1",
    state: "running",
    streamName: "front-door",
    videoStartMs: 1000,
    maxDurationSeconds: 30,
    videoEndMs: 31_000,
    startedAtMs: 1000,
    dueAtMs: 1000,
    step: 0,
    labels: { PERSON: 50 },
    regionsOfInterest: [{ box: { left: 0, top: 0.5, width: 1, height: 0.5 } }],
    maxSampleGapSeconds: 5,
    whenAllDetected: "stop",
    faces: false,
    tags: { site: "berlin" },
    nextAtMs: 1000,
    samples: [{ atMs: 1000, outcome: "image" }],
    detected: [],
    refusals: 0,
  };

  test("returns what was put, and nothing for a camera without a session", async () => {
    const table = frameSessionsTable("frame-sessions", client);
    expect(await table.find("front-door")).toBeUndefined();
    expect(await table.put(session)).toBe(true);
    expect(await table.find("front-door")).toEqual(session);
  });

  test("accepts exactly one of the writers of a version, the first as well as later ones", async () => {
    const table = frameSessionsTable("frame-sessions", client);
    for (const version of [1, 2, 3]) {
      const records = ["a", "b", "c"].map((sessionId) => ({
        ...session,
        processorName: "back-door",
        version,
        sessionId,
      }));
      const accepted = await Promise.all(records.map((record) => table.put(record)));
      expect(accepted.filter(Boolean)).toHaveLength(1);
      expect((await table.find("back-door"))?.sessionId).toBe(records[accepted.indexOf(true)]!.sessionId);
    }
    expect(await table.put({ ...session, processorName: "back-door", version: 5 })).toBe(false);
  });

  test("neither writes nor reads what is no session", async () => {
    const table = frameSessionsTable("frame-sessions", client);
    await expect(table.put({ ...session, version: -1 })).rejects.toThrow();
  });
});

describe("the limit of calls", () => {
  const limitAt = (clock: TurnableClock, perSecond: number) =>
    callLimit("calls", perSecond, clock, client).takeCall;
  const taken = async (take: () => Promise<boolean>, times: number): Promise<number> =>
    (await Promise.all(Array.from({ length: times }, take))).filter(Boolean).length;

  test("gives out its calls anew each second, to all callers together", async () => {
    const clock = new TurnableClock(1_795_300_000_000);
    const [one, other] = [limitAt(clock, 5), limitAt(clock, 5)];
    expect((await taken(() => one("first"), 4)) + (await taken(() => other("first"), 4))).toBe(5);
    clock.turn(999);
    expect(await one("first")).toBe(false);
    clock.turn(1);
    expect(await taken(() => one("first"), 10)).toBe(5);
  });

  test("keeps a fifth for calls that go first", async () => {
    const take = limitAt(new TurnableClock(1_795_300_100_000), 10);
    expect(await taken(() => take("later"), 20)).toBe(8);
    expect(await taken(() => take("first"), 20)).toBe(2);
  });

  test("gives later calls one a second at least", async () => {
    const take = limitAt(new TurnableClock(1_795_300_200_000), 1);
    expect(await taken(() => take("later"), 3)).toBe(1);
  });

  test("lets DynamoDB delete the item of a second after an hour", async () => {
    await limitAt(new TurnableClock(1_795_300_300_500), 5)("first");
    const { Item } = await client.send(
      new GetItemCommand({ TableName: "calls", Key: { second: { N: "1795300300" } } }),
    );
    expect(Item).toEqual({
      second: { N: "1795300300" },
      calls: { N: "1" },
      expiresAt: { N: String(1_795_300_300 + 3600) },
    });
  });
});

test("a step is sent with its delay, rounded up to whole seconds", async () => {
  const sqs = local.client(SQSClient);
  const { schedule } = sessionQueue(local.resources.get("Queue")!.ref, sqs);
  const receive = async (): Promise<unknown[]> => {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: local.resources.get("Queue")!.ref, MaxNumberOfMessages: 10 }),
    );
    return Messages.map(({ Body }) => JSON.parse(Body!) as unknown);
  };
  const message = { processorName: "front-door", sessionId: "session-1", step: 1 };
  await schedule(message, -5000);
  expect(await receive()).toEqual([message]);
  const sent: (number | undefined)[] = [];
  const recording = {
    send: async ({ input }: { input: { DelaySeconds?: number } }) => sent.push(input.DelaySeconds),
  };
  const { schedule: record } = sessionQueue("queue", recording as unknown as SQSClient);
  for (const delayMs of [0, 1, 1000, 1001, 5_000_000]) await record(message, delayMs);
  expect(sent).toEqual([0, 1, 1, 2, 900]);
});
