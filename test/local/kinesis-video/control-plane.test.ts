import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateStreamCommand,
  DeleteStreamCommand,
  DescribeStreamCommand,
  DescribeStreamStorageConfigurationCommand,
  GetDataEndpointCommand,
  KinesisVideoClient,
  ListStreamsCommand,
  ListTagsForStreamCommand,
  TagStreamCommand,
  UntagStreamCommand,
  UpdateDataRetentionCommand,
  UpdateStreamCommand,
  UpdateStreamStorageConfigurationCommand,
} from "@aws-sdk/client-kinesis-video";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { kinesisVideo, kinesisVideoWith } from "../../../local/kinesis-video/index.ts";
import { startTestCloud, type TestCloud } from "../cloud.ts";

const template = {
  Resources: {
    Camera: {
      Type: "AWS::KinesisVideo::Stream",
      Properties: {
        Name: "template-camera",
        DataRetentionInHours: "24",
        MediaType: "video/h264",
        DeviceName: "porch",
        KmsKeyId: "alias/video",
        StreamStorageConfiguration: { DefaultStorageTier: "WARM" },
        Tags: [{ Key: "room", Value: "porch" }],
      },
    },
    Unnamed: { Type: "AWS::KinesisVideo::Stream", Properties: {} },
  },
};

