import {
  AddTagsToStreamCommand,
  CreateStreamCommand,
  DeleteStreamCommand,
  DescribeStreamCommand,
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  IncreaseStreamRetentionPeriodCommand,
  ListShardsCommand,
  ListStreamsCommand,
  ListTagsForStreamCommand,
  PutRecordCommand,
  PutRecordsCommand,
  RegisterStreamConsumerCommand,
  RemoveTagsFromStreamCommand,
  type KinesisClient,
} from "@aws-sdk/client-kinesis";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../base/durations.ts";
import { KinesisHttp1Client } from "../../../local/kinesis/client.ts";
import { kinesis } from "../../../local/kinesis/index.ts";
import { startTestCloud, type TestCloud } from "../cloud.ts";
import { iteratorOf, read, shard0, texts } from "./support.ts";

const arnOf = (name: string): string => `arn:aws:kinesis:us-east-1:000000000000:stream/${name}`;

const template = {
  Resources: {
    Faces: {
      Type: "AWS::Kinesis::Stream",
      Properties: { Name: "from-template", ShardCount: 2, RetentionPeriodHours: 48 },
    },
    Writer: {
      Type: "AWS::IAM::Role",
      Properties: {
        AssumeRolePolicyDocument: {
          Statement: {
            Effect: "Allow",
            Principal: { AWS: "arn:aws:iam::000000000000:root" },
            Action: "sts:AssumeRole",
          },
        },
        Policies: [
          {
            PolicyName: "write",
            PolicyDocument: {
              Statement: { Effect: "Allow", Action: "kinesis:Put*", Resource: arnOf("written") },
            },
          },
        ],
      },
    },
  },
};

let local: TestCloud;
let client: KinesisClient;
beforeAll(async () => {
  local = await startTestCloud({ services: [kinesis], template });
  client = local.client(KinesisHttp1Client);
});
afterAll(() => local.stop());
// A second later, the shards take and give a second's worth again.
beforeEach(() => local.clock.turn(SECOND_MS));

const bytes = (text: string): Uint8Array => Buffer.from(text);
const entry = (text: string, PartitionKey = "key") => ({ Data: bytes(text), PartitionKey });

async function create(StreamName: string, ShardCount = 1): Promise<void> {
  await client.send(new CreateStreamCommand({ StreamName, ShardCount }));
  local.clock.turn(SECOND_MS);
}

const put = async (StreamName: string, text: string): Promise<string> =>
  (await client.send(new PutRecordCommand({ StreamName, ...entry(text) }))).SequenceNumber!;

describe("a stream", () => {
  test("is CREATING without shards, and takes no records, until it is ACTIVE", async () => {
    await client.send(new CreateStreamCommand({ StreamName: "young", ShardCount: 1 }));
    const describeYoung = new DescribeStreamCommand({ StreamName: "young" });
    expect((await client.send(describeYoung)).StreamDescription).toMatchObject({
      StreamStatus: "CREATING",
      Shards: [],
    });
    await expect(put("young", "early")).rejects.toThrow("Stream young under account 000000000000 not found.");
    local.clock.turn(SECOND_MS);
    expect((await client.send(describeYoung)).StreamDescription).toMatchObject({
      StreamARN: arnOf("young"),
      StreamStatus: "ACTIVE",
      HasMoreShards: false,
      RetentionPeriodHours: 24,
      EncryptionType: "NONE",
      StreamModeDetails: { StreamMode: "PROVISIONED" },
      Shards: [
        {
          ShardId: shard0,
          HashKeyRange: { StartingHashKey: "0", EndingHashKey: String((1n << 128n) - 1n) },
        },
      ],
    });
  });

  test("of the template is ACTIVE at once, with what the template says", async () => {
    const { StreamDescriptionSummary } = await client.send(
      new DescribeStreamSummaryCommand({ StreamARN: arnOf("from-template") }),
    );
    expect(StreamDescriptionSummary).toMatchObject({
      StreamName: "from-template",
      StreamStatus: "ACTIVE",
      RetentionPeriodHours: 48,
      OpenShardCount: 2,
      ConsumerCount: 0,
    });
    expect(local.resources.get("Faces")).toMatchObject({
      ref: "from-template",
      attributes: { Arn: arnOf("from-template") },
    });
  });

  test("in the mode ON_DEMAND has four shards, and no ShardCount", async () => {
    const StreamModeDetails = { StreamMode: "ON_DEMAND" } as const;
    await expect(
      client.send(new CreateStreamCommand({ StreamName: "demand", ShardCount: 1, StreamModeDetails })),
    ).rejects.toMatchObject({ name: "InvalidArgumentException" });
    await client.send(new CreateStreamCommand({ StreamName: "demand", StreamModeDetails }));
    local.clock.turn(SECOND_MS);
    const { Shards } = await client.send(new ListShardsCommand({ StreamName: "demand" }));
    expect(Shards!.map(({ ShardId }) => ShardId)).toEqual([
      "shardId-000000000000",
      "shardId-000000000001",
      "shardId-000000000002",
      "shardId-000000000003",
    ]);
  });

  test("keeps tags", async () => {
    await create("tagged");
    await client.send(new AddTagsToStreamCommand({ StreamName: "tagged", Tags: { b: "2", a: "1" } }));
    await client.send(new RemoveTagsFromStreamCommand({ StreamName: "tagged", TagKeys: ["b"] }));
    expect(await client.send(new ListTagsForStreamCommand({ StreamName: "tagged" }))).toMatchObject({
      Tags: [{ Key: "a", Value: "1" }],
      HasMoreTags: false,
    });
  });

  test("that is deleted and created again has none of the old one's records", async () => {
    await create("again");
    await put("again", "old");
    const old = await iteratorOf(client, "again");
    await client.send(new DeleteStreamCommand({ StreamName: "again" }));
    await create("again");
    expect(await read(client, "again")).toEqual([]);
    await expect(client.send(new GetRecordsCommand({ ShardIterator: old }))).rejects.toMatchObject({
      name: "ResourceNotFoundException",
    });
  });

  test("is listed in pages", async () => {
    const first = await client.send(new ListStreamsCommand({ Limit: 1 }));
    expect(first).toMatchObject({ HasMoreStreams: true, StreamNames: [expect.any(String)] });
    const second = await client.send(new ListStreamsCommand({ Limit: 1, NextToken: first.NextToken }));
    expect(second.StreamNames![0]! > first.StreamNames![0]!).toBe(true);
  });
});

