// Runs inside a worker thread: loads one function's bundle and runs its invocations, as Lambda's runtime does. JavaScript,
// since each thread would load Node's compiler for TypeScript first, which takes a third of a cold start.
// @ts-check
import { parentPort, workerData } from "node:worker_threads";
import { pathToFileURL } from "node:url";

/** @import { Invocation, FromWorker, Outcome, WorkerData } from "./sandbox.ts" */

/** @type {WorkerData} */
const { file, exportName, config } = workerData;
/** @type {(message: FromWorker) => void} */
const post = (message) => parentPort?.postMessage(message);

const RealDate = Date;
let offsetMs = 0;

/** The function sees the local cloud's time, which a test may have turned. */
class CloudDate extends RealDate {
  /** @param {[] | [number]} given */
  constructor(...given) {
    if (given.length === 0) super(RealDate.now() + offsetMs);
    else super(...given);
  }
  /** @override */
  static now() {
    return RealDate.now() + offsetMs;
  }
}
globalThis.Date = /** @type {DateConstructor} */ (CloudDate);

/** @type {Promise<Record<string, unknown>>} */
const loaded = import(pathToFileURL(file).href);
// A failed load is reported to the first invocation, as Lambda does with an error at initialisation.
loaded.catch(() => undefined);

parentPort?.on("message", (/** @type {Invocation} */ invocation) => {
  void run(invocation).then((outcome) => post({ outcome }));
});

/** The runtime's own errors, as the Node.js runtime for Lambda names them (its source is public). */
class RuntimeError extends Error {
  /**
   * @param {string} name
   * @param {string} message
   */
  constructor(name, message) {
    super(message);
    this.name = `Runtime.${name}`;
  }
}

/** @returns {Promise<Function>} */
async function handlerOf() {
  const handler = (await loaded)[exportName];
  if (typeof handler !== "function")
    throw new RuntimeError("HandlerNotFound", `${config.handler} is undefined or not exported`);
  if (handler.length > 2)
    throw new RuntimeError(
      "CallbackHandlerDeprecated",
      "ERROR: AWS Lambda has removed support for callback-based function handlers starting with Node.js 24.",
    );
  return handler;
}

/**
 * @param {Invocation} invocation
 * @returns {Promise<Outcome>}
 */
async function run({ requestId, payload, clockOffsetMs, traceHeader }) {
  offsetMs = clockOffsetMs;
  // The SDK sends it with every call, so that Lambda can count a chain of invocations.
  process.env["_X_AMZN_TRACE_ID"] = traceHeader;
  try {
    const handler = await handlerOf();
    post({ started: requestId });
    const deadlineMs = Date.now() + config.timeoutMs;
    /** @type {unknown} */
    const result = await handler(JSON.parse(payload), {
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

/**
 * An error as the Node.js runtime for Lambda reports it (its source is public); any value may be thrown.
 * @param {unknown} error
 */
function describe(error) {
  if (error instanceof Error)
    return { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? "").split("\n") };
  return { errorType: typeof error, errorMessage: String(error), trace: [] };
}