describe("Kinesis Video's control plane", () => {
  let local: TestCloud;
  let client: KinesisVideoClient;
  beforeAll(async () => {
    local = await startTestCloud({ services: [kinesisVideo], template });
    client = local.client(KinesisVideoClient);
  });
  afterAll(() => local.stop());

  const create = (StreamName: string, DataRetentionInHours?: number) =>
    client.send(new CreateStreamCommand({ StreamName, DataRetentionInHours }));
  const info = async (StreamName: string) =>
    (await client.send(new DescribeStreamCommand({ StreamName }))).StreamInfo!;

  const storageTier = async (StreamName: string) =>
    (await client.send(new DescribeStreamStorageConfigurationCommand({ StreamName })))
      .StreamStorageConfiguration!.DefaultStorageTier;

  test("creates a stream whose ARN ends in its creation time, active at once and without retention by default", async () => {
    const { StreamARN } = await create("front-door");
    const stream = await info("front-door");
    expect(StreamARN).toBe(
      `arn:aws:kinesisvideo:us-east-1:000000000000:stream/front-door/${stream.CreationTime!.getTime()}`,
    );
    expect(stream).toEqual({
      StreamName: "front-door",
      StreamARN,
      CreationTime: expect.any(Date),
      DataRetentionInHours: 0,
      KmsKeyId: "arn:aws:kms:us-east-1:000000000000:alias/aws/kinesisvideo",
      Status: "ACTIVE",
      Version: expect.stringMatching(/^[0-9a-f]{20}$/),
    });
    expect((await client.send(new DescribeStreamCommand({ StreamARN }))).StreamInfo).toEqual(stream);
  });

  test("creates the template's streams with every property", async () => {
    expect(await info("template-camera")).toMatchObject({
      StreamARN: local.resources.get("Camera")!.attributes!["Arn"],
      DataRetentionInHours: 24,
      MediaType: "video/h264",
      DeviceName: "porch",
      KmsKeyId: "alias/video",
    });
    const { Tags } = await client.send(new ListTagsForStreamCommand({ StreamName: "template-camera" }));
    expect(Tags).toEqual({ room: "porch" });
    expect(await storageTier("template-camera")).toBe("WARM");
    expect(local.resources.get("Unnamed")!.ref).toMatch(/^doorstep-test-Unnamed-[0-9a-f]{12}$/);
  });

  test("refuses a stream beyond the account's quota until another is deleted", async () => {
    const small = await startTestCloud({ services: [kinesisVideoWith({ maxStreams: 2 })] });
    try {
      const video = small.client(KinesisVideoClient);
      const make = (StreamName: string) => video.send(new CreateStreamCommand({ StreamName }));
      const { StreamARN } = await make("one");
      await make("two");
      await expect(make("three")).rejects.toMatchObject({
        name: "AccountStreamLimitExceededException",
        $metadata: { httpStatusCode: 400 },
      });
      await video.send(new DeleteStreamCommand({ StreamARN }));
      await make("three");
    } finally {
      await small.stop();
    }
  });

  test("refuses a second stream of the same name", async () => {
    await create("twice");
    await expect(create("twice")).rejects.toMatchObject({ name: "ResourceInUseException" });
  });

  test.each([
    ["a name with a slash", { StreamName: "a/b" }, /^StreamName: /],
    ["a name of 257 characters", { StreamName: "a".repeat(257) }, /^StreamName: /],
    ["a negative retention", { StreamName: "a", DataRetentionInHours: -1 }, /^DataRetentionInHours: /],
    [
      "a retention of over ten years",
      { StreamName: "a", DataRetentionInHours: 87_601 },
      /^DataRetentionInHours: /,
    ],
    ["a media type without a slash", { StreamName: "a", MediaType: "h264" }, /^MediaType: /],
    [
      "an unknown storage tier",
      { StreamName: "a", StreamStorageConfiguration: { DefaultStorageTier: "COLD" as "WARM" } },
      /^StreamStorageConfiguration.DefaultStorageTier: /,
    ],
  ])("refuses %s, naming the member", async (_what, input, message) => {
    await expect(client.send(new CreateStreamCommand(input))).rejects.toMatchObject({
      name: "InvalidArgumentException",
      message: expect.stringMatching(message),
      $metadata: { httpStatusCode: 400 },
    });
  });

  test("does not find a stream that does not exist, nor one by another creation time", async () => {
    await create("known");
    const notFound = { name: "ResourceNotFoundException", $metadata: { httpStatusCode: 404 } };
    await expect(info("unknown")).rejects.toMatchObject(notFound);
    const StreamARN = "arn:aws:kinesisvideo:us-east-1:000000000000:stream/known/1500000000000";
    await expect(client.send(new DescribeStreamCommand({ StreamARN }))).rejects.toMatchObject(notFound);
  });

  test("requires exactly one of the stream's name and ARN", async () => {
    const { StreamARN } = await create("named-once");
    for (const input of [{}, { StreamName: "named-once", StreamARN }])
      await expect(client.send(new DescribeStreamCommand(input))).rejects.toMatchObject({
        name: "InvalidArgumentException",
        message: "give exactly one of StreamName and StreamARN",
      });
  });

  test("lists streams by the prefix of their names, in pages", async () => {
    for (const name of ["list-c", "list-a", "list-b", "other"]) await create(name);
    const StreamNameCondition = { ComparisonOperator: "BEGINS_WITH", ComparisonValue: "list-" } as const;
    const first = await client.send(new ListStreamsCommand({ StreamNameCondition, MaxResults: 2 }));
    expect(first.StreamInfoList!.map(({ StreamName }) => StreamName)).toEqual(["list-a", "list-b"]);
    const second = await client.send(
      new ListStreamsCommand({ StreamNameCondition, MaxResults: 2, NextToken: first.NextToken }),
    );
    expect(second.StreamInfoList!.map(({ StreamName }) => StreamName)).toEqual(["list-c"]);
    expect(second.NextToken).toBeUndefined();
    await expect(client.send(new ListStreamsCommand({ NextToken: "mine" }))).rejects.toMatchObject({
      name: "InvalidArgumentException",
    });
  });

  test("returns the local cloud's endpoint for every data API and refuses an unknown one", async () => {
    await create("endpoint");
    for (const APIName of [
      "PUT_MEDIA",
      "GET_MEDIA",
      "LIST_FRAGMENTS",
      "GET_MEDIA_FOR_FRAGMENT_LIST",
    ] as const)
      expect(
        await client.send(new GetDataEndpointCommand({ StreamName: "endpoint", APIName })),
      ).toMatchObject({ DataEndpoint: local.endpoint });
    await expect(
      client.send(new GetDataEndpointCommand({ StreamName: "endpoint", APIName: "GET_MOVIE" as "GET_CLIP" })),
    ).rejects.toMatchObject({ name: "InvalidArgumentException" });
    await expect(
      client.send(new GetDataEndpointCommand({ StreamName: "nowhere", APIName: "GET_MEDIA" })),
    ).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  });

  test("changes the retention by a difference, for the current version only", async () => {
    await create("retention", 5);
    const { Version: CurrentVersion } = await info("retention");
    const change = (
      Operation: "INCREASE_DATA_RETENTION" | "DECREASE_DATA_RETENTION",
      hours: number,
      version = CurrentVersion,
    ) =>
      client.send(
        new UpdateDataRetentionCommand({
          StreamName: "retention",
          CurrentVersion: version,
          Operation,
          DataRetentionChangeInHours: hours,
        }),
      );
    await change("INCREASE_DATA_RETENTION", 3);
    const { DataRetentionInHours, Version } = await info("retention");
    expect(DataRetentionInHours).toBe(8);
    await expect(change("DECREASE_DATA_RETENTION", 1)).rejects.toMatchObject({
      name: "VersionMismatchException",
    });
    await expect(change("DECREASE_DATA_RETENTION", 9, Version)).rejects.toMatchObject({
      name: "InvalidArgumentException",
      message:
        "DataRetentionChangeInHours is 9, which would make the retention of 8 hours -1; expected 0..87600",
    });
    await expect(change("DECREASE_DATA_RETENTION", 0, Version)).rejects.toMatchObject({
      name: "InvalidArgumentException",
      message: expect.stringMatching(/^DataRetentionChangeInHours: /),
    });
    await change("DECREASE_DATA_RETENTION", 8, Version);
    expect((await info("retention")).DataRetentionInHours).toBe(0);
  });

  test("adds up to fifty tags and does not change the version", async () => {
    await create("tagged");
    const { Version } = await info("tagged");
    await client.send(new TagStreamCommand({ StreamName: "tagged", Tags: { room: "hall", floor: "1" } }));
    await client.send(new TagStreamCommand({ StreamName: "tagged", Tags: { room: "porch" } }));
    const { Tags } = await client.send(new ListTagsForStreamCommand({ StreamName: "tagged" }));
    expect(Tags).toEqual({ room: "porch", floor: "1" });
    expect((await info("tagged")).Version).toBe(Version);
    const fortyNine = Object.fromEntries(Array.from({ length: 49 }, (_, index) => [`key-${index}`, ""]));
    await expect(
      client.send(new TagStreamCommand({ StreamName: "tagged", Tags: fortyNine })),
    ).rejects.toMatchObject({ name: "TagsPerResourceExceededLimitException" });
  });

  test("removes tags by their keys and ignores unknown keys", async () => {
    const StreamName = "untagged";
    await create(StreamName);
    await client.send(new TagStreamCommand({ StreamName, Tags: { room: "hall", floor: "1", side: "" } }));
    await client.send(new UntagStreamCommand({ StreamName, TagKeyList: ["room", "side", "roof"] }));
    const { Tags } = await client.send(new ListTagsForStreamCommand({ StreamName }));
    expect(Tags).toEqual({ floor: "1" });
    for (const TagKeyList of [[], Array<string>(51).fill("a"), ["a*"]])
      await expect(client.send(new UntagStreamCommand({ StreamName, TagKeyList }))).rejects.toMatchObject({
        name: "InvalidArgumentException",
        message: expect.stringMatching(/^TagKeyList/),
      });
  });

  test("changes the device name and the media type, for the current version only, and keeps the rest", async () => {
    const StreamName = "updated";
    await create(StreamName, 3);
    const before = await info(StreamName);
    const update = (CurrentVersion: string, change: { DeviceName?: string; MediaType?: string }) =>
      client.send(new UpdateStreamCommand({ StreamName, CurrentVersion, ...change }));
    await update(before.Version!, { DeviceName: "porch", MediaType: "video/h264" });
    const after = await info(StreamName);
    expect(after).toEqual({
      ...before,
      DeviceName: "porch",
      MediaType: "video/h264",
      Version: expect.not.stringMatching(before.Version!),
    });
    await expect(update(before.Version!, { DeviceName: "hall" })).rejects.toMatchObject({
      name: "VersionMismatchException",
    });
    await update(after.Version!, { MediaType: "video/h265" });
    expect(await info(StreamName)).toMatchObject({ DeviceName: "porch", MediaType: "video/h265" });
    await expect(update(after.Version!, { MediaType: "h264" })).rejects.toMatchObject({
      name: "InvalidArgumentException",
    });
  });

  test("has streams in the HOT tier by default", async () => {
    const [hot, warm] = ["hot", "warm"];
    await create(hot);
    expect(await storageTier(hot)).toBe("HOT");
    const StreamStorageConfiguration = { DefaultStorageTier: "WARM" } as const;
    await client.send(new CreateStreamCommand({ StreamName: warm, StreamStorageConfiguration }));
    expect(await storageTier(warm)).toBe("WARM");
    const { Version: CurrentVersion } = await info(hot);
    const command = () =>
      client.send(
        new UpdateStreamStorageConfigurationCommand({
          StreamName: hot,
          CurrentVersion,
          StreamStorageConfiguration,
        }),
      );
    await command();
    expect(await storageTier(hot)).toBe("WARM");
    await expect(command()).rejects.toMatchObject({ name: "VersionMismatchException" });
  });

  test("deletes a stream by its ARN, if the given version is the current one", async () => {
    const { StreamARN } = await create("deleted");
    await expect(
      client.send(new DeleteStreamCommand({ StreamARN, CurrentVersion: "abc" })),
    ).rejects.toMatchObject({ name: "VersionMismatchException" });
    await client.send(new DeleteStreamCommand({ StreamARN }));
    await expect(info("deleted")).rejects.toMatchObject({ name: "ResourceNotFoundException" });
    await expect(client.send(new DeleteStreamCommand({ StreamARN }))).rejects.toMatchObject({
      name: "ResourceNotFoundException",
    });
  });

  test("updates a stream to a changed template at the next start", async () => {
    const dataFolder = mkdtempSync(join(tmpdir(), "doorstep-kinesis-video-"));
    const startWith = async (DataRetentionInHours: number) => {
      const Properties = { Name: "changing", DataRetentionInHours };
      const Resources = { Changing: { Type: "AWS::KinesisVideo::Stream", Properties } };
      const cloud = await startTestCloud({ services: [kinesisVideo], template: { Resources }, dataFolder });
      const command = new DescribeStreamCommand({ StreamName: "changing" });
      const { StreamInfo } = await cloud.client(KinesisVideoClient).send(command);
      await cloud.stop();
      return StreamInfo!;
    };
    const [first, second, third] = [await startWith(1), await startWith(1), await startWith(2)];
    rmSync(dataFolder, { recursive: true });
    expect(second).toEqual(first);
    expect(third).toEqual({
      ...first,
      DataRetentionInHours: 2,
      Version: expect.not.stringMatching(first.Version!),
    });
  });

  test("accepts names that a file system would not", async () => {
    for (const name of ["..", "a".repeat(256)]) {
      await create(name, 1);
      expect((await info(name)).StreamName).toBe(name);
    }
  });
});
