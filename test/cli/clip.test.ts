import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Writable } from "node:stream";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { run } from "../../cli/run.ts";
import { kinesisVideo } from "../../local/kinesis-video/index.ts";
import { uploadClip } from "../../uploader/upload-clip.ts";
import { startTestCloud, type TestCloud } from "../local/cloud.ts";
import { drawClip, framesOf, packetsOf, type ShownFrame } from "../local/kinesis-video/clips.ts";
import { frontDoorClip, makeClip } from "../uploader/synthetic-clips.ts";
import { fastClock } from "../support/fast-clock.ts";
import { keptStream, useCloud } from "./cloud.ts";
import { doorstep } from "./process.ts";

/** 2025-11-21T04:40:00.000Z */
const startMs = 1_763_700_000_000;
/** The duration of the drawn clip of this project. */
const CLIP_MS = 16_000;

let local: TestCloud;
let restoreEnvironment: () => void;
let folder: string;
let original: ShownFrame[];
beforeAll(async () => {
  const names = ["once", "gapped", "many", "changing", "audible"];
  local = await startTestCloud({
    services: [kinesisVideo],
    template: { Resources: Object.fromEntries(names.map((name) => [name, keptStream(name)])) },
  });
  restoreEnvironment = useCloud(local.endpoint, local.clock);
  folder = await mkdtemp(join(tmpdir(), "doorstep-clip-"));
  await upload(frontDoorClip, "once");
  for (const afterMs of [60_000, 0, 0, CLIP_MS]) await upload(frontDoorClip, "gapped", afterMs);
  original = await framesOf(frontDoorClip);
});
afterAll(async () => {
  restoreEnvironment();
  await local.stop();
  await rm(folder, { recursive: true });
});
beforeEach(async () => {
  for (const name of await readdir(folder)) if (name.startsWith("got")) await rm(join(folder, name));
});

const pictures = (frames: readonly ShownFrame[]): string[] => frames.map(({ pixels }) => pixels);
const at = (afterMs: number): string => new Date(startMs + afterMs).toISOString();

const upload = (file: string, streamName: string, afterMs = 0, clock = fastClock(local.clock)) =>
  uploadClip({ file, streamName, startMs: startMs + afterMs, clock });

/** Runs `doorstep clip` over a span relative to the first upload. */
const clip = (stream: string, fromMs: number, toMs: number, ...flags: string[]) =>
  doorstep([
    "clip",
    stream,
    "--stream",
    "--from",
    at(fromMs),
    "--to",
    at(toMs),
    "--output",
    join(folder, "got.mp4"),
    ...flags,
  ]);

const got = () => framesOf(join(folder, "got.mp4"));
const filesGot = async () => (await readdir(folder)).filter((name) => name.startsWith("got"));

