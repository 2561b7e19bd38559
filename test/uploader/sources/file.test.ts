import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { readSegment } from "../../../local/matroska/index.ts";
import type { ClusterPart, HeaderPart, SegmentPart } from "../../../local/matroska/index.ts";
import { openClip as open } from "../../../uploader/sources/file.ts";
import { FileProbe } from "../../../uploader/sources/probe.ts";
import { encodeFragment, type Timing } from "../../../uploader/encode.ts";
import { matroskaOf } from "../matroska-of.ts";
import { frontDoorClip, makeClip, resized, rewrapped } from "../synthetic-clips.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "doorstep-fragments-"));
});
/** One process for all of these files. */
const probe = new FileProbe();
const openClip = (file: string) => open(file, probe);
afterAll(async () => {
  probe.close();
  await rm(folder, { recursive: true });
});

const startMs = 1_763_700_000_123;
const absolute: Timing = { startMs, timecodeType: "ABSOLUTE" };

async function remuxed(file: string, timing = absolute) {
  const clip = await openClip(file);
  const parts: SegmentPart[] = [];
  for await (const part of readSegment(matroskaOf(clip, timing))) parts.push(part);
  await clip.close();
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
      losses: { notices: [] },
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
    expect(clip.plan.fragments).toBe(8);
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

  test("merges keyframes every half second into fragments of a second", async () => {
    const file = await makeClip(join(folder, "eager.mp4"), { durationS: 4, keyframeEveryS: 0.5 });
    const { clip, clusters } = await remuxed(file);
    expect(clip.plan).toMatchObject({ fragments: 4, durationMs: 4000 });
    expect(clusters.map(({ timecode }) => timecode - startMs)).toEqual([0, 1000, 2000, 3000]);
    expect(clusters.map(({ blocks }) => blocks.filter(({ keyframe }) => keyframe).length)).toEqual([
      2, 2, 2, 2,
    ]);
  });

  test("cuts exactly the planned fragments, from any of them on", async () => {
    for (const keyframeEveryS of [0.3, 0.7, 1, 1.1, 3.3]) {
      const audio = { codec: "aac", fromS: 1.5, toS: 8.5 } as const;
      const file = await makeClip(join(folder, "planned.mkv"), {
        durationS: 7,
        keyframeEveryS,
        firstFrameS: 1.5,
        audio,
      });
      const clip = await openClip(file);
      const all = await collected(clip.fragments(0));
      expect(all.map(({ index }) => index)).toEqual(Array.from({ length: clip.plan.fragments }, (_, i) => i));
      expect(all.at(-1)!.endMs).toBe(clip.plan.durationMs);
      const again = all.map((fragment) => ({ ...fragment, free: expect.any(Function) }));
      for (const { index } of all) expect(await collected(clip.fragments(index))).toEqual(again.slice(index));
      expect(await collected(clip.fragments(all.length))).toEqual([]);
      await clip.close();
    }
  });

  test("sends MPEG-TS like the MP4 with the same frames", async () => {
    const file = await rewrapped(frontDoorClip, join(folder, "front-door.ts"));
    const [fromTs, fromMp4] = [await remuxed(file), await remuxed(frontDoorClip)];
    const { codecPrivate, codecId } = fromTs.header.tracks[0]!;
    expect([codecId, codecPrivate[0]]).toEqual(["V_MPEG4/ISO/AVC", 1]);
    expect(fromTs.clusters.map(({ timecode }) => timecode)).toEqual(
      fromMp4.clusters.map(({ timecode }) => timecode),
    );
    // MPEG-TS adds delimiters and parameter sets to a frame's units; the units of the picture are the same bytes.
    expect(await pictures(file)).toEqual(await pictures(frontDoorClip));
  });

  test("keeps the decode order of B-frames, whose times go back within their cluster", async () => {
    const file = await makeClip(join(folder, "b-frames.mp4"), {
      durationS: 4,
      keyframeEveryS: 2,
      bFrames: true,
    });
    const { clip, clusters } = await remuxed(file);
    expect(clip.durationMs).toBeCloseTo(4000, 6);
    expect(clusters.map(({ timecode }) => timecode - startMs)).toEqual([0, 2000]);
    expect(clusters[0]!.blocks.slice(0, 4).map(({ timecode }) => timecode - startMs)).toEqual([
      0, 200, 100, 400,
    ]);
  });

  test("keeps variable frame rates: every frame at its own time", async () => {
    const framesAtS = [0, 0.04, 0.5, 0.51, 2.5, 2.6, 4.2, 4.9];
    const file = await makeClip(join(folder, "vfr.mp4"), { framesAtS, durationS: 5, keyframeEveryS: 0.4 });
    const { clusters } = await remuxed(file);
    expect(clusters.map(({ timecode }) => timecode - startMs)).toEqual([0, 2500, 4200]);
    expect(clusters.flatMap(({ blocks }) => blocks.map(({ timecode }) => timecode - startMs))).toEqual([
      0, 40, 500, 510, 2500, 2600, 4200, 4900,
    ]);
  });

  test("sends a file whose clock jumps back whole, and resumes it from any fragment on", async () => {
    const clip = await openClip(frontDoorClip);
    const [first, second, third] = await collected(clip.fragments(0));
    const timing = { startMs, timecodeType: "RELATIVE" } as const;
    const shuffled = [first!, second!, third!, second!, third!].flatMap((fragment) => [
      ...encodeFragment("back", timing, fragment),
    ]);
    const file = join(folder, "back.mkv");
    await writeFile(file, Buffer.concat([first!.header, ...shuffled]));
    const back = await openClip(file);
    const all = await collected(back.fragments(0));
    expect(all.map((fragment) => fragment.startMs)).toEqual([0, 2000, 4000, 6000, 8000]);
    expect(back.losses.notices).toEqual([
      "its clock jumps back by 3.9 s at 5.9 s; what follows is sent right after what came before",
    ]);
    const last = { ...all[4]!, free: expect.any(Function) };
    expect(await collected(back.fragments(4))).toEqual([last]);
    await back.close();
  });

  test("leaves out one frame with an absurd time, in the plan already", async () => {
    const clip = await openClip(frontDoorClip);
    const [first, second] = await collected(clip.fragments(0));
    const frames = second!.frames.map((frame, at) =>
      at === 7 ? { ...frame, atMs: frame.atMs - 30_000 } : frame,
    );
    const timing = { startMs, timecodeType: "ABSOLUTE" } as const;
    const file = join(folder, "absurd.mkv");
    const fragments = [first!, { ...second!, frames }].flatMap((one) => [
      ...encodeFragment("absurd", timing, one),
    ]);
    await writeFile(file, Buffer.concat([first!.header, ...fragments]));
    const absurd = await openClip(file);
    expect(absurd.losses.all).toEqual([
      { kind: "video", atMs: 2667, reason: "its time is 30.3 s before its neighbours", count: 1 },
    ]);
    expect((await collected(absurd.fragments(0))).map((one) => one.frames.length)).toEqual([24, 23]);
    await absurd.close();
  });

  test("refuses a file whose frames all have the same time, saying so", async () => {
    const clip = await openClip(frontDoorClip);
    const [first] = await collected(clip.fragments(0));
    const frames = first!.frames.map((frame) => ({ ...frame, atMs: 0 }));
    const file = join(folder, "still.mkv");
    const pieces = encodeFragment("still", { startMs: 0, timecodeType: "ABSOLUTE" }, { ...first!, frames });
    await writeFile(file, Buffer.concat([first!.header, ...pieces]));
    await expect(openClip(file)).rejects.toMatchObject({
      code: "UNSUITABLE",
      message: "still.mkv: all its frames have the same time; encode it again",
    });
  });

  test("sends files that stand in one another's file, each with its own header and right after the other", async () => {
    const recipe = { durationS: 2, keyframeEveryS: 1 };
    for (const kind of ["mkv", "mp4"]) {
      const large = await readFile(await makeClip(join(folder, `large.${kind}`), recipe));
      const small = await readFile(await resized(join(folder, `small.${kind}`), recipe));
      const file = join(folder, `joined.${kind}`);
      await writeFile(file, Buffer.concat([large, small, large]));
      const clip = await openClip(file);
      const all = await collected(clip.fragments(0));
      expect(all.map((fragment) => fragment.startMs)).toEqual([0, 1000, 2000, 3000, 4000, 5000]);
      expect(all.map(({ header }) => header === all[0]!.header)).toEqual([
        true,
        true,
        false,
        false,
        true,
        true,
      ]);
      expect(clip.losses.notices[0]).toBe("3 files stand in it one behind the other; they are sent in turn");
      expect(clip.plan).toMatchObject({ fragments: 6, durationMs: 6000 });
      await clip.close();
    }
  });

  test("begins a header anew where keyframes bring other parameter sets, as in joined transport streams", async () => {
    const recipe = { durationS: 2, keyframeEveryS: 1 };
    const large = await readFile(await makeClip(join(folder, "large.ts"), recipe));
    const small = await readFile(await resized(join(folder, "small.ts"), recipe));
    const file = join(folder, "joined.ts");
    await writeFile(file, Buffer.concat([large, small, large]));
    const { clip } = await remuxed(file);
    const all = await collected((await openClip(file)).fragments(0));
    expect(all.map(({ header }) => header === all[0]!.header)).toEqual([
      true,
      true,
      false,
      false,
      true,
      true,
    ]);
    expect(clip.plan.fragments).toBe(6);
    for await (const part of readSegment(
      (async function* () {
        yield all[2]!.header;
        yield* encodeFragment("small", absolute, all[2]!);
      })(),
    ))
      if (part.kind === "header") expect(part.tracks).toMatchObject([{ pixelWidth: 320, pixelHeight: 240 }]);
  });

  test("refuses an MP4 whose video has several sample descriptions", async () => {
    const bytes = await readFile(frontDoorClip);
    const at = bytes.indexOf("stsd") - 4;
    const box = bytes.subarray(at, at + bytes.readUInt32BE(at));
    const entry = Buffer.from(box.subarray(16));
    const other = Buffer.from(entry);
    other[other.indexOf("avcC") + 6]! ^= 1;
    const twice = Buffer.concat([box.subarray(0, 12), Buffer.of(0, 0, 0, 2), entry, other]);
    twice.writeUInt32BE(twice.length, 0);
    const grown = Buffer.concat([bytes.subarray(0, at), twice, bytes.subarray(at + box.length)]);
    for (const around of ["moov", "trak", "mdia", "minf", "stbl"]) {
      const start = grown.indexOf(around) - 4;
      grown.writeUInt32BE(grown.readUInt32BE(start) + entry.length, start);
    }
    const file = join(folder, "two-sizes.mp4");
    await writeFile(file, grown);
    await expect(openClip(file)).rejects.toMatchObject({
      code: "UNSUITABLE",
      message: expect.stringMatching(/changes its coding parameters \(2 sample descriptions\)/),
    });
  });

  test("names what a broken file lacks", async () => {
    const whole = await readFile(frontDoorClip);
    const moov = whole.indexOf("moov") - 4;
    const mdat = whole.indexOf("mdat") - 4;
    const cases: [string, Buffer, string][] = [
      ["nothing.mp4", Buffer.alloc(0), "the file is empty"],
      [
        "unfinished.mp4",
        moov > mdat
          ? whole.subarray(0, moov)
          : Buffer.concat([whole.subarray(0, moov), whole.subarray(mdat)]),
        "it has no index (moov), which a recorder writes last: its recording was not finished",
      ],
      ["cut.mp4", whole.subarray(0, whole.length - 1), "it is truncated: it ends inside its box "],
      ["zeros.mp4", Buffer.alloc(4000), "not a video file; expected MP4, MOV, MKV or MPEG-TS"],
    ];
    for (const [name, bytes, message] of cases) {
      await writeFile(join(folder, name), bytes);
      await expect(openClip(join(folder, name))).rejects.toThrow(`${name}: ${message}`);
    }
  });

  test("sends what is whole of a truncated Matroska file, and says that it is truncated", async () => {
    const file = await rewrapped(frontDoorClip, join(folder, "whole.mkv"));
    const bytes = await readFile(file);
    const cut = join(folder, "cut.mkv");
    await writeFile(cut, bytes.subarray(0, bytes.lastIndexOf(Buffer.from("1f43b675", "hex")) + 20_000));
    const clip = await openClip(cut);
    const frames = (await collected(clip.fragments(0))).flatMap((fragment) => fragment.frames);
    expect(frames.length).toBeGreaterThan(150);
    expect(clip.losses.notices).toEqual([
      "the file is truncated inside a cluster; the frames before are sent",
    ]);
    await clip.close();
  });

  test("counts the frames before the first keyframe, and names a rotation, which a stream cannot store", async () => {
    const file = await makeClip(join(folder, "turned.mp4"), {
      durationS: 1,
      keyframeEveryS: 1,
      rotation: 90,
    });
    const turned = await openClip(file);
    expect(turned.losses.notices).toEqual([
      "rotation left out: players turn it by 90 degrees, which Kinesis Video Streams cannot store",
    ]);
    await turned.close();
    const clip = await openClip(frontDoorClip);
    const [first, second] = await collected(clip.fragments(0));
    const tail = { ...first!, frames: first!.frames.slice(20) };
    const late = join(folder, "mid-group.mkv");
    const pieces = [tail, second!].flatMap((one) => [...encodeFragment("late", absolute, one)]);
    await writeFile(late, Buffer.concat([first!.header, ...pieces]));
    const begun = await openClip(late);
    expect(begun.losses.notices).toEqual([
      "4 video frames left out at 0.0 s: they come before the first keyframe",
    ]);
    expect(begun.plan.fragments).toBe(1);
    await begun.close();
  });

  test("names audio of a transport stream that no demuxer reads", async () => {
    const bytes = await readFile(
      await makeClip(join(folder, "sound.ts"), {
        durationS: 2,
        keyframeEveryS: 1,
        audio: { codec: "mp3", fromS: 0, toS: 2 },
      }),
    );
    const map = Buffer.from("02b0", "hex");
    const at = bytes.indexOf(map, 188);
    const type = bytes.indexOf(Buffer.from([0x03, 0xe1]), at);
    bytes[type] = 0x11;
    const file = join(folder, "latm.ts");
    await writeFile(file, bytes);
    const { clip } = await remuxed(file);
    expect(clip.losses.notices).toEqual(["audio left out: it is AAC in LATM; only AAC is sent"]);
  });

  test("reads the creation time in the movie header, if it is plausible", async () => {
    const file = await makeClip(join(folder, "dated.mp4"), { durationS: 1, keyframeEveryS: 1 });
    const bytes = await readFile(file);
    const header = bytes.indexOf("mvhd") + 4;
    const dated = async (seconds: number) => {
      bytes.writeUInt32BE(seconds, header + 4);
      await writeFile(file, bytes);
      const { clip } = await remuxed(file);
      return clip.recordedAtMs;
    };
    expect(bytes[header]).toBe(0);
    expect(await dated(3_846_477_600)).toBe(Date.parse("2025-11-20T10:00:00Z"));
    expect(await dated(0)).toBeUndefined();
  });

  test("refuses a truncated file, before or while it is sent", async () => {
    const whole = await readFile(frontDoorClip);
    const file = join(folder, "cut.mp4");
    for (const keptBytes of [whole.length - 1000, whole.length / 2, 4000, 40]) {
      await writeFile(file, whole.subarray(0, keptBytes));
      const error = await remuxed(file).catch((caught: unknown) => caught);
      expect(error).toMatchObject({ name: "SourceError", message: expect.stringMatching(/^cut\.mp4: /) });
    }
  });

  test("refuses an empty file, and one with audio only", async () => {
    const empty = join(folder, "empty.mp4");
    await writeFile(empty, "");
    await expect(openClip(empty)).rejects.toMatchObject({
      code: "UNSUITABLE",
      message: "empty.mp4: the file is empty",
    });
    const audio = { codec: "aac", fromS: 0, toS: 2 } as const;
    const sound = await makeClip(join(folder, "sound-only.mp4"), { durationS: 0, keyframeEveryS: 1, audio });
    await expect(openClip(sound)).rejects.toMatchObject({
      code: "UNSUITABLE",
      message: "sound-only.mp4: its video is missing; expected H.264 (avc) or H.265 (hevc)",
    });
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
    expect(clip.losses.notices).toEqual([]);
    expect(header.tracks.map(({ codecId }) => codecId)).toEqual(["V_MPEG4/ISO/AVC", "A_AAC"]);
    expect(
      clusters.map(({ blocks }) => [1, 2].map((n) => blocks.filter((b) => b.trackNumber === n).length)),
    ).toEqual([
      [20, 40],
      [20, 40],
    ]);
  });

  test("begins every fragment with its keyframe, even if audio precedes it", async () => {
    const audio = { codec: "aac", fromS: 0.013, toS: 6.4 } as const;
    const file = await makeClip(join(folder, "offset.mp4"), { durationS: 6, keyframeEveryS: 2, audio });
    const { clusters } = await remuxed(file);
    expect(clusters.map(({ timecode }) => timecode - startMs)).toEqual([0, 2000, 4000]);
    for (const { blocks, timecode } of clusters)
      expect(blocks[0]).toMatchObject({ trackNumber: 1, timecode, keyframe: true });
  });

  test("leaves out audio that is missing from a fragment, with a notice", async () => {
    const audio = { codec: "aac", fromS: 0, toS: 1.5 } as const;
    const file = await makeClip(join(folder, "short-sound.mp4"), { durationS: 4, keyframeEveryS: 2, audio });
    const { clip, header } = await remuxed(file);
    expect(clip.losses.notices).toEqual(["audio left out: 1 of 2 fragments have none"]);
    expect(header.tracks).toHaveLength(1);
  });

  test("leaves out audio that is not AAC, with a notice", async () => {
    const audio = { codec: "mp3", fromS: 0, toS: 4 } as const;
    const file = await makeClip(join(folder, "mp3.mp4"), { durationS: 4, keyframeEveryS: 2, audio });
    const { clip } = await remuxed(file);
    expect(clip.losses.notices).toEqual(["audio left out: it is mp3; only AAC is sent"]);
  });

  test("refuses other video, naming what was found and what is accepted", async () => {
    const file = await makeClip(join(folder, "web.mkv"), { codec: "vp8", durationS: 2, keyframeEveryS: 1 });
    await expect(openClip(file)).rejects.toMatchObject({
      name: "SourceError",
      code: "UNSUITABLE",
      message: "web.mkv: its video is vp8; expected H.264 (avc) or H.265 (hevc)",
    });
  });

  test("refuses a clip of 25 s whose only keyframe is its first", async () => {
    const file = await makeClip(join(folder, "one-gop.mp4"), { durationS: 25, keyframeEveryS: 100 });
    await expect(openClip(file)).rejects.toMatchObject({
      name: "SourceError",
      code: "UNSUITABLE",
      message:
        "one-gop.mp4: no keyframe for 20.0 s from 0.0 s on, but a fragment begins with one and lasts at most that long; " +
        "encode it again with a keyframe every 2 s",
    });
  });

  test("refuses a file that is not a video", async () => {
    const file = join(folder, "notes.mp4");
    await writeFile(file, "the courier came at ten");
    await expect(openClip(file)).rejects.toMatchObject({
      name: "SourceError",
      code: "UNSUITABLE",
      message: "notes.mp4: not a video file; expected MP4, MOV, MKV or MPEG-TS",
    });
  });

  test("reports a missing file", async () => {
    await expect(openClip(join(folder, "absent.mp4"))).rejects.toThrow("ENOENT");
  });
});

function nalUnits(data: Uint8Array): Buffer[] {
  const bytes = Buffer.from(data);
  const units: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += 4 + units.at(-1)!.length)
    units.push(bytes.subarray(at + 4, at + 4 + bytes.readUInt32BE(at)));
  return units;
}

async function pictures(file: string): Promise<Buffer[][]> {
  const clip = await openClip(file);
  const frames = (await collected(clip.fragments(0))).flatMap((fragment) => fragment.frames);
  await clip.close();
  return frames.map(({ data }) => nalUnits(data).filter(isPicture));
}

const isPicture = (unit: Buffer): boolean => [1, 5].includes(unit[0]! & 0x1f);

async function collected<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
