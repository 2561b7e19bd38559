import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { readSegment } from "../../local/matroska/index.ts";
import type { ClusterPart, HeaderPart, SegmentPart } from "../../local/matroska/index.ts";
import { openClip } from "../../uploader/fragments.ts";
import type { ClipTiming } from "../../uploader/fragments.ts";
import { frontDoorClip, makeClip } from "./made-clips.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "doorstep-fragments-"));
});
afterAll(() => rm(folder, { recursive: true }));

const startMs = 1_763_700_000_123;
const absolute: ClipTiming = { startMs, timecodeType: "ABSOLUTE" };

async function remuxed(file: string, timing = absolute) {
  const clip = await openClip(file);
  const parts: SegmentPart[] = [];
  for await (const part of readSegment(clip.chunks(timing))) parts.push(part);
  clip.close();
  return {
    clip,
    parts,
    header: parts.find((part): part is HeaderPart => part.kind === "header")!,
    clusters: parts.filter((part): part is ClusterPart => part.kind === "cluster"),
  };
}

describe("openClip", () => {
  test("remuxes a clip into one cluster per keyframe, at absolute producer times", async () => {
    const { clip, header, clusters } = await remuxed(frontDoorClip);
    expect(clip).toMatchObject({
      name: "front-door.mp4",
      videoCodec: "avc",
      width: 640,
      height: 360,
      notices: [],
    });
    expect(clip.durationMs).toBeCloseTo(16_000, 6);
    expect(header.timecodeScaleNs).toBe(1_000_000);
    expect(header.tracks).toMatchObject([
      { number: 1, type: "video", codecId: "V_MPEG4/ISO/AVC", pixelWidth: 640, pixelHeight: 360 },
    ]);
    expect(header.tracks[0]!.codecPrivate[0]).toBe(1);
    expect(clusters.map(({ timecode }) => timecode)).toEqual([
      1_763_700_000_123, 1_763_700_002_123, 1_763_700_004_123, 1_763_700_006_123, 1_763_700_008_123,
      1_763_700_010_123, 1_763_700_012_123, 1_763_700_014_123,
    ]);
    for (const { blocks, durationMs } of clusters) {
      expect(durationMs).toBe(2000);
      expect(blocks.map(({ keyframe }) => keyframe)).toEqual([
        true,
        ...Array.from({ length: 23 }, () => false),
      ]);
    }
    expect(clip.fragments).toHaveLength(8);
  });

  test("counts relative times from the first frame", async () => {
    const { clusters } = await remuxed(frontDoorClip, { startMs, timecodeType: "RELATIVE" });
    expect(clusters.map(({ timecode }) => timecode)).toEqual([
      0, 2000, 4000, 6000, 8000, 10_000, 12_000, 14_000,
    ]);
  });

  test("puts the clip's name and start before every fragment, as tags", async () => {
    const { parts } = await remuxed(frontDoorClip);
    const kinds = parts.map(({ kind }) => kind);
    expect(kinds.slice(0, 7)).toEqual([
      "header",
      "tags",
      "cluster-start",
      "cluster",
      "tags",
      "cluster-start",
      "cluster",
    ]);
    const tags = parts.filter((part) => part.kind === "tags");
    expect(tags).toHaveLength(8);
    for (const part of tags)
      expect(part.tags).toEqual([
        { name: "doorstep.clip", value: "front-door.mp4" },
        { name: "doorstep.clip-start-ms", value: "1763700000123" },
      ]);
  });

  test("merges keyframes that come every half second into fragments of a second", async () => {
    const file = await makeClip(join(folder, "eager.mp4"), { durationS: 4, keyframeEveryS: 0.5 });
    const { clip, clusters } = await remuxed(file);
    expect(clip.fragments.map((fragment) => Math.round(fragment.startMs))).toEqual([0, 1000, 2000, 3000]);
    expect(clusters.map(({ timecode }) => timecode - startMs)).toEqual([0, 1000, 2000, 3000]);
    expect(clusters.map(({ blocks }) => blocks.filter(({ keyframe }) => keyframe).length)).toEqual([
      2, 2, 2, 2,
    ]);
  });

  test("cuts into just the fragments it planned, wherever the keyframes are", async () => {
    for (const keyframeEveryS of [0.3, 0.7, 1, 1.1, 3.3]) {
      const file = await makeClip(join(folder, "planned.mkv"), {
        durationS: 7,
        keyframeEveryS,
        firstFrameS: 1.5,
      });
      const { clip, clusters } = await remuxed(file);
      expect(clusters.map(({ timecode }) => timecode - startMs)).toEqual(
        clip.fragments.map((fragment) => Math.round(fragment.startMs)),
      );
    }
  });

  test("starts at the clip's first frame even if the file starts later", async () => {
    const file = await makeClip(join(folder, "late.mkv"), {
      durationS: 3,
      keyframeEveryS: 1,
      firstFrameS: 7,
    });
    const { clip, clusters } = await remuxed(file);
    expect(clusters.map(({ timecode }) => timecode - startMs)).toEqual([0, 1000, 2000]);
    expect(Math.round(clip.durationMs)).toBe(3000);
  });

  test("sends AAC audio that covers every fragment", async () => {
    const audio = { codec: "aac", fromS: 0, toS: 4 } as const;
    const { clip, header, clusters } = await remuxed(
      await makeClip(join(folder, "sound.mp4"), { durationS: 4, keyframeEveryS: 2, audio }),
    );
    expect(clip.notices).toEqual([]);
    expect(header.tracks.map(({ codecId }) => codecId)).toEqual(["V_MPEG4/ISO/AVC", "A_AAC"]);
    expect(
      clusters.map(({ blocks }) => [1, 2].map((n) => blocks.filter((b) => b.trackNumber === n).length)),
    ).toEqual([
      [20, 40],
      [20, 40],
    ]);
  });

  test("begins every fragment with its keyframe even where audio comes shortly before", async () => {
    const audio = { codec: "aac", fromS: 0.013, toS: 6.4 } as const;
    const file = await makeClip(join(folder, "offset.mp4"), { durationS: 6, keyframeEveryS: 2, audio });
    const { clusters } = await remuxed(file);
    expect(clusters.map(({ timecode }) => timecode - startMs)).toEqual([0, 2000, 4000]);
    for (const { blocks, timecode } of clusters)
      expect(blocks[0]).toMatchObject({ trackNumber: 1, timecode, keyframe: true });
  });

  test("leaves out audio that is missing from a fragment, and says so", async () => {
    const audio = { codec: "aac", fromS: 0, toS: 1.5 } as const;
    const file = await makeClip(join(folder, "short-sound.mp4"), { durationS: 4, keyframeEveryS: 2, audio });
    const { clip, header } = await remuxed(file);
    expect(clip.notices).toEqual(["audio left out: 1 of 2 fragments have none"]);
    expect(header.tracks).toHaveLength(1);
  });

  test("leaves out audio that is not AAC, and says so", async () => {
    const audio = { codec: "mp3", fromS: 0, toS: 4 } as const;
    const file = await makeClip(join(folder, "mp3.mp4"), { durationS: 4, keyframeEveryS: 2, audio });
    const { clip } = await remuxed(file);
    expect(clip.notices).toEqual(["audio left out: it is mp3; only AAC is sent"]);
  });

  test("refuses other video, naming what was found and what is accepted", async () => {
    const file = await makeClip(join(folder, "web.mkv"), { codec: "vp8", durationS: 2, keyframeEveryS: 1 });
    await expect(openClip(file)).rejects.toMatchObject({
      name: "UnsuitableClipError",
      message: "web.mkv: its video is vp8; expected H.264 (avc) or H.265 (hevc)",
    });
  });

  test("refuses a clip of 25 s whose only keyframe is its first", async () => {
    const file = await makeClip(join(folder, "one-gop.mp4"), { durationS: 25, keyframeEveryS: 100 });
    await expect(openClip(file)).rejects.toMatchObject({
      name: "UnsuitableClipError",
      message:
        "one-gop.mp4: no keyframe from 0.0 s to 25.0 s, but a fragment begins with one and lasts at most 20.0 s; " +
        "encode it again with a keyframe every 2 s",
    });
  });

  test("refuses a file that is no video", async () => {
    const file = join(folder, "notes.mp4");
    await writeFile(file, "the courier came at ten");
    await expect(openClip(file)).rejects.toMatchObject({
      name: "UnsuitableClipError",
      message: "notes.mp4: not a video file; expected MP4, MOV or MKV",
    });
  });

  test("passes on that a file is not there", async () => {
    await expect(openClip(join(folder, "absent.mp4"))).rejects.toThrow("ENOENT");
  });
});
