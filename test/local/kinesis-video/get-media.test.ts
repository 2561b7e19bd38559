import type { Readable } from "node:stream";
import {
  DeleteStreamCommand,
  DescribeStreamCommand,
  KinesisVideoClient,
} from "@aws-sdk/client-kinesis-video";
import {
  GetMediaCommand,
  KinesisVideoMediaClient,
  type StartSelector,
} from "@aws-sdk/client-kinesis-video-media";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { kinesisVideo } from "../../../local/kinesis-video/index.ts";
import { tagsElement } from "../../../local/matroska/index.ts";
import { startTestCloud, type TestCloud } from "../cloud.ts";
import { createCamera, emitted } from "./camera.ts";
import { Producer, putAll, type ProducerOptions } from "./producer.ts";
import { fragment, header, readFragments, readParts } from "./recording.ts";

const template = {
  Resources: {
    Watched: { Type: "AWS::KinesisVideo::Stream", Properties: { Name: "watched" } },
    Watcher: {
      Type: "AWS::IAM::Role",
      Properties: {
        AssumeRolePolicyDocument: { Statement: [] },
        Policies: [
          {
            PolicyName: "watch",
            PolicyDocument: {
              Statement: {
                Effect: "Allow",
                Action: ["kinesisvideo:GetMedia", "kinesisvideo:PutMedia"],
                Resource: {
                  "Fn::Sub": "arn:aws:kinesisvideo:${AWS::Region}:${AWS::AccountId}:stream/watched/*",
                },
              },
            },
          },
        ],
      },
    },
  },
};

