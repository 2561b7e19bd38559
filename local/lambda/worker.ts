// Runs inside a worker thread: loads one function's bundle and runs its invocations, as Lambda's runtime does.
import { parentPort, workerData } from "node:worker_threads";
import { pathToFileURL } from "node:url";
import type { Invocation, FromWorker, Outcome, WorkerData } from "./sandbox.ts";

const { file, exportName, config } = workerData as WorkerData;
const post = (message: FromWorker): void => parentPort!.postMessage(message);

const RealDate = Date;
let offsetMs = 0;

/** The function sees the local cloud's time, which a test may have turned. */
class CloudDate extends RealDate {
  constructor(...given: unknown[]) {
    if (given.length === 0) super(RealDate.now() + offsetMs);
    else super(...(given as [number]));
  }
  static override now(): number {
    return RealDate.now() + offsetMs;
  }
}
globalThis.Date = CloudDate as DateConstructor;

const loaded = import(pathToFileURL(file).href) as Promise<Record<string, unknown>>;
// A failed load is reported to the first invocation, as Lambda does with an error at initialisation.
loaded.catch(() => undefined);

parentPort!.on("message", (invocation: Invocation) => {
  void run(invocation).then((outcome) => post({ outcome }));
});

/** The runtime's own errors, as the Node.js runtime for Lambda names them (its source is public). */
class RuntimeError extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = `Runtime.${name}`;
  }
}

async function handlerOf(): Promise<(event: unknown, context: unknown) => unknown> {
  const handler = (await loaded)[exportName];
  if (typeof handler !== "function")
    throw new RuntimeError("HandlerNotFound", `${config.handler} is undefined or not exported`);
  if (handler.length > 2)
    throw new RuntimeError(
      "CallbackHandlerDeprecated",
      "ERROR: AWS Lambda has removed support for callback-based function handlers starting with Node.js 24.",
    );
  return handler as (event: unknown, context: unknown) => unknown;
}

async function run({ requestId, payload, clockOffsetMs, traceHeader }: Invocation): Promise<Outcome> {
  offsetMs = clockOffsetMs;
  // The SDK sends it with every call, so that Lambda can count a chain of invocations.
  process.env["_X_AMZN_TRACE_ID"] = traceHeader;
  try {
    const handler = await handlerOf();
    post({ started: requestId });
    const deadlineMs = Date.now() + config.timeoutMs;
    const result: unknown = await handler(JSON.parse(payload), {
      awsRequestId: requestId,
      functionName: config.name,
      functionVersion: "$LATEST",
      invokedFunctionArn: config.arn,
      memoryLimitInMB: String(config.memorySizeMb),
      logGroupName: `/aws/lambda/${config.name}`,
      logStreamName: "local",
      getRemainingTimeInMillis: () => Math.max(0, deadlineMs - Date.now()),
    });
    return { ok: true, payload: JSON.stringify(result ?? null) };
  } catch (error) {
    return { ok: false, payload: JSON.stringify(describe(error)) };
  }
}

/** An error as the Node.js runtime for Lambda reports it (its source is public); any value may be thrown. */
function describe(error: unknown): { errorType: string; errorMessage: string; trace: readonly string[] } {
  if (error instanceof Error)
    return { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? "").split("\n") };
  return { errorType: typeof error, errorMessage: String(error), trace: [] };
}
