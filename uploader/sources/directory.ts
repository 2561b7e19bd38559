import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { sleep, type Clock } from "../../base/clock.ts";
import { isFinished, observe, type FileState, type WatchedFile } from "./watch.ts";

const VIDEO_FILE = /^[^.].*\.(mp4|m4v|mov|mkv|ts)$/i;
const SCAN_INTERVAL_MS = 1_000;

interface DirectoryOptions {
  readonly folder: string;
  /** Goes on with new files; without it, ends after those that exist. */
  readonly watch: boolean;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

/** A file that is written completely. */
export interface FinishedFile extends FileState {
  readonly path: string;
  readonly name: string;
}

/**
 * Yields the video files of a folder, each when it is finished; files that are finished at the same time in the order of
 * their names. A file that changes later is yielded again. Hidden files and files of other kinds are ignored.
 */
export async function* finishedFiles(options: DirectoryOptions): AsyncGenerator<FinishedFile> {
  const { folder, watch, clock, signal } = options;
  let watched = new Map<string, WatchedFile>();
  /** The state of each file when it was yielded. */
  const yielded = new Map<string, string>();
  while (!signal?.aborted) {
    const states = await fileStates(folder);
    const nowMs = clock.now();
    watched = new Map([...states].map(([name, state]) => [name, observe(watched.get(name), state, nowMs)]));
    const waiting = [...watched].filter(([name, file]) => yielded.get(name) !== stateKey(file));
    for (const [name, file] of waiting) {
      if (!isFinished(file, nowMs)) continue;
      yielded.set(name, stateKey(file));
      const { sizeBytes, modifiedAtMs } = file;
      yield { path: join(folder, name), name, sizeBytes, modifiedAtMs };
      if (signal?.aborted) return;
    }
    const areAllYielded = [...watched].every(
      ([name, file]) => yielded.get(name) === stateKey(file) || file.sizeBytes === 0,
    );
    if (!watch && areAllYielded) return;
    for (const name of yielded.keys()) if (!watched.has(name)) yielded.delete(name);
    await sleep(clock, SCAN_INTERVAL_MS, signal);
  }
}

async function fileStates(folder: string): Promise<Map<string, FileState>> {
  const names = (await readdir(folder)).filter((name) => VIDEO_FILE.test(name)).toSorted();
  const states = new Map<string, FileState>();
  for (const name of names) {
    // A file may have been deleted meanwhile.
    const found = await stat(join(folder, name)).catch(() => undefined);
    if (found?.isFile()) states.set(name, { sizeBytes: found.size, modifiedAtMs: found.mtimeMs });
  }
  return states;
}

const stateKey = ({ sizeBytes, modifiedAtMs }: FileState): string => `${sizeBytes} ${modifiedAtMs}`;

/** SHA-256 of a file's content. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}