describe("doorstep clip", () => {
  test("returns the uploaded video frame for frame", async () => {
    const { exitCode, stdout } = await clip("once", 0, CLIP_MS);
    expect(exitCode).toBe(0);
    expect(await got()).toEqual(original);
    expect(original).toHaveLength(192);
    expect(stdout.split("\n")).toEqual([
      `${join(folder, "got.mp4")}: 8 fragments in 1 part, 0.6 MB`,
      "  requested  2025-11-21T04:40:00.000Z to 2025-11-21T04:40:16.000Z (0:16.0)",
      "  got        2025-11-21T04:40:00.000Z to 2025-11-21T04:40:16.000Z (0:16.0)",
      "",
    ]);
  });

  test("takes whole fragments and reports the real bounds", async () => {
    const { stdout } = await clip("once", 5000, 6500, "--json");
    expect(JSON.parse(stdout)).toMatchObject({
      requested: { startMs: startMs + 5000, endMs: startMs + 6500 },
      got: { startMs: startMs + 4000, endMs: startMs + 8000 },
      gaps: [],
      fragments: 2,
      parts: 1,
    });
    expect(pictures(await got())).toEqual(pictures(original).slice(48, 96));
  });

  test("joins footage on both sides of a gap, shows the last frame in it, and drops repeated footage", async () => {
    const { stdout } = await clip("gapped", 0, 100_000, "--json");
    expect(JSON.parse(stdout)).toMatchObject({
      got: { startMs, endMs: startMs + 76_000 },
      gaps: [{ startMs: startMs + 32_000, endMs: startMs + 60_000 }],
      fragments: 24,
      parts: 2,
      repeatedFragments: 8,
    });
    const frames = await got();
    expect(pictures(frames)).toEqual([...original, ...original, ...original].map(({ pixels }) => pixels));
    expect([frames[192]!.atMs, frames[384]!.atMs]).toEqual([16_000, 60_000]);
    expect(frames.at(-1)!.atMs).toBe(60_000 + original.at(-1)!.atMs);
  });

  test("closes gaps with --gaps close", async () => {
    await clip("gapped", 0, 100_000, "--gaps", "close");
    const [video] = await packetsOf(join(folder, "got.mp4"));
    expect(video!.packets).toHaveLength(576);
    expect([video!.packets[192]!.atMs, video!.packets[384]!.atMs]).toEqual([16_000, 32_000]);
  });

  test("fetches more fragments than GetClip returns at once in parts, with every frame once, at its time", async () => {
    const file = await makeClip(join(folder, "many.mp4"), { durationS: 450, keyframeEveryS: 1 });
    await upload(file, "many", 0, fastClock(local.clock, 20));
    const { stdout } = await clip("many", 0, 450_000, "--json");
    expect(JSON.parse(stdout)).toMatchObject({
      got: { startMs, endMs: startMs + 450_000 },
      gaps: [],
      fragments: 450,
      parts: 3,
    });
    expect(await packetsOf(join(folder, "got.mp4"))).toEqual(await packetsOf(file));
    expect(await filesGot()).toEqual(["got.mp4"]);
  });

  test("joins the audio, too, each packet at its time", async () => {
    const file = await drawClip(join(folder, "audible.mp4"), { durationS: 3, withSound: true });
    for (const afterMs of [0, 10_000]) await upload(file, "audible", afterMs);
    const { stdout } = await clip("audible", 0, 20_000, "--json");
    expect(JSON.parse(stdout)).toMatchObject({ fragments: 6, parts: 2 });
    const [before, after] = [await packetsOf(file), await packetsOf(join(folder, "got.mp4"))];
    expect(after.map(({ type, codec }) => [type, codec])).toEqual([
      ["video", "avc"],
      ["audio", "aac"],
    ]);
    for (const [index, { packets }] of after.entries()) {
      const sent = before[index]!.packets;
      // The encoder's first audio packets are before the first frame, and are not sent.
      const own = packets.slice(0, packets.length / 2);
      expect(packets.map(({ data }) => data)).toEqual([...own, ...own].map(({ data }) => data));
      expect(sent.map(({ data }) => data).join()).toContain(own.map(({ data }) => data).join());
      expect(own.length).toBeGreaterThan(sent.length - 4);
      for (const [at, { atMs }] of own.entries())
        expect(Math.abs(packets[own.length + at]!.atMs - atMs - 10_000)).toBeLessThanOrEqual(25);
    }
  });

  test("names the time when the video's format changes, and leaves nothing behind", async () => {
    const small = await drawClip(join(folder, "small.mp4"), { durationS: 2, width: 320, height: 180 });
    await upload(frontDoorClip, "changing");
    await upload(small, "changing", 60_000);
    const { exitCode, stderr } = await clip("changing", 0, 100_000);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /^doorstep clip: the video's format changes at 2025-11-21T04:41:00\.000Z, from avc1\.\w+ 640x360 to avc1\.\w+ 320x180; fetch one clip up to then and another one from then on\n$/,
    );
    expect(await filesGot()).toEqual([]);
    expect((await clip("changing", 60_000, 100_000)).exitCode).toBe(0);
  });

  test("replaces a file only with --force", async () => {
    const file = join(folder, "got.mp4");
    await writeFile(file, "mine");
    const { exitCode, stderr } = await clip("once", 0, 4000);
    expect(exitCode).toBe(1);
    expect(stderr).toBe(`doorstep clip: ${file} exists; --force replaces it\n`);
    expect(await readFile(file, "utf8")).toBe("mine");
    expect((await clip("once", 0, 4000, "--force")).exitCode).toBe(0);
    expect(pictures(await got())).toEqual(pictures(original).slice(0, 48));
  });

  test("leaves nothing behind after an interruption or a failure", async () => {
    const stop = new AbortController();
    const stderr = new Writable({
      write(chunk, _, done) {
        if (String(chunk).includes("fetched 1 of 2 parts")) stop.abort(new Error("interrupted by SIGINT"));
        done();
      },
    });
    const exitCode = await run(
      [
        "clip",
        "gapped",
        "--stream",
        "--from",
        at(0),
        "--to",
        at(100_000),
        "--output",
        join(folder, "got.mp4"),
      ],
      // Progress is shown to people only.
      { stdout: new PassThrough(), stderr: Object.assign(stderr, { isTTY: true }), signal: stop.signal },
    );
    expect([exitCode, stop.signal.aborted]).toEqual([1, true]);
    expect(await filesGot()).toEqual([]);

    const nowhere = await doorstep([
      "clip",
      "once",
      "--stream",
      "--from",
      at(0),
      "--to",
      at(4000),
      "--output",
      join(folder, "no", "got.mp4"),
    ]);
    expect(nowhere.exitCode).toBe(1);
    expect(nowhere.stderr).toContain("ENOENT: no such file or directory");
  });

  test("names the reason when there is no footage, or when flags are wrong", async () => {
    const { exitCode, stderr } = await clip("once", 3_600_000, 3_700_000);
    expect(exitCode).toBe(1);
    expect(stderr).toBe(
      "doorstep clip: once has no footage from 2025-11-21T05:40:00.000Z to 2025-11-21T05:41:40.000Z\n",
    );
    expect(await filesGot()).toEqual([]);
    expect((await doorstep(["clip", "once", "--stream", "--from", "1h"])).stderr).toContain(
      "expected --from, --to and --output",
    );
    expect(await clip("once", 4000, 0)).toMatchObject({ exitCode: 2 });
    expect(await clip("once", 0, 4000, "--gaps", "fill")).toMatchObject({ exitCode: 2 });
  });
});
