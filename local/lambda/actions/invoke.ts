import { randomId } from "../../../base/random.ts";
import type { ActionContext } from "../../api/action.ts";
import type { Call } from "../../api/api.ts";
import { BodyTooLargeError, readBody, type Body } from "../../api/body.ts";
import { payloadNotJson, requestTooLarge, unknownInvocationType } from "../errors.ts";
import { findFunction, namedArn } from "../named-function.ts";
import type { Outcome } from "../sandbox.ts";
import type { LambdaState } from "../state.ts";

/** Documented (Lambda quotas): 6 MB each way for synchronous invocations, 1 MB for asynchronous ones. */
const MAX_SYNC_PAYLOAD_BYTES = 6 * 1024 * 1024;
const MAX_ASYNC_PAYLOAD_BYTES = 1024 * 1024;

/** The payload is any JSON, and a header of the response says whether the function failed. */
export async function invoke(
  call: Call,
  context: ActionContext<LambdaState>,
  { FunctionName = "" }: Record<string, string>,
): Promise<void> {
  const { request, response, url } = call;
  const named = { FunctionName, Qualifier: url.searchParams.get("Qualifier") ?? undefined };
  context.cloud.access.authorise(call.caller, "lambda:InvokeFunction", namedArn(named, context));
  const runtime = findFunction(named, context);
  const type = String(request.headers["x-amz-invocation-type"] ?? "RequestResponse");
  const maxBytes = type === "Event" ? MAX_ASYNC_PAYLOAD_BYTES : MAX_SYNC_PAYLOAD_BYTES;
  const payload = await readPayload(call.body, maxBytes);
  const requestId = randomId();
  const traceHeader = request.headers["x-amzn-trace-id"]?.toString();
  const headers = { "content-type": "application/json", "x-amzn-requestid": requestId };
  if (type === "DryRun") return void response.writeHead(204, headers).end();
  if (type === "Event") {
    context.state.asyncInvocations.accept(requestId, runtime.config.arn, payload, traceHeader);
    return void response.writeHead(202, headers).end();
  }
  if (type !== "RequestResponse") throw unknownInvocationType(type);
  const outcome = checkSize(await runtime.invoke(requestId, payload, traceHeader));
  response.writeHead(200, {
    ...headers,
    "x-amz-executed-version": "$LATEST",
    ...(!outcome.ok && { "x-amz-function-error": "Unhandled" }),
  });
  response.end(outcome.payload);
}

async function readPayload(body: Body, maxBytes: number): Promise<string> {
  let payload: string;
  try {
    payload = (await readBody(body, maxBytes)).toString("utf8") || "null";
  } catch (error) {
    throw error instanceof BodyTooLargeError ? requestTooLarge(maxBytes) : error;
  }
  try {
    JSON.parse(payload);
  } catch (error) {
    throw payloadNotJson(error);
  }
  return payload;
}

function checkSize(outcome: Outcome): Outcome {
  const sizeBytes = Buffer.byteLength(outcome.payload);
  if (sizeBytes <= MAX_SYNC_PAYLOAD_BYTES) return outcome;
  const errorMessage = `Response payload size (${sizeBytes} bytes) exceeded maximum allowed payload size (${MAX_SYNC_PAYLOAD_BYTES} bytes).`;
  return { ok: false, payload: JSON.stringify({ errorType: "Function.ResponseSizeTooLarge", errorMessage }) };
}
