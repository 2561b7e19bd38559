import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { systemClock, type Clock } from "../../base/clock.ts";
import { SourceError } from "./source.ts";

/** A process that reports nothing for this long is in an endless loop. */
const SILENCE_LIMIT_MS = 10_000;
/** Memory for a file's structure: some 50 bytes for each frame of a day's video, twice over. */
const MEMORY_LIMIT_MB = 512;

/** Beside this file; TypeScript here, bundled in the npm package. */
const isBundled = import.meta.url.endsWith(".mjs");
const childFile = new URL(`./probe-child.${isBundled ? "mjs" : "ts"}`, import.meta.url);

/**
 * Reads files in a process of its own before this one does: over a damaged file, a demuxer can loop without end or until
 * memory is full, and only another process can be stopped then.
 */
export class FileProbe {
  readonly #silenceLimitMs: number;
  readonly #clock: Clock;
  #child: ChildProcess | undefined;

  constructor({ silenceLimitMs = SILENCE_LIMIT_MS, clock = systemClock } = {}) {
    this.#silenceLimitMs = silenceLimitMs;
    this.#clock = clock;
  }

  /**
   * Resolves when the file was read from end to end, or fails with an ordinary error.
   * @throws SourceError CORRUPT when reading it loops or runs out of memory
   */
  async probe(file: string): Promise<void> {
    const child = (this.#child ??= await startChild());
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const damaged = (reason: string) => () =>
      reject(new SourceError("CORRUPT", `it is damaged so that reading it ${reason}`));
    const startTimer = () => this.#clock.after(this.#silenceLimitMs, damaged("never ends"));
    let timer = startTimer();
    const onMessage = (message: unknown) => {
      timer.cancel();
      if (message === "done") resolve();
      else timer = startTimer();
    };
    const onExit = damaged("takes more memory than there is");
    child.on("message", onMessage).on("exit", onExit);
    child.send(file);
    try {
      await promise;
    } catch (error) {
      this.close();
      throw error;
    } finally {
      timer.cancel();
      child.off("message", onMessage).off("exit", onExit);
    }
  }

  close(): void {
    this.#child?.kill("SIGKILL");
    this.#child = undefined;
  }
}

async function startChild(): Promise<ChildProcess> {
  const child = fork(fileURLToPath(childFile), {
    execArgv: [`--max-old-space-size=${MEMORY_LIMIT_MB}`],
    // A process that runs out of memory prints pages about it.
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  await once(child, "message");
  return child;
}
