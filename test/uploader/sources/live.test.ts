import { PassThrough } from "node:stream";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { encodeFragment } from "../../../uploader/encode.ts";
import { openClip, type Clip } from "../../../uploader/sources/file.ts";
import { openLive } from "../../../uploader/sources/live.ts";
import { openStandardInput } from "../../../uploader/sources/standard-input.ts";
import type { SourceFragment } from "../../../uploader/sources/source.ts";
import { frontDoorClip, makeClip, resized } from "../synthetic-clips.ts";
import { matroskaOf } from "../matroska-of.ts";

const timing = { startMs: 1_763_700_000_000, timecodeType: "RELATIVE" } as const;

let folder: string;
let clip: Clip;
let fragments: SourceFragment[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "doorstep-live-"));
  clip = await openClip(frontDoorClip);
  fragments = await collected(clip.fragments(0));
});
afterAll(async () => {
  await clip.close();
  await rm(folder, { recursive: true });
});

async function collected<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

const times = (all: readonly SourceFragment[]) => all.map(({ startMs }) => Math.round(startMs));
const write = (pipe: PassThrough, fragment: SourceFragment) =>
  pipe.write(Buffer.concat([...encodeFragment("live", timing, fragment)]));

describe("openStandardInput", () => {
  test("yields each fragment when the next one's keyframe arrives, long before the end", async () => {
    const pipe = new PassThrough();
    pipe.write(fragments[0]!.header);
    write(pipe, fragments[0]!);
    const source = await openStandardInput(pipe);
    expect(source).toMatchObject({
      plan: undefined,
      videoCodec: "avc",
      width: 640,
      height: 360,
      losses: { notices: [] },
    });
    const reading = source.fragments(0);
    for (const next of [1, 2, 3]) {
      const waited = reading.next();
      write(pipe, fragments[next]!);
      const { value } = await waited;
      expect([value.index, Math.round(value.startMs)]).toEqual([next - 1, (next - 1) * 2000]);
      // The same frames as in the file: nothing is transcoded.
      expect(value.frames.map(({ data }: { data: Uint8Array }) => Buffer.from(data))).toEqual(
        fragments[next - 1]!.frames.map(({ data }) => Buffer.from(data)),
      );
    }
    pipe.end();
    expect((await reading.next()).value.index).toBe(3);
    expect((await reading.next()).done).toBe(true);
    await source.close();
  });

  test("yields fragments again that were not released", async () => {
    const pipe = new PassThrough();
    for await (const chunk of matroskaOf(clip, timing)) pipe.write(chunk);
    pipe.end();
    const source = await openStandardInput(pipe);
    expect(times(await collected(source.fragments(0)))).toEqual([
      0, 2000, 4000, 6000, 8000, 10_000, 12_000, 14_000,
    ]);
    source.release(6);
    expect(times(await collected(source.fragments(0)))).toEqual([12_000, 14_000]);
    await source.close();
  });

  test("refuses what is not video, and ends with a named error when its beginning is incomplete", async () => {
    for (const bytes of [
      Buffer.from("the courier came at ten"),
      Buffer.alloc(0),
      fragments[0]!.header.subarray(0, 60),
    ]) {
      const pipe = new PassThrough();
      pipe.end(bytes);
      await expect(openStandardInput(pipe)).rejects.toMatchObject({
        name: "SourceError",
        message: expect.stringMatching(/^standard input: /),
      });
    }
  });

  test("goes on where a clock jumps back, with every fragment before and after", async () => {
    const pipe = new PassThrough();
    pipe.write(fragments[0]!.header);
    for (const index of [0, 1, 2, 1, 2]) write(pipe, fragments[index]!);
    pipe.end();
    const source = await openStandardInput(pipe);
    const seen = await collected(source.fragments(0));
    expect(times(seen)).toEqual([0, 2000, 4000, 6000, 8000]);
    expect(seen.map(({ frames }) => frames.length)).toEqual([24, 24, 24, 24, 24]);
    expect(source.losses.notices).toEqual([
      "its clock jumps back by 3.9 s at 5.9 s; what follows is sent right after what came before",
    ]);
    await source.close();
  });

  test("leaves out one frame with an absurd time, and sends all others", async () => {
    const frames = fragments[1]!.frames.map((frame, at) => (at === 5 ? { ...frame, atMs: 25_000 } : frame));
    const pipe = new PassThrough();
    pipe.write(fragments[0]!.header);
    for (const fragment of [fragments[0]!, { ...fragments[1]!, frames }, fragments[2]!])
      write(pipe, fragment);
    pipe.end();
    const source = await openStandardInput(pipe);
    const seen = await collected(source.fragments(0));
    expect(seen.map((fragment) => fragment.frames.length)).toEqual([24, 23, 24]);
    expect(source.losses.all).toEqual([
      { kind: "video", atMs: 2333, reason: "its time is 22.7 s after its neighbours", count: 1 },
    ]);
    await source.close();
  });

  test("sends what arrived before the stream broke", async () => {
    const pipe = new PassThrough();
    pipe.write(fragments[0]!.header);
    write(pipe, fragments[0]!);
    const source = await openStandardInput(pipe);
    const reading = source.fragments(0);
    const first = reading.next();
    pipe.destroy(new Error("the camera is gone"));
    expect((await first).value.frames).toHaveLength(24);
    await expect(reading.next()).rejects.toMatchObject({ code: "CORRUPT" });
    await source.close();
  });

  test("sends files that follow one another, each with its own header", async () => {
    const other = await openClip(
      await resized(join(folder, "small.mkv"), { durationS: 2, keyframeEveryS: 1 }),
    );
    const pipe = new PassThrough();
    for (const one of [clip, other, clip])
      for await (const chunk of matroskaOf(one, timing)) pipe.write(Buffer.from(chunk));
    pipe.end();
    const source = await openStandardInput(pipe);
    const seen = await collected(source.fragments(0));
    expect(times(seen)).toEqual([
      ...[0, 2, 4, 6, 8, 10, 12, 14].map((s) => s * 1000),
      ...[16, 17].map((s) => s * 1000),
      ...[18, 20, 22, 24, 26, 28, 30, 32].map((s) => s * 1000),
    ]);
    expect(new Set(seen.map(({ header }) => header)).size).toBe(2);
    expect(seen[0]!.header).toBe(seen[10]!.header);
    await source.close();
    await other.close();
  });

  test("goes on without audio when a fragment has none", async () => {
    const audio = { codec: "aac", fromS: 0, toS: 2.5 } as const;
    const file = await makeClip(join(folder, "sound.mkv"), { durationS: 6, keyframeEveryS: 2, audio });
    const pipe = new PassThrough();
    const { createReadStream } = await import("node:fs");
    createReadStream(file).pipe(pipe);
    const source = await openStandardInput(pipe);
    const all = await collected(source.fragments(0));
    expect(all.map(({ frames }) => new Set(frames.map(({ trackNumber }) => trackNumber)).size)).toEqual([
      2, 2, 1,
    ]);
    expect(all[1]!.header).toBe(all[0]!.header);
    expect(all[2]!.header).not.toBe(all[0]!.header);
    expect(source.losses.notices).toEqual(["audio left out from 4.0 s on: a fragment has none"]);
    await source.close();
  });
});