describe("records", () => {
  test("come back in order with increasing sequence numbers, from the oldest, a number, a time or the newest on", async () => {
    await create("ordered");
    const numbers = [await put("ordered", "a"), await put("ordered", "b")];
    const latest = await iteratorOf(client, "ordered", { ShardIteratorType: "LATEST" });
    local.clock.turn(MINUTE_MS);
    const betweenMs = local.clock.now();
    numbers.push(await put("ordered", "c"));
    expect(numbers.toSorted((one, other) => (BigInt(one) < BigInt(other) ? -1 : 1))).toEqual(numbers);
    for (const number of numbers) expect(number).toMatch(/^\d{56}$/);

    expect(await read(client, "ordered")).toEqual(["a", "b", "c"]);
    const [, StartingSequenceNumber] = numbers;
    expect(
      await read(client, "ordered", { ShardIteratorType: "AT_SEQUENCE_NUMBER", StartingSequenceNumber }),
    ).toEqual(["b", "c"]);
    expect(
      await read(client, "ordered", { ShardIteratorType: "AFTER_SEQUENCE_NUMBER", StartingSequenceNumber }),
    ).toEqual(["c"]);
    const Timestamp = new Date(betweenMs);
    expect(await read(client, "ordered", { ShardIteratorType: "AT_TIMESTAMP", Timestamp })).toEqual(["c"]);
    local.clock.turn(SECOND_MS);
    expect(texts((await client.send(new GetRecordsCommand({ ShardIterator: latest }))).Records)).toEqual([
      "c",
    ]);
  });

  test("are read on with the next iterator, and MillisBehindLatest says how far", async () => {
    await create("behind");
    for (const text of ["a", "b"]) await put("behind", text);
    local.clock.turn(MINUTE_MS);
    const ShardIterator = await iteratorOf(client, "behind");
    const first = await client.send(new GetRecordsCommand({ ShardIterator, Limit: 1 }));
    expect(texts(first.Records)).toEqual(["a"]);
    expect(first.MillisBehindLatest).toBeGreaterThanOrEqual(MINUTE_MS);
    const second = await client.send(new GetRecordsCommand({ ShardIterator: first.NextShardIterator }));
    expect(texts(second.Records)).toEqual(["b"]);
    expect(second.MillisBehindLatest).toBe(0);
  });

  test("go to the shard of their key's hash, or of their explicit hash key", async () => {
    await create("halves", 2);
    const half = 1n << 127n;
    const { Records } = await client.send(
      new PutRecordsCommand({
        StreamName: "halves",
        Records: [
          { ...entry("low"), ExplicitHashKey: String(half - 1n) },
          { ...entry("high"), ExplicitHashKey: String(half) },
          // Their MD5 sums begin with 0c and 92.
          entry("a", "a"),
          entry("b", "b"),
        ],
      }),
    );
    expect(Records!.map(({ ShardId }) => ShardId!.at(-1))).toEqual(["0", "1", "0", "1"]);
  });

  test("expire with the stream's retention, which can be raised", async () => {
    await create("kept");
    await put("kept", "old");
    await client.send(
      new IncreaseStreamRetentionPeriodCommand({ StreamName: "kept", RetentionPeriodHours: 30 }),
    );
    local.clock.turn(29 * HOUR_MS);
    await put("kept", "new");
    expect(await read(client, "kept")).toEqual(["old", "new"]);
    local.clock.turn(2 * HOUR_MS);
    expect(await read(client, "kept")).toEqual(["new"]);
  });
});

