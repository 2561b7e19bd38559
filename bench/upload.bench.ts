/**
 * The uploader alone: files of 50 and 200 MB to a local cloud in another process. What counts is how fast it goes
 * (goal: the 12.5 MB/s that Kinesis Video Streams takes per stream) and how much memory this process needs for it
 * (goal: under 150 MB, and no more for the larger file). Each file has a process of its own.
 *
 *     node bench/upload.bench.ts [--json]
 */
import { fork, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeBigClip } from "./big-clip.ts";

const SIZES_MB = [50, 200];
const GOAL_MB_PER_S = 12.5;
const GOAL_RSS_MB = 150;

export interface UploadFigures {
  readonly fileMB: number;
  readonly fragments: number;
  readonly seconds: number;
  readonly mbPerSecond: number;
  readonly peakRssMB: number;
}

/** The local cloud with one stream; resolves with its endpoint. */
async function startCloud(dataFolder: string): Promise<{ endpoint: string; stop(): void }> {
  const server = fileURLToPath(new URL("./upload-cloud.ts", import.meta.url));
  const child = spawn(process.execPath, [server, dataFolder], { stdio: ["ignore", "pipe", "inherit"] });
  for await (const line of createInterface({ input: child.stdout }))
    return { endpoint: line, stop: () => void child.kill() };
  throw new Error("the local cloud ended before it began");
}

function uploadInOwnProcess(file: string, endpoint: string): Promise<UploadFigures> {
  const child = fork(fileURLToPath(new URL("./upload-one.ts", import.meta.url)), [file, endpoint], {
    // As in the first line of cli/main.ts.
    execArgv: ["--max-semi-space-size=1"],
  });
  return new Promise((resolve, reject) => {
    child.once("message", (figures) => resolve(figures as UploadFigures));
    child.once("exit", (code) => reject(new Error(`the upload ended with ${code}`)));
  });
}

const folder = await mkdtemp(join(tmpdir(), "doorstep-upload-bench-"));
const cloud = await startCloud(join(folder, "cloud"));
const uploads: UploadFigures[] = [];
try {
  for (const sizeMB of SIZES_MB) {
    const file = join(folder, `${sizeMB}.mp4`);
    await writeBigClip(file, sizeMB * 1_000_000);
    const { size } = await stat(file);
    if (Math.abs(size / 1e6 - sizeMB) > sizeMB / 20) throw new Error(`the clip came out at ${size} bytes`);
    uploads.push(await uploadInOwnProcess(file, cloud.endpoint));
  }
} finally {
  cloud.stop();
  await rm(folder, { recursive: true, force: true });
}
const result = { node: process.version, goalMBPerSecond: GOAL_MB_PER_S, goalRssMB: GOAL_RSS_MB, uploads };
if (process.argv.includes("--json")) console.log(JSON.stringify(result));
else
  for (const { fileMB, fragments, seconds, mbPerSecond, peakRssMB } of uploads)
    console.log(
      `${fileMB} MB in ${fragments} fragments: ${seconds} s, ${mbPerSecond} MB/s (goal ${GOAL_MB_PER_S}), ` +
        `peak memory ${peakRssMB} MB (goal ${GOAL_RSS_MB})`,
    );
