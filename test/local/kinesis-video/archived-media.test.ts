import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DescribeStreamCommand, KinesisVideoClient } from "@aws-sdk/client-kinesis-video";
import {
  GetMediaForFragmentListCommand,
  KinesisVideoArchivedMediaClient,
  ListFragmentsCommand,
  type ListFragmentsInput,
} from "@aws-sdk/client-kinesis-video-archived-media";
import { GetMediaCommand, KinesisVideoMediaClient } from "@aws-sdk/client-kinesis-video-media";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { kinesisVideo } from "../../../local/kinesis-video/index.ts";
import { tagsElement } from "../../../local/matroska/index.ts";
import { startTestCloud, type TestCloud } from "../cloud.ts";
import { putAll } from "./producer.ts";
import { fragment, header, readFragments, readParts } from "./recording.ts";

const template = {
  Resources: {
    Kept: { Type: "AWS::KinesisVideo::Stream", Properties: { Name: "kept", DataRetentionInHours: 24 } },
    Buffered: { Type: "AWS::KinesisVideo::Stream", Properties: { Name: "buffered" } },
  },
};

describe("archived media", () => {
  const dataFolder = mkdtempSync(join(tmpdir(), "doorstep-kinesis-video-"));
  let local: TestCloud;
  let numbers: string[];
  beforeAll(async () => {
    local = await startTestCloud({ services: [kinesisVideo], template, dataFolder });
    const acks = await putAll(
      { endpoint: local.endpoint, streamName: "kept" },
      header(),
      tagsElement([{ name: "motion", value: "true" }]),
      ...[0, 2000, 4000, 6000].map((timecode) => fragment(timecode, [{}, { atMs: 1000 }])),
    );
    numbers = acks.filter(({ eventType }) => eventType === "PERSISTED").map((ack) => ack.fragmentNumber!);
  });
  afterAll(async () => {
    await local.stop();
    rmSync(dataFolder, { recursive: true });
  });

  const archive = () => local.client(KinesisVideoArchivedMediaClient);
  const list = (input: ListFragmentsInput) =>
    archive().send(new ListFragmentsCommand({ StreamName: "kept", ...input }));
  const range = (startMs: number, endMs: number) => ({
    FragmentSelectorType: "PRODUCER_TIMESTAMP" as const,
    TimestampRange: { StartTimestamp: new Date(startMs), EndTimestamp: new Date(endMs) },
  });

  test("lists the fragments that start in a time range, both ends included", async () => {
    const { Fragments, NextToken } = await list({ FragmentSelector: range(1000, 4000) });
    expect(NextToken).toBeUndefined();
    expect(Fragments).toEqual(
      [1, 2].map((index) => ({
        FragmentNumber: numbers[index],
        FragmentSizeInBytes: header().length + fragment(2000).length,
        ProducerTimestamp: new Date(index * 2000),
        ServerTimestamp: expect.any(Date),
        FragmentLengthInMilliseconds: 2000,
      })),
    );
  });

  test("lists by server timestamp", async () => {
    const server = (startMs: number, endMs: number) =>
      list({ FragmentSelector: { ...range(startMs, endMs), FragmentSelectorType: "SERVER_TIMESTAMP" } });
    const now = local.clock.now();
    expect((await server(now - 60_000, now)).Fragments).toHaveLength(4);
    expect((await server(now + 1, now + 60_000)).Fragments).toEqual([]);
  });

  test("lists in pages, with the selector only for the first", async () => {
    const first = await list({ FragmentSelector: range(0, 9000), MaxResults: 3 });
    const second = await list({ NextToken: first.NextToken, MaxResults: 3 });
    expect([...first.Fragments!, ...second.Fragments!].map((one) => one.FragmentNumber)).toEqual(numbers);
    expect(second.NextToken).toBeUndefined();
  });

  test.each<[string, ListFragmentsInput]>([
    ["neither selector nor token", {}],
    ["a made-up token", { NextToken: "bWluZQ" }],
    ["more than 1000 results", { FragmentSelector: range(0, 1), MaxResults: 1001 }],
    ["a range that ends before it starts", { FragmentSelector: range(2, 1) }],
  ])("refuses to list with %s", async (_what, input) => {
    await expect(list(input)).rejects.toMatchObject({ name: "InvalidArgumentException" });
  });

  test("returns the media of the requested fragments, in the list's order, with the tags of this API", async () => {
    const Fragments = [numbers[2]!, numbers[0]!];
    const command = new GetMediaForFragmentListCommand({ StreamName: "kept", Fragments });
    const fragments = await readFragments((await archive().send(command)).Payload);
    expect(fragments.map(({ cluster, tags }) => [cluster.timecode, tags])).toEqual([
      [
        4000,
        {
          AWS_KINESISVIDEO_FRAGMENT_NUMBER: numbers[2],
          AWS_KINESISVIDEO_SERVER_SIDE_TIMESTAMP: expect.stringMatching(/^\d{10}\.\d{3}$/),
          AWS_KINESISVIDEO_PRODUCER_SIDE_TIMESTAMP: "4.000",
        },
      ],
      [0, expect.objectContaining({ motion: "true", AWS_KINESISVIDEO_FRAGMENT_NUMBER: numbers[0] })],
    ]);
  });

  test("ends at a fragment that does not exist and names it", async () => {
    const Fragments = [numbers[1]!, "4711", numbers[2]!];
    const command = new GetMediaForFragmentListCommand({ StreamName: "kept", Fragments });
    const parts = [];
    const { Payload } = await archive().send(command);
    for await (const part of readParts(Payload as AsyncIterable<Uint8Array>)) parts.push(part);
    expect(parts.filter(({ kind }) => kind === "cluster")).toHaveLength(1);
    expect(parts.at(-1)).toMatchObject({
      tags: [
        { name: "AWS_KINESISVIDEO_FRAGMENT_NUMBER", value: "4711" },
        { name: "AWS_KINESISVIDEO_EXCEPTION_ERROR_CODE", value: "4000" },
        { name: "AWS_KINESISVIDEO_EXCEPTION_MESSAGE", value: "Requested fragment is not found" },
      ],
    });
  });

  test("refuses a list of no fragments and of more than a thousand", async () => {
    for (const Fragments of [[], Array<string>(1001).fill("1")])
      await expect(
        archive().send(new GetMediaForFragmentListCommand({ StreamName: "kept", Fragments })),
      ).rejects.toMatchObject({ name: "InvalidArgumentException" });
  });

  test("has no archive for a stream without retention, whose fragments leave the buffer after five minutes", async () => {
    const StreamName = "buffered";
    await putAll({ endpoint: local.endpoint, streamName: StreamName }, header(), fragment(1000));
    await expect(list({ StreamName, FragmentSelector: range(0, 9000) })).rejects.toMatchObject({
      name: "ResourceNotFoundException",
    });
    await expect(
      archive().send(new GetMediaForFragmentListCommand({ StreamName, Fragments: ["1"] })),
    ).rejects.toMatchObject({ name: "ResourceNotFoundException" });
    const earliest = async () => {
      const StartSelector = { StartSelectorType: "EARLIEST" } as const;
      const command = new GetMediaCommand({ StreamName, StartSelector });
      return (await local.client(KinesisVideoMediaClient).send(command)).Payload;
    };
    expect((await readFragments(await earliest(), 1))[0]!.cluster.timecode).toBe(1000);
    local.clock.turn(5 * 60_000 + 1);
    const reading = earliest().then((payload) => readFragments(payload, 1));
    await putAll({ endpoint: local.endpoint, streamName: StreamName }, header(), fragment(2000));
    expect((await reading)[0]!.cluster.timecode).toBe(2000);
  });

  test("keeps fragments over a restart, drops an incomplete one, and continues the numbers", async () => {
    const info = async () =>
      (await local.client(KinesisVideoClient).send(new DescribeStreamCommand({ StreamName: "kept" })))
        .StreamInfo;
    const before = await info();
    const all = range(0, 9000);
    const { Fragments } = await list({ FragmentSelector: all });
    await local.stop();

    const folder = join(dataFolder, "kinesis-video", `kept-${before!.CreationTime!.getTime()}`);
    writeFileSync(join(folder, `${"9".repeat(47)}.cluster.part`), "half a fragm");
    writeFileSync(join(folder, `${"9".repeat(47)}.cluster`), "a fragment that was not in the index yet");
    rmSync(join(folder, `${numbers[3]}.cluster`));
    local = await startTestCloud({ services: [kinesisVideo], template, dataFolder });

    expect(await info()).toEqual(before);
    expect((await list({ FragmentSelector: all })).Fragments).toEqual(Fragments!.slice(0, 3));
    expect(
      readdirSync(folder)
        .filter((file) => !file.endsWith(".header"))
        .toSorted(),
    ).toEqual(numbers.slice(0, 3).map((number) => `${number}.cluster`));
    const command = new GetMediaForFragmentListCommand({
      StreamName: "kept",
      Fragments: numbers.slice(0, 3),
    });
    const fragments = await readFragments((await archive().send(command)).Payload);
    expect(fragments.map(({ cluster }) => Buffer.from(cluster.bytes))).toEqual(
      [0, 2000, 4000].map((timecode) => Buffer.from(fragment(timecode))),
    );
    const [ack] = await putAll({ endpoint: local.endpoint, streamName: "kept" }, header(), fragment(8000));
    expect(BigInt(ack!.fragmentNumber!)).toBeGreaterThan(BigInt(numbers[3]!));
  });
});
