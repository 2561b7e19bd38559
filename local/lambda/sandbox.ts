import { createInterface } from "node:readline";
import { Worker } from "node:worker_threads";
import type { Clock, Timer } from "../../base/clock.ts";
import type { FunctionConfig } from "./function.ts";

export interface WorkerData {
  readonly file: string;
  readonly exportName: string;
  readonly config: Pick<FunctionConfig, "name" | "arn" | "handler" | "memorySizeMb" | "timeoutMs">;
}

export interface Invocation {
  readonly requestId: string;
  readonly payload: string;
  readonly clockOffsetMs: number;
  /** What the runtime gives the function as `_X_AMZN_TRACE_ID`. */
  readonly traceHeader: string;
}

/** The bundle is loaded and the handler runs, or the outcome. */
export type FromWorker = { readonly started: string } | { readonly outcome: Outcome };

/** The outcome of an invocation: the handler's result, or `{errorType, errorMessage, trace}`. */
export interface Outcome {
  readonly ok: boolean;
  readonly payload: string;
}

/** Called with each line that the function prints. */
type OnLog = (line: string) => void;

/** Documented (Lambda, execution environment): loading the code may take 10 s, which do not count towards the function's timeout. */
const MAX_INIT_MS = 10_000;
const CODE_RANGE_MB = 32;
const YOUNG_GENERATION_MB = 16;

/**
 * One execution environment of a function: a worker thread with its own environment variables and memory limit,
 * which runs one invocation at a time and is discarded when it times out or dies.
 */
export class Sandbox {
  readonly #worker: Worker;
  readonly #config: FunctionConfig;
  readonly #clock: Clock;
  readonly #onLog: OnLog;
  #settle: ((outcome: Outcome) => void) | undefined;
  #timer: Timer | undefined;
  alive = true;

  constructor(config: FunctionConfig, file: string, env: Record<string, string>, clock: Clock, onLog: OnLog) {
    this.#config = config;
    this.#clock = clock;
    this.#onLog = onLog;
    const { name, arn, handler, memorySizeMb, timeoutMs } = config;
    const exportName = config.handler.slice(config.handler.lastIndexOf(".") + 1);
    const workerData: WorkerData = {
      file,
      exportName,
      config: { name, arn, handler, memorySizeMb, timeoutMs },
    };
    this.#worker = new Worker(new URL("./worker.js", import.meta.url), {
      workerData,
      env,
      execArgv: [],
      stdout: true,
      stderr: true,
      resourceLimits: {
        maxOldGenerationSizeMb: memorySizeMb,
        maxYoungGenerationSizeMb: YOUNG_GENERATION_MB,
        codeRangeSizeMb: CODE_RANGE_MB,
      },
    });
    for (const stream of [this.#worker.stdout, this.#worker.stderr])
      createInterface({ input: stream }).on("line", (line) => {
        if (line.trim()) onLog(line);
      });
    this.#worker.on("message", (message: FromWorker) => {
      if ("outcome" in message) this.#respond(message.outcome);
      else this.#limit(message.started, 0);
    });
    this.#worker.on("error", (error: NodeJS.ErrnoException) =>
      this.#die(
        error.code === "ERR_WORKER_OUT_OF_MEMORY" ? "Runtime.OutOfMemory" : "Runtime.ExitError",
        error.message,
      ),
    );
    this.#worker.on("exit", (code) =>
      this.#die("Runtime.ExitError", `the function exited with code ${code}`),
    );
  }

  /** Runs the handler on a JSON payload, for at most the function's timeout. */
  async invoke(requestId: string, payload: string, traceHeader: string): Promise<Outcome> {
    const outcome = new Promise<Outcome>((resolve) => (this.#settle = resolve));
    this.#limit(requestId, MAX_INIT_MS);
    const clockOffsetMs = this.#clock.offsetMs;
    this.#worker.postMessage({ requestId, payload, clockOffsetMs, traceHeader } satisfies Invocation);
    return await outcome;
  }

  /** Ends it between two invocations. */
  retire(): void {
    this.alive = false;
    void this.#worker.terminate();
  }

  async stop(): Promise<void> {
    this.#die("Runtime.ExitError", "the local cloud stopped");
    await this.#worker.terminate();
  }

  /** Ends the invocation after the function's timeout from now, plus the time it may still need to load. */
  #limit(requestId: string, initMs: number): void {
    if (!this.#settle) return;
    const { timeoutMs } = this.#config;
    this.#timer?.cancel();
    this.#timer = this.#clock.after(initMs + timeoutMs, () => {
      const seconds = (timeoutMs / 1000).toFixed(2);
      this.#die("Sandbox.Timedout", `RequestId: ${requestId} Error: Task timed out after ${seconds} seconds`);
      void this.#worker.terminate();
    });
  }

  #respond(outcome: Outcome): void {
    this.#timer?.cancel();
    this.#settle?.(outcome);
    this.#settle = undefined;
  }

  #die(errorType: string, errorMessage: string): void {
    if (!this.alive) return;
    this.alive = false;
    if (!this.#settle) this.#onLog(errorMessage);
    this.#respond({ ok: false, payload: JSON.stringify({ errorType, errorMessage }) });
  }
}
