import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  GetClipCommand,
  KinesisVideoArchivedMediaClient,
  type ClipFragmentSelectorType,
} from "@aws-sdk/client-kinesis-video-archived-media";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { clipFragments } from "../../../local/kinesis-video/clip/clip.ts";
import type { Fragment } from "../../../local/kinesis-video/fragments/fragment.ts";
import { kinesisVideo } from "../../../local/kinesis-video/index.ts";
import { makeClip } from "../../uploader/synthetic-clips.ts";
import { fragmentsInRange } from "../../../local/kinesis-video/fragments/select-fragments.ts";
import { startTestCloud, type TestCloud } from "../cloud.ts";
import { createCamera, type Camera } from "./camera.ts";
import {
  drawClip,
  framesOf,
  framesOfFrontDoor,
  FRONT_DOOR,
  h264CodecPrivate,
  headerOf,
  packetsOf,
  record,
  START_MS,
} from "./clips.ts";
import { putAll } from "./producer.ts";
import { fragment } from "./recording.ts";
import { readerTemplate } from "./reader-role.ts";

/** One NAL unit of five bytes after its length. */
const frameData = Uint8Array.of(0, 0, 0, 5, 0x65, 1, 2, 3, 4);
const frames = [{ data: frameData }, { atMs: 1000, data: frameData }];

