import { InvokeCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import type { Clock } from "../../../base/clock.ts";
import { MINUTE_MS, SECOND_MS } from "../../../base/durations.ts";
import { errorMessage } from "../../../base/errors.ts";
import { randomId } from "../../../base/random.ts";
import { readResponse, failure, MAX_PAYLOAD_BYTES, processorEvent, type Outcome } from "./lambda-response.ts";
import type { StoredRecord } from "../buffers/record-store.ts";
import type { LambdaProcessor } from "../settings/settings.ts";

/** Timeout of one invocation (documented: Firehose quotas). */
const MAX_INVOCATION_MS = 5 * MINUTE_MS;

/** Maximum number of records per invocation, so that with their ids they stay under Lambda's 6 MB (unconfirmed). */
export const MAX_BATCH_RECORDS = 10_000;

/** Errors of invocations that did not reach the function (documented: "Monitor using CloudWatch Logs"). */
const INVOKE_ERRORS: Readonly<Record<string, readonly [code: string, message: string]>> = {
  AccessDeniedException: [
    "Lambda.InvokeAccessDenied",
    "Access was denied. Ensure that the access policy allows access to the Lambda function.",
  ],
  ResourceNotFoundException: [
    "Lambda.ResourceNotFound",
    "The specified Lambda function does not exist. Use a different function that does exist.",
  ],
  TooManyRequestsException: [
    "Lambda.InvokeLimitExceeded",
    "The Lambda concurrent execution limit is exceeded. Increase the concurrent execution limit.",
  ],
};

interface ProcessorOptions {
  readonly processor: LambdaProcessor;
  /** A client with the delivery role; throws when Firehose can't assume the role. */
  readonly client: () => LambdaClient;
  readonly clock: Clock;
  readonly deliveryStreamArn: string;
  readonly region: string;
  /** Aborted when the local cloud stops. */
  readonly stopping: AbortSignal;
}

/**
 * Sends a batch through the Lambda processor. An invocation that throws, times out, is refused or returns too much is
 * retried at once, with the same record ids and a new invocation id; a response is final, even a malformed one
 * (observed). The pause between attempts on AWS is unconfirmed.
 * @throws only when the local cloud is stopping; the batch then counts as not sent
 */
export async function processBatch(
  records: readonly StoredRecord[],
  options: ProcessorOptions,
): Promise<{ attemptsMade: number; outcomes: Outcome[] }> {
  const maxAttempts = options.processor.retries + 1;
  let lastFailure = failure("Lambda.FunctionError");
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    try {
      const { functionError, payload } = await invoke(records, options);
      if (payload.length > MAX_PAYLOAD_BYTES)
        lastFailure = failure("Lambda.FunctionError", `Its response has ${payload.length} bytes, over 6 MB.`);
      else if (functionError === undefined)
        return { attemptsMade: attempt, outcomes: readResponse(payload, records) };
      else lastFailure = failure("Lambda.FunctionError", errorMessageIn(payload));
    } catch (error) {
      options.stopping.throwIfAborted();
      lastFailure = invokeFailure(error);
    }
  }
  return { attemptsMade: maxAttempts, outcomes: records.map(() => lastFailure) };
}

async function invoke(
  records: readonly StoredRecord[],
  { processor, client, clock, deliveryStreamArn, region, stopping }: ProcessorOptions,
): Promise<{ functionError: string | undefined; payload: Uint8Array }> {
  const timeout = new AbortController();
  const timer = clock.after(MAX_INVOCATION_MS, () =>
    timeout.abort(new Error(`no response within ${MAX_INVOCATION_MS / SECOND_MS} s`)),
  );
  try {
    const event = processorEvent(records, { invocationId: randomId(), deliveryStreamArn, region });
    const command = new InvokeCommand({ FunctionName: processor.functionArn, Payload: Buffer.from(event) });
    const abortSignal = AbortSignal.any([stopping, timeout.signal]);
    const { FunctionError, Payload = new Uint8Array() } = await client().send(command, { abortSignal });
    return { functionError: FunctionError, payload: Payload };
  } finally {
    timer.cancel();
  }
}

function invokeFailure(error: unknown): Outcome {
  const name = error instanceof Error ? error.name : "";
  // The name of a refused AssumeRole, here as in STS.
  if (name === "AccessDenied")
    return { kind: "failed", code: "Lambda.AssumeRoleAccessDenied", message: errorMessage(error) };
  const known = Object.hasOwn(INVOKE_ERRORS, name) ? INVOKE_ERRORS[name] : undefined;
  if (!known) return failure("Lambda.FunctionError", errorMessage(error));
  return { kind: "failed", code: known[0], message: `${known[1]} ${errorMessage(error)}` };
}

function errorMessageIn(payload: Uint8Array): string | undefined {
  try {
    const { errorMessage } = JSON.parse(Buffer.from(payload).toString("utf8")) as { errorMessage?: unknown };
    return typeof errorMessage === "string" ? errorMessage.slice(0, 500) : undefined;
  } catch {
    return undefined;
  }
}
