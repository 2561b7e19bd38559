import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { SourceError } from "./source.ts";

/** A process that gives no sign of life for so long is caught in a loop. */
const SILENCE_LIMIT_MS = 10_000;
/** What reading a file's structure may take: some 50 bytes for each frame of a day's video, twice over. */
const MEMORY_LIMIT_MB = 512;

/** Beside this file, in TypeScript here and bundled in the npm package. */
const isBundled = import.meta.url.endsWith(".mjs");
const childFile = new URL(`./look-through-child.${isBundled ? "mjs" : "ts"}`, import.meta.url);

/**
 * Reads files in a process of its own before anyone else does: a demuxer can loop without end, or until memory is full,
 * over a damaged file, and only another process can be stopped then.
 */
export class LookThrough {
  readonly #silenceLimitMs: number;
  #child: ChildProcess | undefined;

  constructor(silenceLimitMs = SILENCE_LIMIT_MS) {
    this.#silenceLimitMs = silenceLimitMs;
  }

  /**
   * Resolves once the file can be read from end to end without getting caught, or fails to be read in good order.
   * @throws SourceError CORRUPT when it cannot
   */
  async look(file: string): Promise<void> {
    const child = (this.#child ??= await startChild());
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const damaged = (reason: string) => () =>
      reject(new SourceError("CORRUPT", `it is damaged so that reading it ${reason}`));
    const limit = () => setTimeout(damaged("never ends"), this.#silenceLimitMs);
    let timer = limit();
    const onMessage = (message: unknown) => {
      clearTimeout(timer);
      if (message === "done") resolve();
      else timer = limit();
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
      clearTimeout(timer);
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
