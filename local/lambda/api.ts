import { randomUUID } from "node:crypto";
import * as v from "valibot";
import type { Action, ActionContext } from "../api/action.ts";
import { readBody, type Call } from "../api/api.ts";
import type { Cloud } from "../cloud.ts";
import { AwsError, messageOf } from "../errors.ts";
import type { Functions } from "./index.ts";
import type { FunctionRuntime } from "./runtime.ts";

/** Documented (Lambda quotas): 6 MB each way for synchronous invocations, 1 MB for asynchronous ones. */
const MAX_SYNC_PAYLOAD_BYTES = 6 * 1024 * 1024;
const MAX_ASYNC_PAYLOAD_BYTES = 1024 * 1024;

type Named = { FunctionName: string };

const named = v.object({ FunctionName: v.pipe(v.string(), v.minLength(1), v.maxLength(170)) });

/** A function's ARN from its name, partial or whole ARN, with or without `:$LATEST`. */
const arnOf = (cloud: Cloud, name: string): string => {
  const plain = name.replace(/:\$LATEST$/, "");
  return plain.startsWith("arn:") ? plain : cloud.arn("lambda", `function:${plain.split(":").at(-1)}`);
};

function found(name: string, { cloud, state }: ActionContext<Functions>): FunctionRuntime {
  const arn = arnOf(cloud, name);
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

const resources = ({ FunctionName }: Named, { cloud }: ActionContext<Functions>): string =>
  arnOf(cloud, FunctionName);

const getFunction: Action<Functions, Named, unknown> = {
  input: named,
  resources,
  run: ({ FunctionName }, context) => ({ Configuration: configurationOf(found(FunctionName, context)) }),
};

const getFunctionConfiguration: Action<Functions, Named, unknown> = {
  input: named,
  resources,
  run: ({ FunctionName }, context) => configurationOf(found(FunctionName, context)),
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
  const { request, response } = call;
  context.cloud.access.authorise(call.caller, "lambda:InvokeFunction", arnOf(context.cloud, FunctionName));
  const runtime = found(FunctionName, context);
  const isAsync = request.headers["x-amz-invocation-type"] === "Event";
  const maxBytes = isAsync ? MAX_ASYNC_PAYLOAD_BYTES : MAX_SYNC_PAYLOAD_BYTES;
  const payload = (await readBody(request, maxBytes)).toString("utf8") || "null";
  try {
    JSON.parse(payload);
  } catch (error) {
    throw new AwsError(
      "InvalidRequestContentException",
      `Could not parse request body into json: ${messageOf(error)}`,
    );
  }
  const requestId = randomUUID();
  const headers = { "content-type": "application/json", "x-amzn-requestid": requestId };
  if (isAsync) {
    context.state.asyncInvocations.accept(runtime.config.arn, payload);
    response.writeHead(202, headers).end();
    return;
  }
  const outcome = checkSize(await runtime.invoke(requestId, payload));
  response.writeHead(200, {
    ...headers,
    "x-amz-executed-version": "$LATEST",
    ...(!outcome.ok && { "x-amz-function-error": "Unhandled" }),
  });
  response.end(outcome.payload);
}

function checkSize(outcome: { ok: boolean; payload: string }): { ok: boolean; payload: string } {
  const sizeBytes = Buffer.byteLength(outcome.payload);
  if (sizeBytes <= MAX_SYNC_PAYLOAD_BYTES) return outcome;
  const errorMessage = `Response payload size (${sizeBytes} bytes) exceeded maximum allowed payload size (${MAX_SYNC_PAYLOAD_BYTES} bytes).`;
  return { ok: false, payload: JSON.stringify({ errorType: "Function.ResponseSizeTooLarge", errorMessage }) };
}
