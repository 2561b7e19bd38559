import { KinesisVideoClient, ListStreamsCommand } from "@aws-sdk/client-kinesis-video";
import { ListStreamProcessorsCommand, RekognitionClient } from "@aws-sdk/client-rekognition";
import { ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { ListSubscriptionsByTopicCommand, SNSClient } from "@aws-sdk/client-sns";
import { ListQueuesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { expect, test } from "@jest/globals";
import { provedIds } from "../../schemas/assumptions/assumptions.ts";
import type { TestStack } from "../local/stack.ts";
import { doorstep } from "./process.ts";
import { useStack } from "./stack.ts";

let stack: TestStack;
useStack((started) => void (stack = started));

/** Everything that a proof might leave, except the raw backup, which it lists. */
async function whatIsThere() {
  const { config, journey } = stack;
  const { CamerasTableName, DetectionsTopicArn, LakeBucketName, EvidenceBucketName } = journey.outputs;
  const s3 = new S3Client(config);
  const keysIn = async (Bucket: string) =>
    ((await s3.send(new ListObjectsV2Command({ Bucket }))).Contents ?? [])
      .map(({ Key = "" }) => Key)
      .filter((key) => !/^(raw|athena)\//.test(key));
  const [streams, processors, queues, subscriptions, cameras] = await Promise.all([
    new KinesisVideoClient(config).send(new ListStreamsCommand({})),
    new RekognitionClient(config).send(new ListStreamProcessorsCommand({})),
    new SQSClient(config).send(new ListQueuesCommand({})),
    new SNSClient(config).send(new ListSubscriptionsByTopicCommand({ TopicArn: DetectionsTopicArn })),
    new DynamoDBClient(config).send(new ScanCommand({ TableName: CamerasTableName })),
  ]);
  return {
    streams: streams.StreamInfoList?.length,
    processors: processors.StreamProcessors?.length,
    queues: queues.QueueUrls?.length,
    subscriptions: subscriptions.Subscriptions?.length,
    cameras: cameras.Count,
    lake: await keysIn(LakeBucketName),
    evidence: await keysIn(EvidenceBucketName),
  };
}

test("doctor --prove confirms every assumption on the local cloud, and leaves nothing but the backup", async () => {
  const before = await whatIsThere();
  // Firehose would take minutes; each record is delivered at once.
  let flushing = Promise.resolve();
  const end = stack.local.cloud.events.subscribe(({ service, name }) => {
    if (service === "firehose" && name === "record-accepted")
      flushing = flushing.then(() => stack.flushFirehose());
  });
  const { exitCode, stdout, stderr } = await doorstep(["doctor", "--prove", "--json"]);
  end();
  await flushing;
  expect(stderr).toContain(
    "✓ Firehose converts an array of JSON objects to a column of type `array<struct<…>>`.",
  );
  expect(stderr).toContain("it proves nothing about AWS");
  const proof = JSON.parse(stdout);
  expect(proof.isEmulated).toBe(true);
  expect(proof.outcomes.map(({ id, holds, seen }: never) => [id, holds, holds ? "" : seen])).toEqual(
    provedIds.map((id) => [id, true, ""]),
  );
  expect(exitCode).toBe(0);
  expect(proof.left).toEqual([
    expect.stringMatching(/\/raw\/ keeps the notifications, whose stream is …prove-\w{8}$/),
  ]);
  expect(await whatIsThere()).toEqual(before);

  const output = JSON.parse((await doorstep(["doctor", "--json"])).stdout);
  const data = (output.error?.summary ?? output).sections.find(
    ({ name }: { name: string }) => name === "data",
  );
  expect(data.findings.map(({ status, what }: Record<string, string>) => `${status}: ${what}`)).toEqual([
    "unknown: no fragments of video, from 0 of no cameras in 60 minutes",
    "unknown: no sessions started in 60 minutes",
    expect.stringMatching(/^ok: [4-9] notifications published$/),
    expect.stringMatching(
      /^ok: ([89]|1\d|20) records accepted by Firehose, ([7-9]|1[0-3]) rows delivered to the lake$/,
    ),
  ]);
});

test("doctor --prove removes what it has created when it is interrupted", async () => {
  const before = await whatIsThere();
  const stop = new AbortController();
  const end = stack.local.cloud.events.subscribe(({ service, name }) => {
    if (service === "kinesis-video" && name === "fragment-stored") stop.abort(new Error("interrupted"));
  });
  const { exitCode, stderr } = await doorstep(["doctor", "--prove"], { signal: stop.signal });
  end();
  expect(stderr).toContain("interrupted");
  expect(exitCode).toBe(1);
  expect(await whatIsThere()).toEqual(before);
});

test("doctor --prove proves what the engine frames needs in an account that streaming video is closed to", async () => {
  const before = await whatIsThere();
  const setOpen = (open: boolean) =>
    stack.local.control("POST /_doorstep/rekognition/availability", { open });
  await setOpen(false);
  const { exitCode, stdout } = await doorstep(["doctor", "--prove", "--json", "--wait", "1s"]);
  await setOpen(true);
  expect(exitCode).toBe(1);
  const { outcomes } = JSON.parse(stdout).error.summary as { outcomes: { id: string; holds?: boolean }[] };
  const holds = new Map(outcomes.map((one) => [one.id, one.holds]));
  expect(
    [
      "account-is-open",
      "empty-stream-ends",
      "persons-have-boxes",
      "pets-have-boxes",
      "packages-have-names",
      "unknown-filter-is-ignored",
    ].map((id) => holds.get(id)),
  ).toEqual([false, undefined, true, true, true, true]);
  expect(await whatIsThere()).toEqual(before);
});