describe("GetMedia", () => {
  let local: TestCloud;
  let client: KinesisVideoMediaClient;
  beforeAll(async () => {
    local = await startTestCloud({ services: [kinesisVideo], template });
    client = local.client(KinesisVideoMediaClient);
  });
  afterAll(() => local.stop());

  const stream = (retentionHours?: number) => createCamera(local, retentionHours);

  async function open({ streamName: StreamName }: ProducerOptions, StartSelector: StartSelector) {
    const { Payload } = await client.send(new GetMediaCommand({ StreamName, StartSelector }));
    return Payload as AsyncIterable<Uint8Array>;
  }

  /** Timecodes of the first fragments that GetMedia returns. */
  async function read(camera: ProducerOptions, selector: StartSelector, count: number): Promise<number[]> {
    const fragments = await readFragments(await open(camera, selector), count);
    return fragments.map(({ cluster }) => cluster.timecode);
  }

  const put = (camera: ProducerOptions, ...timecodes: number[]) =>
    putAll(camera, header(), ...timecodes.map((timecode) => fragment(timecode, [{}, { atMs: 500 }])));

  test("sends each fragment's number, times and metadata before it, and the reader's position after it", async () => {
    const camera = await stream();
    const metadata = [
      { name: "motion", value: "true" },
      { name: "größe", value: "" },
    ];
    const acks = await putAll(camera, header(), tagsElement(metadata), fragment(1500), fragment(4500));
    const [first, second] = [...new Set(acks.map(({ fragmentNumber }) => fragmentNumber))];
    const parts = [];
    for await (const part of readParts(await open(camera, { StartSelectorType: "EARLIEST" }))) {
      parts.push(part);
      if (part.kind === "header" && parts.length > 1) break;
    }
    expect(parts.map(({ kind }) => kind)).toEqual([
      "header",
      "tags",
      "tags",
      "cluster-start",
      "cluster",
      "tags",
      "header",
    ]);
    expect(parts.map((part) => part.kind === "tags" && part.tags).filter(Boolean)).toEqual([
      metadata,
      [
        { name: "AWS_KINESISVIDEO_FRAGMENT_NUMBER", value: first },
        { name: "AWS_KINESISVIDEO_SERVER_TIMESTAMP", value: expect.stringMatching(/^\d{10}\.\d{3}$/) },
        { name: "AWS_KINESISVIDEO_PRODUCER_TIMESTAMP", value: "1.500" },
      ],
      [
        { name: "AWS_KINESISVIDEO_MILLIS_BEHIND_NOW", value: expect.stringMatching(/^\d+$/) },
        { name: "AWS_KINESISVIDEO_CONTINUATION_TOKEN", value: first },
      ],
    ]);
    expect(BigInt(second!)).toBeGreaterThan(BigInt(first!));
  });

  test("returns stored fragments and then each new one as it completes", async () => {
    const camera = await stream();
    await put(camera, 1000);
    const reading = readFragments(await open(camera, { StartSelectorType: "EARLIEST" }), 3);
    const producer = await Producer.connect(camera);
    producer.send(header(), fragment(2000), fragment(4000));
    expect((await reading).map(({ cluster }) => cluster.timecode)).toEqual([1000, 2000, 4000]);
    producer.hangUp();
  });

  test("starts NOW with the next fragment, also in a stream without retention", async () => {
    const camera = await stream(0);
    await put(camera, 1000);
    const reading = readFragments(await open(camera, { StartSelectorType: "NOW" }), 1);
    await put(camera, 2000);
    const [next] = await reading;
    expect(next!.cluster.timecode).toBe(2000);
  });

  test("starts after a fragment number or a continuation token", async () => {
    const camera = await stream();
    const acks = await put(camera, 1000, 2000, 3000);
    const number = acks.find(({ fragmentTimecode }) => fragmentTimecode === 1000)!.fragmentNumber!;
    expect(
      await read(camera, { StartSelectorType: "FRAGMENT_NUMBER", AfterFragmentNumber: number }, 2),
    ).toEqual([2000, 3000]);
    expect(
      await read(camera, { StartSelectorType: "CONTINUATION_TOKEN", ContinuationToken: number }, 2),
    ).toEqual([2000, 3000]);
  });

  test("starts at the fragment that contains a producer timestamp, whatever its connection", async () => {
    const camera = await stream();
    await put(camera, 60_000, 61_000);
    await put(camera, 10_000, 11_000);
    const at = (ms: number): StartSelector => ({
      StartSelectorType: "PRODUCER_TIMESTAMP",
      StartTimestamp: new Date(ms),
    });
    expect(await read(camera, at(11_400), 1)).toEqual([11_000]);
    expect(await read(camera, at(61_000), 2)).toEqual([61_000, 10_000]);
  });

  test("waits for a producer timestamp in the future", async () => {
    const camera = await stream();
    await put(camera, 1000);
    const selector = { StartSelectorType: "PRODUCER_TIMESTAMP", StartTimestamp: new Date(5000) } as const;
    const reading = read(camera, selector, 2);
    await put(camera, 3000, 5000, 7000);
    expect(await reading).toEqual([5000, 7000]);
  });

  test("starts at a server timestamp", async () => {
    const camera = await stream();
    await put(camera, 1000);
    local.clock.turn(60_000);
    const StartTimestamp = new Date(local.clock.now());
    await put(camera, 2000);
    expect(await read(camera, { StartSelectorType: "SERVER_TIMESTAMP", StartTimestamp }, 1)).toEqual([2000]);
  });

  test("sends an in-band error for a fragment that does not exist, and ends", async () => {
    const camera = await stream();
    await put(camera, 1000);
    const tags: unknown[] = [];
    const selector = { StartSelectorType: "FRAGMENT_NUMBER", AfterFragmentNumber: "4711" } as const;
    for await (const part of errorParts(await open(camera, selector))) tags.push(part);
    expect(tags).toEqual([
      { name: "AWS_KINESISVIDEO_ERROR_CODE", value: "FRAGMENT_NOT_FOUND" },
      { name: "AWS_KINESISVIDEO_ERROR_ID", value: "4000" },
    ]);
  });

  test("ends when the stream is deleted", async () => {
    const camera = await stream();
    await put(camera, 1000);
    const reading = readParts(await open(camera, { StartSelectorType: "EARLIEST" }));
    for (let kind; kind !== "cluster";) kind = ((await reading.next()).value as { kind: string }).kind;
    const waiting = await open(camera, { StartSelectorType: "NOW" });
    await local.client(KinesisVideoClient).send(new DeleteStreamCommand({ StreamARN: camera.arn }));
    for await (const { kind } of reading) expect(kind).toBe("tags");
    for await (const chunk of waiting) expect(chunk).toHaveLength(0);
  });

  test("does not let a reader that reads nothing block the deletion of a stream", async () => {
    const camera = await stream();
    await putAll(camera, header(), fragment(1000, [{ data: new Uint8Array(12_000_000) }]));
    const payload = (await open(camera, { StartSelectorType: "EARLIEST" })) as Readable;
    await new Promise<void>((resolve) => {
      let receivedBytes = 0;
      payload.on("data", (chunk: Uint8Array) => {
        receivedBytes += chunk.length;
        if (receivedBytes > 10_000) resolve(void payload.pause());
      });
    });
    const control = local.client(KinesisVideoClient);
    const deleted = control.send(new DeleteStreamCommand({ StreamARN: camera.arn }));
    const describe = new DescribeStreamCommand({ StreamName: camera.streamName });
    for (let error = ""; error !== "ResourceNotFoundException";)
      error = await control.send(describe).then(
        () => "",
        ({ name }: Error) => name,
      );
    local.clock.turn(2000);
    expect(await deleted).toMatchObject({ $metadata: { httpStatusCode: 200 } });
    payload.destroy();
  });

  test("refuses a fourth reader until another one ends", async () => {
    const camera = await stream();
    const readers = [];
    for (let count = 0; count < 3; count++)
      readers.push((await open(camera, { StartSelectorType: "NOW" })) as Readable);
    const fourth = () => open(camera, { StartSelectorType: "NOW" });
    await expect(fourth()).rejects.toMatchObject({
      name: "ConnectionLimitExceededException",
      $metadata: { httpStatusCode: 400 },
    });
    const closed = emitted(local, "get-media-ended", camera);
    readers[0]!.destroy();
    await closed;
    await put(camera, 1000);
    const reading = readFragments(await fourth(), 1);
    await put(camera, 2000);
    expect(await reading).toHaveLength(1);
  });

  test.each<[string, StartSelector, RegExp]>([
    ["no number", { StartSelectorType: "FRAGMENT_NUMBER" }, /AfterFragmentNumber/],
    [
      "a number with letters",
      { StartSelectorType: "FRAGMENT_NUMBER", AfterFragmentNumber: "a" },
      /AfterFragmentNumber/,
    ],
    ["no timestamp", { StartSelectorType: "PRODUCER_TIMESTAMP" }, /StartTimestamp/],
    ["no token", { StartSelectorType: "CONTINUATION_TOKEN" }, /ContinuationToken/],
    ["an unknown type", { StartSelectorType: "YESTERDAY" as "NOW" }, /StartSelectorType/],
  ])("refuses a start selector with %s", async (_what, selector, message) => {
    await expect(open(await stream(), selector)).rejects.toMatchObject({
      name: "InvalidArgumentException",
      message: expect.stringMatching(message),
    });
  });

  test("does not find a stream that does not exist", async () => {
    const nowhere = { endpoint: local.endpoint, streamName: "nowhere" };
    await expect(open(nowhere, { StartSelectorType: "NOW" })).rejects.toMatchObject({
      name: "ResourceNotFoundException",
      $metadata: { httpStatusCode: 404 },
    });
  });

  test("lets a role read and write the streams in its policy, and no other", async () => {
    const RoleArn = local.resources.get("Watcher")!.attributes!["Arn"]!;
    const command = new AssumeRoleCommand({ RoleArn, RoleSessionName: "watcher" });
    const { Credentials } = await local.client(STSClient).send(command);
    const credentials = {
      accessKeyId: Credentials!.AccessKeyId!,
      secretAccessKey: Credentials!.SecretAccessKey!,
      sessionToken: Credentials!.SessionToken!,
    };
    const watcher = new KinesisVideoMediaClient({
      region: "us-east-1",
      endpoint: local.endpoint,
      credentials,
    });
    const StartSelector = { StartSelectorType: "EARLIEST" } as const;
    const watched = { endpoint: local.endpoint, streamName: "watched", credentials };
    expect(await put(watched, 1000)).toHaveLength(2);
    const { Payload } = await watcher.send(new GetMediaCommand({ StreamName: "watched", StartSelector }));
    expect(await readFragments(Payload, 1)).toHaveLength(1);

    const other = await stream();
    await expect(
      watcher.send(new GetMediaCommand({ StreamName: other.streamName, StartSelector })),
    ).rejects.toMatchObject({ name: "AccessDeniedException" });
    const producer = await Producer.connect({ ...other, credentials });
    expect([producer.status, producer.errorType]).toEqual([403, "AccessDeniedException"]);
    producer.hangUp();
    watcher.destroy();
  });
});

/** Tags of a payload that has no tracks. */
async function* errorParts(payload: AsyncIterable<Uint8Array>) {
  for await (const part of readParts(payload)) if (part.kind === "tags") yield* part.tags;
}
