import { availableParallelism } from "node:os";
import { setFlagsFromString } from "node:v8";
import { Worker } from "node:worker_threads";
import { hoursOf, type HistoryOptions } from "../../analysis/synthetic/history.ts";
import { nothingWritten, type HourRange, type GeneratedTable, type Written } from "./lake-files.ts";
import { forThreads, type Target } from "./target.ts";

/** Input of a thread. */
export interface WorkerTask {
  readonly options: HistoryOptions;
  readonly target: Target;
}

/** What a thread posts: rows of an object being stored, the result of a range of hours, or why it failed. */
export type WorkerMessage =
  { readonly rows: number } | { readonly written: Written } | { readonly failure: string };

const MAX_WORKERS = 8;
const HOURS_PER_RANGE = 24;
/** Room for short-lived objects. */
const YOUNG_GENERATION_MB = 64;
/**
 * Far more than a thread uses: with a limit below 2 GB, V8 collects garbage after at most half as much growth, which takes
 * a fifth of all processor time (measured by bench/generate.bench.ts).
 */
const OLD_GENERATION_MB = 2048;

/** Beside this file: TypeScript in the project, a bundle in the npm package. */
const isBundled = import.meta.url.endsWith(".mjs");
const workerFile = new URL(`./${isBundled ? "generate-worker.mjs" : "worker.ts"}`, import.meta.url);

/**
 * Writes a history with one thread per processor, each a day at a time.
 * @throws Error from S3 or the file system, or the signal's reason; what was written by then stays
 */
export async function writeHistory(
  options: HistoryOptions,
  target: Target,
  { signal, onRows = () => {} }: { signal: AbortSignal; onRows?: (rows: number) => void },
): Promise<Written> {
  const ranges = rangesOf(options);
  const total = nothingWritten();
  const count = Math.min(availableParallelism(), ranges.length, MAX_WORKERS);
  const workers: Worker[] = [];
  const stop = () => Promise.all(workers.map((worker) => worker.terminate()));
  try {
    signal.throwIfAborted();
    // The command starts with a small young generation, for uploads, which would override the threads' limit.
    setFlagsFromString("--max-semi-space-size=0");
    await Promise.all(
      Array.from({ length: count }, () => {
        const worker = new Worker(workerFile, {
          workerData: { options, target: forThreads(target) } satisfies WorkerTask,
          env: process.env,
          resourceLimits: {
            maxYoungGenerationSizeMb: YOUNG_GENERATION_MB,
            maxOldGenerationSizeMb: OLD_GENERATION_MB,
          },
        });
        workers.push(worker);
        return new Promise<void>((resolve, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
          const next = () => worker.postMessage(ranges.shift() ?? "end");
          worker.on("error", reject);
          worker.on("exit", () => resolve());
          worker.on("message", (message: WorkerMessage) => {
            if ("rows" in message) return onRows(message.rows);
            if ("failure" in message) return reject(new Error(message.failure));
            add(total, message.written);
            next();
          });
          next();
        });
      }),
    );
  } finally {
    await stop();
  }
  return total;
}

/** Divides a history into ranges of a day. */
function rangesOf(options: HistoryOptions): HourRange[] {
  const { first, end } = hoursOf(options);
  return Array.from({ length: Math.ceil((end - first) / HOURS_PER_RANGE) }, (_, index) => {
    const begin = first + index * HOURS_PER_RANGE;
    return { first: begin, end: Math.min(end, begin + HOURS_PER_RANGE) };
  });
}

function add(total: Written, { objects, bytes, rows }: Written): void {
  total.objects += objects;
  total.bytes += bytes;
  for (const table of Object.keys(rows) as GeneratedTable[]) total.rows[table] += rows[table];
}
