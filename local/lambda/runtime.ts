import { join } from "node:path";
import { systemClock } from "../../base/clock.ts";
import type { Cloud } from "../cloud.ts";
import { LogFile } from "../log-file.ts";
import { recursiveInvocation, throttled } from "./errors.ts";
import { unpack, type Code, type FunctionConfig, type RecursiveLoop } from "./function.ts";
import { invocationsOf, MAX_CHAIN_INVOCATIONS, nextTraceHeader } from "./lineage.ts";
import { Sandbox, type Outcome } from "./sandbox.ts";
import type { Sandboxes } from "./sandboxes.ts";

const STOPPED: Outcome = {
  ok: false,
  payload: JSON.stringify({ errorType: "Runtime.ExitError", errorMessage: "the local cloud stopped" }),
};

interface Waiting {
  readonly requestId: string;
  readonly payload: string;
  readonly traceHeader: string;
  readonly resolve: (outcome: Outcome) => void;
}

/** A function's sandboxes: warm ones are reused, new ones start when all are busy, then invocations wait their turn. */
export class FunctionRuntime {
  readonly config: FunctionConfig;
  recursiveLoop: RecursiveLoop;
  readonly #cloud: Cloud;
  readonly #code: Code;
  readonly #logFile: LogFile;
  readonly #sandboxes: Sandboxes;
  readonly #waiting: Waiting[] = [];
  #running = 0;
  #stopped = false;

  constructor(config: FunctionConfig, cloud: Cloud, sandboxes: Sandboxes) {
    this.config = config;
    this.#sandboxes = sandboxes;
    this.recursiveLoop = config.recursiveLoop;
    this.#cloud = cloud;
    this.#code = unpack(config, join(cloud.dataFolder, "lambda"));
    this.#logFile = new LogFile(join(cloud.dataFolder, "logs", `${config.name}.log`), cloud.events, "lambda");
  }

  /**
   * Runs the function once on a JSON payload and waits for the outcome.
   * @param traceHeader X-Ray's header that came with the event, which counts the invocations of a chain of requests
   * @throws AwsError TooManyRequestsException when its reserved concurrency is used up, RecursiveInvocationException when
   *   the chain has invoked it too often (documented: Lambda, Invoke)
   */
  async invoke(requestId: string, payload: string, traceHeader?: string): Promise<Outcome> {
    if (this.#stopped) return STOPPED;
    if (this.stopsChain(traceHeader)) {
      this.#cloud.events.emit("lambda", "recursion-stopped", { function: this.config.name });
      throw recursiveInvocation();
    }
    if (this.#running >= (this.config.reservedConcurrency ?? Infinity)) {
      this.#cloud.events.emit("lambda", "throttled", { function: this.config.name });
      throw throttled();
    }
    this.#running++;
    try {
      return await new Promise((resolve) => {
        const header = nextTraceHeader(traceHeader, this.config.arn);
        this.#waiting.push({ requestId, payload, traceHeader: header, resolve });
        this.#next();
      });
    } finally {
      this.#running--;
    }
  }

  /** Whether the chain of requests that the header belongs to has invoked the function so often that it is stopped. */
  stopsChain(traceHeader: string | undefined): boolean {
    const invocations = invocationsOf(traceHeader, this.config.arn);
    return this.recursiveLoop === "Terminate" && invocations >= MAX_CHAIN_INVOCATIONS;
  }

  /** Ends every worker thread; invocations that run or wait fail. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const { resolve } of this.#waiting.splice(0)) resolve(STOPPED);
    await Promise.all(this.#sandboxes.removeAll(this).map((sandbox) => sandbox.stop()));
  }

  #next(): void {
    if (this.#waiting.length === 0 || this.#stopped) return;
    const sandbox = this.#sandboxes.take(this, () => this.#newSandbox());
    if (!sandbox) return;
    const { requestId, payload, traceHeader, resolve } = this.#waiting.shift()!;
    const startedAtMs = systemClock.now();
    void sandbox.invoke(requestId, payload, traceHeader).then((outcome) => {
      const { ok } = outcome;
      const durationMs = systemClock.now() - startedAtMs;
      if (!this.#stopped)
        this.#cloud.events.emit("lambda", "invoked", { function: this.config.name, ok, durationMs });
      this.#sandboxes.giveBack(sandbox);
      if (!outcome.ok) this.#log(`${requestId} failed: ${outcome.payload}`);
      resolve(outcome);
      this.#next();
    });
  }

  #newSandbox(): Sandbox {
    return new Sandbox(this.config, this.#code.file, this.#environment(), this.#cloud.clock, (line) =>
      this.#log(line),
    );
  }

  #environment(): Record<string, string> {
    const { access, endpoint, region } = this.#cloud;
    const principal = access.assumeRole(this.config.roleArn, "lambda.amazonaws.com");
    const { accessKeyId, secretAccessKey, sessionToken } = access.issue(principal);
    return {
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: sessionToken,
      AWS_ENDPOINT_URL: endpoint,
      AWS_LAMBDA_FUNCTION_NAME: this.config.name,
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(this.config.memorySizeMb),
      AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
      AWS_EXECUTION_ENV: `AWS_Lambda_${this.config.runtime}`,
      AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${this.config.name}`,
      AWS_LAMBDA_LOG_STREAM_NAME: "local",
      LAMBDA_TASK_ROOT: this.#code.root,
      _HANDLER: this.config.handler,
      TZ: ":UTC",
      ...this.config.environment,
    };
  }

  #log(line: string): void {
    if (this.#stopped) return;
    this.#logFile.append(line);
    this.#cloud.events.emit("lambda", "log", { function: this.config.name, line });
  }
}
