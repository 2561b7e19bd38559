import { join } from "node:path";
import { beforeAll, describe, expect, test } from "@jest/globals";
import { children, element, elementId, readElementHeader } from "../../../../local/matroska/ebml.ts";
import { tagsElement } from "../../../../local/matroska/index.ts";
import { readFragments } from "../../../../local/rekognition/sessions/fragments.ts";
import { sampleFrames } from "../../../../local/rekognition/sessions/frames.ts";
import { evidenceImages, pixelsOf } from "../../../../local/rekognition/sessions/evidence.ts";
import { createCanvas, loadImage } from "@napi-rs/canvas";
import { fragmentsOf } from "../fake-stream.ts";

/** 12 frames per second, 640 by 360, a fragment every 2 s. */
const CLIP = join(import.meta.dirname, "../../../../events/videos/front-door.mp4");
const START_MS = 1_763_726_400_000;

let clip: Awaited<ReturnType<typeof fragmentsOf>>;
beforeAll(async () => {
  clip = await fragmentsOf(CLIP, START_MS);
});

const tags = (number: string, seconds: string) =>
  tagsElement([
    { name: "AWS_KINESISVIDEO_FRAGMENT_NUMBER", value: number },
    { name: "AWS_KINESISVIDEO_SERVER_TIMESTAMP", value: "1763726402.5" },
    { name: "AWS_KINESISVIDEO_PRODUCER_TIMESTAMP", value: seconds },
  ]);
async function* stream(...parts: readonly Uint8Array[]) {
  yield* parts;
}
async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list = [];
  for await (const item of items) list.push(item);
  return list;
}

describe("the fragments of a GetMedia payload", () => {
  test("carry the tags before them, with times in epoch ms, whether or not each begins a Segment of its own", async () => {
    const [first, second] = clip.fragments;
    const parts = [tags("91", "1763726400.005"), first!.cluster, tags("92", "1763726402"), second!.cluster];
    const expected = [
      {
        number: "91",
        producerTimestampMs: 1_763_726_400_005,
        serverTimestampMs: 1_763_726_402_500,
        durationMs: 2000,
      },
      {
        number: "92",
        producerTimestampMs: 1_763_726_402_000,
        serverTimestampMs: 1_763_726_402_500,
        durationMs: 2000,
      },
    ];
    expect(await all(readFragments(stream(clip.header, ...parts)))).toMatchObject(expected);
    const segments = [clip.header, parts[0]!, parts[1]!, clip.header, parts[2]!, parts[3]!];
    expect(await all(readFragments(stream(...segments)))).toMatchObject(expected);
  });

  test("are refused without their number or with an invalid time", async () => {
    const [first] = clip.fragments;
    await expect(all(readFragments(stream(clip.header, first!.cluster)))).rejects.toThrow(
      "A fragment of the stream is missing the tag AWS_KINESISVIDEO_FRAGMENT_NUMBER",
    );
    await expect(all(readFragments(stream(clip.header, tags("1", "noon"), first!.cluster)))).rejects.toThrow(
      "The fragment's tag AWS_KINESISVIDEO_PRODUCER_TIMESTAMP is noon; expected decimal seconds",
    );
  });
});

describe("the frames of a fragment", () => {
  test("are sampled five times per second, each with its own time", async () => {
    const parts = [clip.header, tags("1", "1763726402"), clip.fragments[1]!.cluster];
    const [fragment] = await all(readFragments(stream(...parts)));
    const frames = await all(sampleFrames(fragment!));
    expect(frames.map(({ offsetMs }) => offsetMs)).toEqual([
      0, 167, 333, 583, 750, 1000, 1167, 1333, 1583, 1750,
    ]);
    expect(frames[3]).toMatchObject({ width: 640, height: 360, producerTimestampMs: 1_763_726_402_583 });
    expect(frames[3]!.rgba).toHaveLength(640 * 360 * 4);
  });

  test("are never the same frame twice, however slow the video is", async () => {
    const parts = [clip.header, tags("1", "1763726402"), clip.fragments[1]!.cluster];
    const [fragment] = await all(readFragments(stream(...parts)));
    const { headerBytes } = readElementHeader(fragment!.cluster.bytes, 0, 0);
    const [timestamp, firstBlock] = children(fragment!.cluster.bytes.subarray(headerBytes), headerBytes);
    const oneFrame = [timestamp!, firstBlock!].map(({ id, content }) => element(id, content));
    const cluster = { ...fragment!.cluster, bytes: element(elementId.cluster, ...oneFrame) };
    const frames = await all(sampleFrames({ ...fragment!, cluster }));
    expect(frames.map(({ offsetMs }) => offsetMs)).toEqual([0]);
  });
});

describe("evidence", () => {
  const red = { width: 40, height: 20, offsetMs: 0, producerTimestampMs: 0 };
  const rgba = new Uint8Array(40 * 20 * 4);
  for (let pixel = 0; pixel < 800; pixel++)
    rgba.set(pixel % 40 < 20 ? [255, 0, 0, 255] : [0, 0, 255, 255], pixel * 4);

  test("is the frame and a crop of each box", async () => {
    const images = await evidenceImages({ ...red, rgba }, [
      { left: 0.5, top: 0.25, width: 0.25, height: 0.5 },
    ]);
    expect(await loadImage(images.frame)).toMatchObject({ width: 40, height: 20 });
    const crop = await loadImage(images.crops[0]!);
    expect(crop).toMatchObject({ width: 10, height: 10 });
    const context = createCanvas(10, 10).getContext("2d");
    context.drawImage(crop, 0, 0);
    const [r, g, b] = context.getImageData(5, 5, 1, 1).data;
    expect(r).toBeLessThan(10);
    expect(g).toBeLessThan(10);
    expect(b).toBeGreaterThan(245);
  });

  test("never leaves the frame and is never empty", () => {
    expect(pixelsOf({ left: 0, top: 0, width: 0, height: 0 }, red)).toEqual({
      left: 0,
      top: 0,
      width: 1,
      height: 1,
    });
    expect(pixelsOf({ left: 1, top: 1, width: 1, height: 1 }, red)).toEqual({
      left: 39,
      top: 19,
      width: 1,
      height: 1,
    });
    expect(pixelsOf({ left: 0.5, top: 0.5, width: 1, height: 1 }, red)).toEqual({
      left: 20,
      top: 10,
      width: 20,
      height: 10,
    });
  });
});
