import { Worker } from "node:worker_threads";
import type { Clock } from "../clock.ts";
import type { FunctionConfig } from "./function.ts";

export interface WorkerData {
  readonly file: string;
  readonly exportName: string;
  readonly config: Pick<FunctionConfig, "name" | "arn" | "memorySizeMb">;
}

export interface Invocation {
  readonly requestId: string;
  readonly payload: string;
  readonly deadlineMs: number;
  readonly clockOffsetMs: number;
}

/** What came of an invocation: the handler's result, or `{errorType, errorMessage, trace}`. */
export interface Outcome {
  readonly ok: boolean;
  readonly payload: string;
}

/** Called with each line that the function prints. */
export type OnLog = (line: string) => void;

const CODE_RANGE_MB = 32;
const YOUNG_GENERATION_MB = 16;

/**
 * One execution environment of a function: a worker thread with its own environment variables and memory limit,
 * which takes one invocation at a time and is thrown away when it times out or dies.
 */
export class Sandbox {
  readonly #worker: Worker;
  readonly #config: FunctionConfig;
  readonly #clock: Clock;
  #settle: ((outcome: Outcome) => void) | undefined;
  alive = true;

  constructor(config: FunctionConfig, file: string, env: Record<string, string>, clock: Clock, onLog: OnLog) {
    this.#config = config;
    this.#clock = clock;
    const { name, arn, memorySizeMb } = config;
    const exportName = config.handler.slice(config.handler.lastIndexOf(".") + 1);
    const workerData: WorkerData = { file, exportName, config: { name, arn, memorySizeMb } };
    this.#worker = new Worker(new URL("./worker.ts", import.meta.url), {
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
      stream.setEncoding("utf8").on("data", (text: string) => {
        for (const line of text.split("\n")) if (line.trim()) onLog(line);
      });
    this.#worker.on("message", (outcome: Outcome) => this.#answer(outcome));
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
  async invoke(requestId: string, payload: string): Promise<Outcome> {
    const { timeoutMs } = this.#config;
    const timer = this.#clock.after(timeoutMs, () => {
      this.#die(
        "Sandbox.Timedout",
        `${requestId} Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`,
      );
      void this.#worker.terminate();
    });
    const outcome = new Promise<Outcome>((resolve) => (this.#settle = resolve));
    const { offsetMs } = this.#clock;
    this.#worker.postMessage({
      requestId,
      payload,
      deadlineMs: this.#clock.now() + timeoutMs,
      clockOffsetMs: offsetMs,
    } satisfies Invocation);
    try {
      return await outcome;
    } finally {
      timer.cancel();
    }
  }

  async stop(): Promise<void> {
    this.alive = false;
    await this.#worker.terminate();
  }

  #answer(outcome: Outcome): void {
    this.#settle?.(outcome);
    this.#settle = undefined;
  }

  #die(errorType: string, errorMessage: string): void {
    this.alive = false;
    this.#answer({ ok: false, payload: JSON.stringify({ errorType, errorMessage }) });
  }
}
