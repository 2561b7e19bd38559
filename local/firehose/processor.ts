import { InvokeCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import { randomId } from "../../base/random.ts";
import { errorMessage } from "../../base/errors.ts";
import type { Clock } from "../../base/clock.ts";
import { checkReply, failure, MAX_PAYLOAD_BYTES, processorEvent, type Outcome } from "./lambda-reply.ts";
import type { KeptRecord } from "./record-store.ts";
import type { LambdaProcessor } from "./settings.ts";

/** How long one invocation may last (documented: Firehose quotas). */
const MAX_INVOCATION_MS = 300_000;

/** Most records of one invocation, so that with their ids they stay under Lambda's 6 MB (unconfirmed: AWS's own). */
export const MAX_BATCH_RECORDS = 10_000;

/** Codes of invocations that never reached the function (documented: "Monitor using CloudWatch Logs"). */
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

export interface ProcessorOptions {
  readonly processor: LambdaProcessor;
  /** A client of the delivery role; throws when the role can't be assumed. */
  readonly client: () => LambdaClient;
  readonly clock: Clock;
  readonly deliveryStreamArn: string;
  readonly region: string;
  /** Aborted when the local cloud stops. */
  readonly stopping: AbortSignal;
}

/**
 * Sends a batch through the Lambda processor. What throws, times out, can't be invoked or answers too much is tried
 * again at once, with the same record ids and another invocation id; a reply that came is final, however malformed
 * (observed). How long AWS waits between attempts is unconfirmed.
 * @throws only when the local cloud is stopping; the batch is then as if never sent
 */
export async function processBatch(
  records: readonly KeptRecord[],
  options: ProcessorOptions,
): Promise<{ attemptsMade: number; outcomes: Outcome[] }> {
  const maxAttempts = options.processor.retries + 1;
  let lastFailure = failure("Lambda.FunctionError");
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    try {
      const { functionError, payload } = await invoke(records, options);
      if (payload.length > MAX_PAYLOAD_BYTES)
        lastFailure = failure("Lambda.FunctionError", `Its reply has ${payload.length} bytes, over 6 MB.`);
      else if (functionError === undefined)
        return { attemptsMade: attempt, outcomes: checkReply(payload, records) };
      else lastFailure = failure("Lambda.FunctionError", errorMessageIn(payload));
    } catch (error) {
      options.stopping.throwIfAborted();
      lastFailure = invokeFailure(error);
    }
  }
  return { attemptsMade: maxAttempts, outcomes: records.map(() => lastFailure) };
}

async function invoke(
  records: readonly KeptRecord[],
  { processor, client, clock, deliveryStreamArn, region, stopping }: ProcessorOptions,
): Promise<{ functionError: string | undefined; payload: Uint8Array }> {
  const timeout = new AbortController();
  const timer = clock.after(MAX_INVOCATION_MS, () =>
    timeout.abort(new Error(`no answer within ${MAX_INVOCATION_MS / 1000} s`)),
  );
  try {
    const event = processorEvent(records, { invocationId: randomId(), deliveryStreamArn, region });
    const command = new InvokeCommand({ FunctionName: processor.functionArn, Payload: Buffer.from(event) });
    const answer = await client().send(command, { abortSignal: AbortSignal.any([stopping, timeout.signal]) });
    return { functionError: answer.FunctionError, payload: answer.Payload ?? new Uint8Array() };
  } finally {
    timer.cancel();
  }
}

function invokeFailure(error: unknown): Outcome {
  const name = error instanceof Error ? error.name : "";
  // The local cloud answers a refused AssumeRole with this name, as STS does.
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
