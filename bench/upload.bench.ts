/**
 * `doorstep upload` as it is installed (the bundle of `npm run build`): files of 50 and 200 MB, with ordinary and with
 * large frames, to a local cloud in another process. Measures throughput (goal: the 12.5 MB/s that Kinesis Video Streams
 * accepts per stream), the share of a core that the command's process needs at that throughput (goal: at most 20 %), and its
 * memory (goal: under 150 MB, and no more for the larger file). Each file is uploaded by a process of its own.
 *
 *     npm run bench -- upload
 */
import { execFileSync, spawn } from "node:child_process";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { writeBigClip, type FrameSizes } from "./big-clip.ts";
import { rounded } from "./figures.ts";
import type { Usage } from "./print-usage.ts";
import { figure, report } from "./result.ts";

const SIZES_MB = [50, 200];
const FRAMES: Readonly<Record<string, FrameSizes>> = {
  // 12.5 Mbit/s: a fragment of two seconds has 3 MB.
  ordinary: { keyframeBytes: 130_000, otherBytes: 130_000 },
  large: { keyframeBytes: 500_000, otherBytes: 250_000 },
};
const GOAL_MB_PER_S = 12.5;
const GOAL_RSS_MB = 150;
const GOAL_PERCENT_OF_CORE = 20;

interface UploadFigures {
  readonly frames: string;
  readonly fileMB: number;
  readonly fragments: number;
  readonly seconds: number;
  readonly mbPerSecond: number;
  readonly peakRssMB: number;
  /** Of the time that the file takes at the goal's throughput. */
  readonly shareOfCore: number;
}

const pathOf = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

/** The local cloud with one stream; resolves with its endpoint. */
async function startCloud(dataFolder: string): Promise<{ endpoint: string; stop(): void }> {
  const child = spawn(process.execPath, [pathOf("./upload-cloud.ts"), dataFolder], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  for await (const line of createInterface({ input: child.stdout }))
    return { endpoint: line, stop: () => void child.kill() };
  throw new Error("the local cloud ended before it printed its endpoint");
}

/** Builds the command; resolves with its file and the flags that its first line gives to Node. */
async function buildCommand(folder: string): Promise<{ command: string; flags: string[] }> {
  execFileSync(process.execPath, [pathOf("../tools/build-cli.ts"), folder]);
  const command = join(folder, "bin", "doorstep.mjs");
  const [, flags = ""] = /^#!.* node (.*)$/m.exec(await readFile(command, "utf8")) ?? [];
  return { command, flags: flags.split(" ").filter(Boolean) };
}

async function uploadInOwnProcess(args: readonly string[], endpoint: string, file: string) {
  const startedAtMs = performance.now();
  const child = spawn(
    process.execPath,
    [...args, "upload", file, "--stream=bench", "--start=2025-11-21T00:00:00Z", "--json"],
    {
      stdio: ["ignore", "pipe", "ignore", "pipe"],
      env: {
        ...process.env,
        AWS_ENDPOINT_URL: endpoint,
        AWS_REGION: "us-east-1",
        AWS_ACCESS_KEY_ID: "bench",
        AWS_SECRET_ACCESS_KEY: "bench",
      },
    },
  );
  const [stdout, usage] = await Promise.all([text(child.stdout!), text(child.stdio[3] as Readable)]);
  const seconds = (performance.now() - startedAtMs) / 1000;
  const summary = JSON.parse(stdout) as { fragments?: number; persistedFragments?: number };
  if (!summary.fragments || summary.persistedFragments !== summary.fragments)
    throw new Error(`not all fragments were persisted: ${stdout}`);
  const fileMB = (await stat(file)).size / 1e6;
  const { peakMb, processorSeconds } = JSON.parse(usage) as Usage;
  return {
    fileMB: rounded(fileMB, 1),
    fragments: summary.fragments,
    seconds: rounded(seconds, 1),
    mbPerSecond: rounded(fileMB / seconds, 1),
    peakRssMB: peakMb,
    shareOfCore: processorSeconds / (fileMB / GOAL_MB_PER_S),
  };
}

const folder = await mkdtemp(join(tmpdir(), "doorstep-upload-bench-"));
const { command, flags } = await buildCommand(join(folder, "package"));
const cloud = await startCloud(join(folder, "cloud"));
const uploads: UploadFigures[] = [];
try {
  for (const [frames, sizes] of Object.entries(FRAMES))
    for (const sizeMB of SIZES_MB) {
      const file = join(folder, `${sizeMB}.mp4`);
      await writeBigClip(file, sizeMB * 1_000_000, sizes);
      const { size } = await stat(file);
      if (Math.abs(size / 1e6 - sizeMB) > sizeMB / 20) throw new Error(`the clip has ${size} bytes`);
      const args = [...flags, "--import", new URL("./print-usage.ts", import.meta.url).href, command];
      uploads.push({ frames, ...(await uploadInOwnProcess(args, cloud.endpoint, file)) });
    }
} finally {
  cloud.stop();
  await rm(folder, { recursive: true, force: true });
}
report("upload", {
  figures: uploads.flatMap(({ frames, fileMB, fragments, seconds, mbPerSecond, peakRssMB, shareOfCore }) => {
    const name = `${fileMB} MB of ${frames} frames`;
    return [
      figure(`${name}, ${fragments} fragments`, seconds, "s"),
      figure(`${name}, throughput`, mbPerSecond, "MB/s", { atLeast: GOAL_MB_PER_S }),
      figure(`${name}, core used at ${GOAL_MB_PER_S} MB/s`, rounded(shareOfCore * 100, 1), "%", {
        atMost: GOAL_PERCENT_OF_CORE,
      }),
      figure(`${name}, peak memory`, peakRssMB, "MB", { atMost: GOAL_RSS_MB }),
    ];
  }),
  sameWork: "every fragment was persisted",
});