describe("limits", () => {
  test("what a shard does not take fails by itself in PutRecords", async () => {
    await create("large");
    const Records = ["a", "b", "c"].map((text) => ({ ...entry(text), Data: Buffer.alloc(400 * 1024, text) }));
    const response = await client.send(new PutRecordsCommand({ StreamName: "large", Records }));
    expect(response).toMatchObject({
      FailedRecordCount: 1,
      Records: [
        { ShardId: shard0 },
        { ShardId: shard0 },
        {
          ErrorCode: "ProvisionedThroughputExceededException",
          ErrorMessage: `Rate exceeded for shard ${shard0} in stream large under account 000000000000.`,
        },
      ],
    });
    expect((await read(client, "large")).map((text) => text[0])).toEqual(["a", "b"]);
  });

  test("a record has at most 1 MiB with its partition key", async () => {
    const PartitionKey = "key";
    const larger = { Data: Buffer.alloc(1024 * 1024 - 2), PartitionKey };
    await expect(
      client.send(new PutRecordCommand({ StreamName: "from-template", ...larger })),
    ).rejects.toMatchObject({ name: "ValidationException" });
    const full = { Data: Buffer.alloc(1024 * 1024 - 3), PartitionKey };
    await client.send(new PutRecordCommand({ StreamName: "from-template", ...full }));
  });

  test.each([
    [
      "more than 500 records",
      () =>
        new PutRecordsCommand({
          StreamName: "from-template",
          Records: Array.from({ length: 501 }, () => entry("x")),
        }),
      "ValidationException",
    ],
    [
      "more than 5 MiB",
      () =>
        new PutRecordsCommand({
          StreamName: "from-template",
          Records: Array.from({ length: 6 }, () => ({ Data: Buffer.alloc(900 * 1024), PartitionKey: "key" })),
        }),
      "InvalidArgumentException",
    ],
  ])("PutRecords refuses %s", async (_, command, name) => {
    await expect(client.send(command())).rejects.toMatchObject({ name });
  });
});

describe("iterators and pages", () => {
  test("an iterator expires after five minutes", async () => {
    const ShardIterator = await iteratorOf(client, "from-template");
    local.clock.turn(5 * MINUTE_MS + 1);
    await expect(client.send(new GetRecordsCommand({ ShardIterator }))).rejects.toMatchObject({
      name: "ExpiredIteratorException",
    });
  });

  test.each(["nonsense", Buffer.from("{}").toString("base64")])(
    "the iterator %s is refused",
    async (ShardIterator) => {
      await expect(client.send(new GetRecordsCommand({ ShardIterator }))).rejects.toMatchObject({
        name: "InvalidArgumentException",
        message: "Invalid ShardIterator.",
      });
    },
  );

  test("a sequence number of another shard is refused", async () => {
    const { SequenceNumber, ShardId } = await client.send(
      new PutRecordCommand({ StreamName: "from-template", ...entry("x") }),
    );
    const other = ShardId === shard0 ? "shardId-000000000001" : shard0;
    const start = {
      ShardIteratorType: "AT_SEQUENCE_NUMBER",
      StartingSequenceNumber: SequenceNumber,
    } as const;
    await expect(iteratorOf(client, "from-template", start, other)).rejects.toMatchObject({
      name: "InvalidArgumentException",
    });
  });

  test("ListShards has pages and filters", async () => {
    const first = await client.send(new ListShardsCommand({ StreamName: "from-template", MaxResults: 1 }));
    expect(first.Shards).toHaveLength(1);
    const second = await client.send(new ListShardsCommand({ NextToken: first.NextToken }));
    expect(second).toMatchObject({ Shards: [{ ShardId: "shardId-000000000001" }] });
    expect(second.NextToken).toBeUndefined();
    const ShardFilter = { Type: "AFTER_SHARD_ID", ShardId: shard0 } as const;
    expect(
      (await client.send(new ListShardsCommand({ StreamName: "from-template", ShardFilter }))).Shards,
    ).toHaveLength(1);
    expect(
      (
        await client.send(
          new ListShardsCommand({ StreamName: "from-template", ShardFilter: { Type: "AT_LATEST" } }),
        )
      ).Shards,
    ).toHaveLength(2);
  });
});

test("a role does what its policy allows on the stream's ARN, and nothing else", async () => {
  await create("written");
  const writer = new KinesisHttp1Client(await local.configOf("Writer"));
  await writer.send(new PutRecordCommand({ StreamARN: arnOf("written"), ...entry("x") }));
  for (const denied of [
    writer.send(new PutRecordCommand({ StreamName: "from-template", ...entry("x") })),
    writer.send(new GetRecordsCommand({ ShardIterator: await iteratorOf(client, "written") })),
    writer.send(new DescribeStreamSummaryCommand({ StreamName: "written" })),
  ])
    await expect(denied).rejects.toMatchObject({ name: "AccessDeniedException" });
  writer.destroy();
});

test("consumers with enhanced fan-out are refused by name", async () => {
  const register = new RegisterStreamConsumerCommand({
    StreamARN: arnOf("from-template"),
    ConsumerName: "fast",
  });
  await expect(client.send(register)).rejects.toThrow(
    "Kinesis_20131202.RegisterStreamConsumer is not emulated",
  );
});
