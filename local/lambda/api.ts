import * as v from "valibot";
import { randomId } from "../../base/random.ts";
import { errorMessage } from "../../base/errors.ts";
import type { Action, ActionContext } from "../api/action.ts";
import type { Call } from "../api/api.ts";
import { BodyTooLargeError, readBody, type Body } from "../api/body.ts";
import type { Cloud } from "../cloud.ts";
import { AwsError } from "../errors.ts";
import type { Functions } from "./index.ts";
import type { FunctionRuntime } from "./runtime.ts";

/** Documented (Lambda quotas): 6 MB each way for synchronous invocations, 1 MB for asynchronous ones. */
const MAX_SYNC_PAYLOAD_BYTES = 6 * 1024 * 1024;
const MAX_ASYNC_PAYLOAD_BYTES = 1024 * 1024;

type Named = { FunctionName: string; Qualifier?: string | undefined };

const named = v.object({
  FunctionName: v.pipe(v.string(), v.minLength(1), v.maxLength(170)),
  Qualifier: v.optional(v.string()),
});

/** A name, `account:function:name` or an ARN, each with or without a qualifier (documented: Invoke, FunctionName). */
const FUNCTION_NAME = /^(arn:[^:]+:lambda:[^:]+:\d+:function:|\d+:function:)?([\w-]+)(?::([\w$-]+))?$/;

/** A function's ARN; with its qualifier unless that is `$LATEST`, the only version there is. */
function arnOf(cloud: Cloud, given: string, qualifier = ""): string {
  const [, prefix = "", name = given, version = qualifier] = FUNCTION_NAME.exec(given) ?? [];
  const plain = prefix.startsWith("arn:") ? prefix + name : cloud.arn("lambda", `function:${name}`);
  return version && version !== "$LATEST" ? `${plain}:${version}` : plain;
}

function found(
  { FunctionName, Qualifier }: Named,
  { cloud, state }: ActionContext<Functions>,
): FunctionRuntime {
  const arn = arnOf(cloud, FunctionName, Qualifier);
  const runtime = state.byArn.get(arn);
  if (!runtime) throw new AwsError("ResourceNotFoundException", `Function not found: ${arn}`, 404);
  return runtime;
}

const configurationOf = ({ config }: FunctionRuntime) => ({
  FunctionName: config.name,
  FunctionArn: config.arn,
  Runtime: config.runtime,
  Role: config.roleArn,
  Handler: config.handler,
  Timeout: config.timeoutMs / 1000,
  MemorySize: config.memorySizeMb,
  Environment: { Variables: config.environment },
  State: "Active",
  LastUpdateStatus: "Successful",
  PackageType: "Zip",
  Version: "$LATEST",
});

const resources = ({ FunctionName, Qualifier }: Named, { cloud }: ActionContext<Functions>): string =>
  arnOf(cloud, FunctionName, Qualifier);

const getFunction: Action<Functions, Named, unknown> = {
  input: named,
  resources,
  run: (input, context) => ({ Configuration: configurationOf(found(input, context)) }),
};

const getFunctionConfiguration: Action<Functions, Named, unknown> = {
  input: named,
  resources,
  run: (input, context) => configurationOf(found(input, context)),
};

const listFunctions: Action<Functions, unknown, unknown> = {
  input: v.unknown(),
  resources: () => "*",
  run: (_input, { state }) => ({ Functions: [...state.byArn.values()].map(configurationOf) }),
};

export const actions = { getFunction, getFunctionConfiguration, listFunctions };

/** Invoke, whose payload is any JSON and whose answer tells an error of the function in a header. */
export async function invoke(
  call: Call,
  context: ActionContext<Functions>,
  { FunctionName = "" }: Record<string, string>,
): Promise<void> {
  const { request, response, url } = call;
  const Qualifier = url.searchParams.get("Qualifier") ?? undefined;
  const arn = arnOf(context.cloud, FunctionName, Qualifier);
  context.cloud.access.authorise(call.caller, "lambda:InvokeFunction", arn);
  const runtime = found({ FunctionName, Qualifier }, context);
  const type = request.headers["x-amz-invocation-type"] ?? "RequestResponse";
  const payload = await readPayload(
    call.body,
    type === "Event" ? MAX_ASYNC_PAYLOAD_BYTES : MAX_SYNC_PAYLOAD_BYTES,
  );
  const requestId = randomId();
  const headers = { "content-type": "application/json", "x-amzn-requestid": requestId };
  if (type === "DryRun") return void response.writeHead(204, headers).end();
  if (type === "Event") {
    context.state.asyncInvocations.accept(requestId, runtime.config.arn, payload);
    return void response.writeHead(202, headers).end();
  }
  if (type !== "RequestResponse")
    throw new AwsError(
      "InvalidParameterValueException",
      `the invocation type ${String(type)} is none of Event, RequestResponse and DryRun`,
    );
  const outcome = checkSize(await runtime.invoke(requestId, payload));
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
    if (!(error instanceof BodyTooLargeError)) throw error;
    throw new AwsError(
      "RequestTooLargeException",
      `Request must be smaller than ${maxBytes} bytes for the InvokeFunction operation`,
      413,
    );
  }
  try {
    JSON.parse(payload);
  } catch (error) {
    throw new AwsError(
      "InvalidRequestContentException",
      `Could not parse request body into json: ${errorMessage(error)}`,
    );
  }
  return payload;
}

function checkSize(outcome: { ok: boolean; payload: string }): { ok: boolean; payload: string } {
  const sizeBytes = Buffer.byteLength(outcome.payload);
  if (sizeBytes <= MAX_SYNC_PAYLOAD_BYTES) return outcome;
  const errorMessage = `Response payload size (${sizeBytes} bytes) exceeded maximum allowed payload size (${MAX_SYNC_PAYLOAD_BYTES} bytes).`;
  return { ok: false, payload: JSON.stringify({ errorType: "Function.ResponseSizeTooLarge", errorMessage }) };
}
