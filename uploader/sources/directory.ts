import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { sleep, type Clock } from "../../base/clock.ts";
import { isFinished, sight, type Look, type Sighting } from "./watch.ts";

const VIDEO_FILE = /^[^.].*\.(mp4|m4v|mov|mkv|ts)$/i;
const SCAN_INTERVAL_MS = 1_000;

export interface DirectoryOptions {
  readonly folder: string;
  /** Goes on looking for new files; else ends with those that are there. */
  readonly watch: boolean;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

/** A file that nobody writes to any more. */
export interface FinishedFile extends Look {
  readonly path: string;
  readonly name: string;
}

/**
 * The video files of a folder, each once it is finished, in the order of their names among those that finish at a time.
 * One that changes later comes again. Hidden files and other kinds are left alone.
 */
export async function* finishedFiles(options: DirectoryOptions): AsyncGenerator<FinishedFile> {
  const { folder, watch, clock, signal } = options;
  let seen = new Map<string, Sighting>();
  const given = new Map<string, string>();
  while (!signal?.aborted) {
    const looks = await lookAround(folder);
    const nowMs = clock.now();
    seen = new Map([...looks].map(([name, look]) => [name, sight(seen.get(name), look, nowMs)]));
    const waiting = [...seen].filter(([name, one]) => given.get(name) !== lookKey(one));
    for (const [name, one] of waiting) {
      if (!isFinished(one, nowMs)) continue;
      given.set(name, lookKey(one));
      const { sizeBytes, modifiedAtMs } = one;
      yield { path: join(folder, name), name, sizeBytes, modifiedAtMs };
      if (signal?.aborted) return;
    }
    const areAllGiven = [...seen].every(
      ([name, one]) => given.get(name) === lookKey(one) || one.sizeBytes === 0,
    );
    if (!watch && areAllGiven) return;
    for (const name of given.keys()) if (!seen.has(name)) given.delete(name);
    await sleep(clock, SCAN_INTERVAL_MS, signal);
  }
}

async function lookAround(folder: string): Promise<Map<string, Look>> {
  const names = (await readdir(folder)).filter((name) => VIDEO_FILE.test(name)).toSorted();
  const looks = new Map<string, Look>();
  for (const name of names) {
    // A file may be gone again.
    const found = await stat(join(folder, name)).catch(() => undefined);
    if (found?.isFile()) looks.set(name, { sizeBytes: found.size, modifiedAtMs: found.mtimeMs });
  }
  return looks;
}

const lookKey = ({ sizeBytes, modifiedAtMs }: Look): string => `${sizeBytes} ${modifiedAtMs}`;

/** SHA-256 of a file's content. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}
