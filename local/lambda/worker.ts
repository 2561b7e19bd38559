// Runs inside a worker thread: loads one function's bundle and answers its invocations, as Lambda's runtime does.
import { parentPort, workerData } from "node:worker_threads";
import { pathToFileURL } from "node:url";
import type { Invocation, Outcome, WorkerData } from "./sandbox.ts";

const { file, exportName, config } = workerData as WorkerData;
const port = parentPort!;

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
// A failed load is answered to the first invocation, as Lambda does with an error at initialisation.
loaded.catch(() => undefined);

port.on("message", (invocation: Invocation) => {
  void run(invocation).then((outcome) => port.postMessage(outcome));
});

async function run({ requestId, payload, deadlineMs, clockOffsetMs }: Invocation): Promise<Outcome> {
  offsetMs = clockOffsetMs;
  try {
    const handler = (await loaded)[exportName];
    if (typeof handler !== "function") throw new Error(`the bundle exports no function ${exportName}`);
    const result: unknown = await (handler as (event: unknown, context: unknown) => unknown)(
      JSON.parse(payload),
      {
        awsRequestId: requestId,
        functionName: config.name,
        functionVersion: "$LATEST",
        invokedFunctionArn: config.arn,
        memoryLimitInMB: String(config.memorySizeMb),
        logGroupName: `/aws/lambda/${config.name}`,
        logStreamName: "local",
        callbackWaitsForEmptyEventLoop: true,
        getRemainingTimeInMillis: () => Math.max(0, deadlineMs - Date.now()),
      },
    );
    return { ok: true, payload: JSON.stringify(result ?? null) };
  } catch (error) {
    const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
    const trace = (stack ?? "").split("\n").map((line) => line.trim());
    return { ok: false, payload: JSON.stringify({ errorType: name, errorMessage: message, trace }) };
  }
}