describe("GetClip", () => {
  const folder = mkdtempSync(join(tmpdir(), "doorstep-clip-"));
  let local: TestCloud;
  let camera: Camera;
  beforeAll(async () => {
    local = await startTestCloud({
      services: [kinesisVideo],
      template: readerTemplate("kinesisvideo:GetClip"),
    });
    camera = await createCamera(local);
    await record(local, camera, FRONT_DOOR);
  });
  afterAll(async () => {
    await local.stop();
    rmSync(folder, { recursive: true });
  });

  const selector = (fromMs: number, toMs: number, type: ClipFragmentSelectorType = "PRODUCER_TIMESTAMP") => ({
    FragmentSelectorType: type,
    TimestampRange: { StartTimestamp: new Date(fromMs), EndTimestamp: new Date(toMs) },
  });
  const getClip = async (
    { streamName }: Camera,
    ClipFragmentSelector = selector(START_MS, START_MS + 60_000),
    client = local.client(KinesisVideoArchivedMediaClient),
  ) => {
    const answer = await client.send(new GetClipCommand({ StreamName: streamName, ClipFragmentSelector }));
    return { contentType: answer.ContentType, bytes: await answer.Payload!.transformToByteArray() };
  };
  const refusal = (name: string, message?: RegExp) =>
    expect.objectContaining({ name, ...(message && { message: expect.stringMatching(message) }) });

  test("returns the uploaded video as an MP4, frame for frame", async () => {
    const { contentType, bytes } = await getClip(camera);
    expect(contentType).toBe("video/mp4");
    expect(Buffer.from(bytes.subarray(4, 8)).toString()).toBe("ftyp");
    const original = await framesOfFrontDoor();
    expect(original).toHaveLength(192);
    expect(await framesOf(bytes)).toEqual(original);
  });

  test("returns whole fragments: those that start in the range, both ends included", async () => {
    const { bytes } = await getClip(camera, selector(START_MS + 1999, START_MS + 6000));
    const original = await framesOfFrontDoor();
    expect(await framesOf(bytes)).toEqual(
      original.slice(24, 96).map(({ atMs, pixels }) => ({ atMs: atMs - 2000, pixels })),
    );
    const { bytes: later } = await getClip(camera, selector(START_MS + 2001, START_MS + 5999));
    expect((await framesOf(later)).map(({ pixels }) => pixels)).toEqual(
      original.slice(48, 72).map(({ pixels }) => pixels),
    );
  });

  test("selects by server timestamp, and joins fragments that arrived faster than they play", async () => {
    const now = local.clock.now();
    const { bytes } = await getClip(camera, selector(now - 600_000, now - 1, "SERVER_TIMESTAMP"));
    expect(await framesOf(bytes)).toEqual(await framesOfFrontDoor());
  });

  test("keeps audio", async () => {
    const file = await drawClip(join(folder, "sound.mp4"), { durationS: 3, withSound: true });
    const recorded = await createCamera(local);
    await record(local, recorded, file);
    const { bytes } = await getClip(recorded);
    const [video, audio] = await packetsOf(bytes);
    const [sentVideo, sentAudio] = await packetsOf(file);
    expect(video).toEqual(sentVideo);
    expect(audio).toMatchObject({ type: "audio", codec: "aac" });
    // The last packet of the file starts after its picture has ended: the uploader leaves it out.
    expect(audio!.packets).toHaveLength(141);
    expect(audio!.packets.map(({ data }) => data)).toEqual(
      sentAudio!.packets.slice(0, 141).map(({ data }) => data),
    );
    for (const [at, { atMs }] of audio!.packets.entries())
      expect(Math.abs(atMs - sentAudio!.packets[at]!.atMs)).toBeLessThanOrEqual(1);
  });

  test("keeps H.265 unchanged", async () => {
    const file = await drawClip(join(folder, "h265.mp4"), { durationS: 2, codec: "hevc" });
    const recorded = await createCamera(local);
    await record(local, recorded, file);
    const { bytes } = await getClip(recorded);
    expect(await packetsOf(bytes)).toEqual(await packetsOf(file));
    expect(await framesOf(bytes)).toEqual(await framesOf(file));
  });

  test("keeps frames that are decoded before the ones they follow", async () => {
    const recipe = { durationS: 4, keyframeEveryS: 2, bFrames: true };
    const file = await makeClip(join(folder, "b-frames.mp4"), recipe);
    const recorded = await createCamera(local);
    await record(local, recorded, file);
    expect(await packetsOf((await getClip(recorded)).bytes)).toEqual(await packetsOf(file));
  });

  test("keeps the gap between two recordings, and has a fragment that was sent twice once", async () => {
    const recorded = await createCamera(local);
    const header = headerOf({ codecId: "V_MPEG4/ISO/AVC", codecPrivate: await h264CodecPrivate() });
    for (const fragments of [[0, 2000], [60_000], [2000]])
      await putAll(
        { ...recorded, timecodeType: "RELATIVE", producerStartMs: START_MS },
        header,
        ...fragments.map((timecode) => fragment(timecode, frames)),
      );
    const [video] = await packetsOf((await getClip(recorded)).bytes);
    expect(video!.packets.map(({ atMs }) => atMs)).toEqual([0, 1000, 2000, 3000, 60_000, 61_000]);
  });

  test("has the oldest of several fragments with the same producer timestamp, a playlist the newest", () => {
    const ingested = (number: string, producerTimestampMs: number) =>
      ({ number, producerTimestampMs, serverTimestampMs: 0 }) as Fragment;
    const all = [ingested("1", 1000), ingested("2", 2000), ingested("10", 1000), ingested("11", 2000)];
    const range = { type: "PRODUCER_TIMESTAMP", startMs: 1000, endMs: 2000 } as const;
    expect(fragmentsInRange(all, range, "oldest").map(({ number }) => number)).toEqual(["1", "2"]);
    expect(fragmentsInRange(all, range, "newest").map(({ number }) => number)).toEqual(["10", "11"]);
  });

  test("ends before the 201st fragment or the one that exceeds 100 MB, but is never empty", () => {
    const of = (count: number, sizeBytes: number) =>
      Array.from({ length: count }, () => ({ sizeBytes }) as Fragment);
    expect(clipFragments(of(250, 1))).toHaveLength(200);
    expect(clipFragments(of(200, 1))).toHaveLength(200);
    expect(clipFragments(of(9, 25_000_000))).toHaveLength(4);
    expect(clipFragments(of(9, 25_000_001))).toHaveLength(3);
    expect(clipFragments(of(2, 100_000_001))).toHaveLength(1);
  });

  test.each<[string, string, Parameters<typeof headerOf>, Uint8Array]>([
    ["UnsupportedStreamMediaTypeException", "VP8 video", [{ codecId: "V_VP8" }], frameData],
    ["UnsupportedStreamMediaTypeException", "sound alone", [{ codecId: "A_AAC" }], frameData],
    [
      "MissingCodecPrivateDataException",
      "no codec private data",
      [{ codecId: "V_MPEG4/ISO/AVC" }],
      frameData,
    ],
    [
      "InvalidCodecPrivateDataException",
      "codec private data of Annex B",
      [{ codecId: "V_MPEG4/ISO/AVC", codecPrivate: Uint8Array.of(0, 0, 0, 1, 0x67, 0x42, 0, 0x1f) }],
      frameData,
    ],
  ])("answers %s to %s", async (name, _what, tracks, data) => {
    const recorded = await createCamera(local);
    const producer = { ...recorded, timecodeType: "RELATIVE" as const, producerStartMs: START_MS };
    await putAll(producer, headerOf(...tracks), fragment(0, [{ data }]));
    await expect(getClip(recorded)).rejects.toEqual(refusal(name));
  });

  test("returns InvalidMediaFrameException for a frame that does not consist of NAL units", async () => {
    const recorded = await createCamera(local);
    const producer = { ...recorded, timecodeType: "RELATIVE" as const, producerStartMs: START_MS };
    const header = headerOf({ codecId: "V_MPEG4/ISO/AVC", codecPrivate: await h264CodecPrivate() });
    await putAll(producer, header, fragment(0, [{ data: Uint8Array.of(0, 0, 0, 9, 0x65, 1) }]));
    await expect(getClip(recorded)).rejects.toEqual(
      refusal("InvalidMediaFrameException", /frame of 6 bytes/),
    );
  });

  test("refuses a clip in which tracks or codec private data change", async () => {
    const recorded = await createCamera(local);
    const producer = { ...recorded, timecodeType: "RELATIVE" as const, producerStartMs: START_MS };
    const codecPrivate = await h264CodecPrivate();
    const other = Uint8Array.from(codecPrivate);
    other[3]! += 1;
    const avc = "V_MPEG4/ISO/AVC";
    await putAll(producer, headerOf({ codecId: avc, codecPrivate }), fragment(0, frames));
    await putAll(producer, headerOf({ codecId: avc, codecPrivate: other }), fragment(2000, frames));
    const sound = { codecId: "A_AAC", codecPrivate: Uint8Array.of(0x11, 0x90) };
    await putAll(
      producer,
      headerOf({ codecId: avc, codecPrivate: other }, sound),
      fragment(4000, [{ data: frameData }, { track: 2, data: frameData }]),
    );
    const clip = (fromMs: number, toMs: number) =>
      getClip(recorded, selector(START_MS + fromMs, START_MS + toMs));
    await expect(clip(0, 2000)).rejects.toEqual(
      refusal("InvalidCodecPrivateDataException", /changes within the clip/),
    );
    await expect(clip(2000, 4000)).rejects.toEqual(
      refusal("UnsupportedStreamMediaTypeException", /from avc to avc and aac/),
    );
    expect((await clip(2000, 2001)).bytes.length).toBeGreaterThan(0);
  });

  test.each([
    ["InvalidArgumentException", "a range that ends where it starts", selector(START_MS, START_MS)],
    ["InvalidArgumentException", "more than 24 hours", selector(START_MS, START_MS + 24 * 3_600_000 + 1)],
    [
      "InvalidArgumentException",
      "a server timestamp in the future",
      selector(Date.now() - 1000, Date.now() + 3_600_000, "SERVER_TIMESTAMP"),
    ],
    ["ResourceNotFoundException", "a range without fragments", selector(0, 1000)],
  ])("answers %s to %s", async (name, _what, wanted) => {
    await expect(getClip(camera, wanted)).rejects.toEqual(refusal(name));
  });

  test("returns NoDataRetentionException for a stream without retention", async () => {
    const buffered = await createCamera(local, 0);
    await record(local, buffered, FRONT_DOOR);
    await expect(getClip(buffered)).rejects.toEqual(refusal("NoDataRetentionException"));
  });

  test("requires the role to allow kinesisvideo:GetClip on the stream", async () => {
    const reader = local.cloud.client(
      KinesisVideoArchivedMediaClient,
      local.cloud.access.assumeRole(
        local.resources.get("Reader")!.attributes!["Arn"] as string,
        "lambda.amazonaws.com",
      ),
    );
    await expect(getClip(camera, undefined, reader)).rejects.toEqual(refusal("AccessDeniedException"));
    const watched: Camera = { ...camera, streamName: "watched" };
    await record(local, watched, FRONT_DOOR);
    expect((await getClip(watched, undefined, reader)).bytes.length).toBeGreaterThan(0);
  });
});