describe("openLive", () => {
  const streamOf = (): AsyncIterable<Uint8Array> => matroskaOf(clip, timing);
  const bufferBytes = () => fragments[0]!.sizeBytes * 2;

  test("blocks a writer while the buffer is full, so that nothing is lost", async () => {
    const source = await openLive({
      name: "pipe",
      stream: streamOf(),
      whenFull: "wait",
      bufferBytes: bufferBytes(),
    });
    const seen: number[] = [];
    for await (const { index } of source.fragments(0)) {
      seen.push(index);
      source.release(index + 1);
    }
    expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    await source.close();
  });

  test("drops the oldest fragments of a camera that does not wait", async () => {
    const source = await openLive({
      name: "camera",
      stream: streamOf(),
      whenFull: "drop-oldest",
      bufferBytes: bufferBytes(),
    });
    const first = source.fragments(0);
    expect((await first.next()).value.index).toBe(0);
    // Nothing is released: at the end, only the newest are left.
    let last: SourceFragment[] = [];
    do last = await collected(source.fragments(last.at(-1)?.index ?? 1));
    while (last.at(-1)!.index < 7);
    const left = await collected(source.fragments(0));
    expect(left.at(-1)!.index).toBe(7);
    expect(left.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)).toBeLessThanOrEqual(bufferBytes());
    await source.close();
  });
});
