import {
  GetImagesCommand,
  KinesisVideoArchivedMediaClient,
  paginateGetImages,
  type GetImagesInput,
} from "@aws-sdk/client-kinesis-video-archived-media";
import { loadImage, createCanvas } from "@napi-rs/canvas";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Fragment } from "../../../local/kinesis-video/fragments/fragment.ts";
import { fragmentAt } from "../../../local/kinesis-video/images/sample-times.ts";
import { kinesisVideo } from "../../../local/kinesis-video/index.ts";
import { startTestCloud, type TestCloud } from "../cloud.ts";
import { createCamera, type Camera } from "./camera.ts";
import {
  framesOfFrontDoor,
  FRONT_DOOR,
  h264CodecPrivate,
  headerOf,
  pixelsOf,
  record,
  START_MS,
  type ShownFrame,
} from "./clips.ts";
import { putAll } from "./producer.ts";
import { readerTemplate } from "./reader-role.ts";
import { fragment } from "./recording.ts";

const at = (offsetMs: number) => new Date(START_MS + offsetMs);

describe("GetImages", () => {
  let local: TestCloud;
  let camera: Camera;
  let original: ShownFrame[];
  beforeAll(async () => {
    local = await startTestCloud({
      services: [kinesisVideo],
      template: readerTemplate("kinesisvideo:GetImages"),
    });
    camera = await createCamera(local);
    await record(local, camera, FRONT_DOOR);
    original = await framesOfFrontDoor();
  });
  afterAll(() => local.stop());

  const getImages = (
    input: Partial<GetImagesInput>,
    client = local.client(KinesisVideoArchivedMediaClient),
  ) =>
    client.send(
      new GetImagesCommand({
        StreamName: camera.streamName,
        ImageSelectorType: "PRODUCER_TIMESTAMP",
        StartTimestamp: at(0),
        EndTimestamp: at(0),
        Format: "PNG",
        ...input,
      }),
    );
  const read = async (content: string | undefined) => {
    const image = await loadImage(Buffer.from(content!, "base64"));
    const context = createCanvas(image.width, image.height).getContext("2d");
    context.drawImage(image, 0, 0);
    const { data, width, height } = context.getImageData(0, 0, image.width, image.height);
    return { width, height, pixels: pixelsOf(new Uint8Array(data)) };
  };

  test("returns the frame shown at each sample time, pixel for pixel, across fragments", async () => {
    const { Images, NextToken } = await getImages({ EndTimestamp: at(5000), SamplingInterval: 1250 });
    expect(NextToken).toBeUndefined();
    expect(Images!.map(({ TimeStamp }) => TimeStamp)).toEqual([
      at(0),
      at(1250),
      at(2500),
      at(3750),
      at(5000),
    ]);
    const shown = await Promise.all(Images!.map(({ ImageContent }) => read(ImageContent)));
    // 12 frames per second: 1250 ms is the start of the 16th.
    expect(shown.map(({ pixels }) => pixels)).toEqual(
      [0, 15, 30, 45, 60].map((frame) => original[frame]!.pixels),
    );
    expect(shown[0]).toMatchObject({ width: 640, height: 360 });
  });

  test("shows the frame that started before the time, up to the last one's end", async () => {
    const { Images } = await getImages({ StartTimestamp: at(15_999), EndTimestamp: at(15_999) });
    expect((await read(Images![0]!.ImageContent)).pixels).toBe(original[191]!.pixels);
  });

  test("samples every three seconds by default, including the end", async () => {
    const { Images } = await getImages({ EndTimestamp: at(6000) });
    expect(Images!.map(({ TimeStamp }) => TimeStamp)).toEqual([at(0), at(3000), at(6000)]);
  });

  test("returns the image of the start when the range is shorter than the interval", async () => {
    const { Images } = await getImages({ EndTimestamp: at(100), SamplingInterval: 20_000 });
    expect(Images).toHaveLength(1);
  });

  test("returns at most 25 images per page, and fewer when fewer are requested", async () => {
    const range = { EndTimestamp: at(15_800), SamplingInterval: 200, Format: "JPEG" } as const;
    const first = await getImages({ ...range, MaxResults: 100 });
    expect(first.Images).toHaveLength(25);
    expect(first.NextToken).toMatch(/^[a-zA-Z0-9+/]+={0,2}$/);
    expect((await getImages({ ...range, MaxResults: 3 })).Images).toHaveLength(3);

    const pages = paginateGetImages(
      { client: local.client(KinesisVideoArchivedMediaClient), pageSize: 100 },
      {
        StreamName: camera.streamName,
        ImageSelectorType: "PRODUCER_TIMESTAMP",
        StartTimestamp: at(0),
        ...range,
      },
    );
    const images = [];
    for await (const { Images } of pages) images.push(Images!);
    expect(images.map(({ length }) => length)).toEqual([25, 25, 25, 5]);
    expect(images.flat().map(({ TimeStamp }) => TimeStamp!.getTime() - START_MS)).toEqual(
      Array.from({ length: 80 }, (_, index) => index * 200),
    );
    expect(images.flat().every(({ ImageContent }) => ImageContent)).toBe(true);
  });

  test("has NO_MEDIA for times that were not recorded, and images for the others", async () => {
    const { Images } = await getImages({
      StartTimestamp: at(-1000),
      EndTimestamp: at(17_000),
      SamplingInterval: 6000,
    });
    expect(Images!.map(({ TimeStamp, Error }) => [TimeStamp!.getTime() - START_MS, Error])).toEqual([
      [-1000, "NO_MEDIA"],
      [5000, undefined],
      [11_000, undefined],
      [17_000, "NO_MEDIA"],
    ]);
  });

  test("treats a gap of up to 50 ms between fragments as rounding, and uses the newest of several fragments", () => {
    const made = (number: string, producerTimestampMs: number) =>
      ({ number, producerTimestampMs, lengthMs: 1000 }) as Fragment;
    const fragments = [made("1", 0), made("2", 1050), made("3", 2101), made("4", 2101)];
    const numberAt = (atMs: number) => fragmentAt(fragments, "PRODUCER_TIMESTAMP", atMs)?.number;
    expect([0, 999, 1049, 1050, 2049].map(numberAt)).toEqual(["1", "1", "1", "2", "2"]);
    expect([-1, 2050, 3101].map(numberAt)).toEqual([undefined, undefined, undefined]);
    expect(numberAt(2500)).toBe("4");
  });

  test("has MEDIA_ERROR for media without video", async () => {
    const broken = await createCamera(local);
    const producer = { ...broken, timecodeType: "RELATIVE" as const, producerStartMs: START_MS };
    const codecPrivate = await h264CodecPrivate();
    const garbage = { data: Uint8Array.of(0, 0, 0, 3, 0x65, 0xff, 0xff) };
    await putAll(
      producer,
      headerOf({ codecId: "V_MPEG4/ISO/AVC", codecPrivate }),
      fragment(0, [garbage, { ...garbage, atMs: 1000 }]),
    );
    await putAll(producer, headerOf({ codecId: "A_AAC" }), fragment(2000));
    const { Images } = await getImages({
      StreamName: broken.streamName,
      EndTimestamp: at(4000),
      SamplingInterval: 500,
    });
    expect(Images!.map(({ Error }) => Error)).toEqual([...Array<string>(8).fill("MEDIA_ERROR"), "NO_MEDIA"]);
  });

  test("accepts server timestamps", async () => {
    const now = local.clock.now();
    const { Images } = await getImages({
      ImageSelectorType: "SERVER_TIMESTAMP",
      StartTimestamp: new Date(now + 60_000),
      EndTimestamp: new Date(now + 60_000),
    });
    expect(Images).toEqual([{ TimeStamp: new Date(now + 60_000), Error: "NO_MEDIA" }]);

    const live = await createCamera(local);
    await record(local, live, FRONT_DOOR);
    const recorded = await getImages({
      StreamName: live.streamName,
      ImageSelectorType: "SERVER_TIMESTAMP",
      StartTimestamp: new Date(local.clock.now()),
      EndTimestamp: new Date(local.clock.now()),
    });
    // All arrived just now; the newest fragment that lasts until now is the last one.
    const { pixels } = await read(recorded.Images![0]!.ImageContent);
    expect(original.slice(168).map((frame) => frame.pixels)).toContain(pixels);
  });

  test("stretches to a width and height, keeps the ratio with a height alone, and refuses a width alone", async () => {
    const sizeOf = async (size: Partial<GetImagesInput>) => {
      const { width, height } = await read((await getImages(size)).Images![0]!.ImageContent);
      return `${width}x${height}`;
    };
    expect(await sizeOf({ WidthPixels: 100, HeightPixels: 100 })).toBe("100x100");
    expect(await sizeOf({ HeightPixels: 180 })).toBe("320x180");
    expect(await sizeOf({ WidthPixels: 3840, HeightPixels: 2160, Format: "JPEG" })).toBe("3840x2160");
    await expect(getImages({ WidthPixels: 320 })).rejects.toMatchObject({ name: "ValidationException" });
  });

  test("encodes JPEG with the requested quality, 80 by default", async () => {
    const jpeg = async (JPEGQuality?: string) => {
      const FormatConfig = JPEGQuality === undefined ? undefined : { JPEGQuality };
      const { Images } = await getImages({ Format: "JPEG", ...(FormatConfig && { FormatConfig }) });
      return Buffer.from(Images![0]!.ImageContent!, "base64");
    };
    const usual = await jpeg();
    expect(usual.subarray(0, 2)).toEqual(Buffer.of(0xff, 0xd8));
    expect(await jpeg("80")).toEqual(usual);
    expect((await jpeg("1")).length).toBeLessThan(usual.length);
    expect((await jpeg("100")).length).toBeGreaterThan(usual.length);
  });

  test.each<[string, string, Partial<GetImagesInput>]>([
    ["IllegalArgumentException", "more than 300 seconds", { EndTimestamp: at(300_001) }],
    ["InvalidArgumentException", "a range that ends before it starts", { EndTimestamp: at(-1) }],
    ["InvalidArgumentException", "a sampling interval under 200 ms", { SamplingInterval: 199 }],
    ["InvalidArgumentException", "more than 100 results", { MaxResults: 101 }],
    ["InvalidArgumentException", "a quality of 101", { FormatConfig: { JPEGQuality: "101" } }],
    ["InvalidArgumentException", "a height of 2161", { WidthPixels: 1, HeightPixels: 2161 }],
    ["InvalidArgumentException", "a token of another range", { NextToken: "eyJmcm9tTXMiOjF9" }],
    ["InvalidArgumentException", "a made-up token", { NextToken: "bWluZQ" }],
    ["ResourceNotFoundException", "an unknown stream", { StreamName: "nobody" }],
  ])("answers %s to %s", async (name, _what, input) => {
    await expect(getImages(input)).rejects.toMatchObject({ name });
  });

  test("accepts exactly 300 seconds", async () => {
    const { Images } = await getImages({ EndTimestamp: at(300_000), SamplingInterval: 300_000 });
    expect(Images!.map(({ Error }) => Error)).toEqual([undefined, "NO_MEDIA"]);
  });

  test("returns NoDataRetentionException for a stream without retention", async () => {
    const { streamName: StreamName } = await createCamera(local, 0);
    await expect(getImages({ StreamName })).rejects.toMatchObject({ name: "NoDataRetentionException" });
  });

  test("requires the role to allow kinesisvideo:GetImages on the stream", async () => {
    const role = local.resources.get("Reader")!.attributes!["Arn"] as string;
    const principal = local.cloud.access.assumeRole(role, "lambda.amazonaws.com");
    const reader = local.cloud.client(KinesisVideoArchivedMediaClient, principal);
    await expect(getImages({}, reader)).rejects.toMatchObject({ name: "AccessDeniedException" });
    const { Images } = await getImages({ StreamName: "watched" }, reader);
    expect(Images!.map(({ Error }) => Error)).toEqual(["NO_MEDIA"]);
  });
});
