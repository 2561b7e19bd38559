import { errorMessage } from "../../base/errors.ts";
import type { Cloud } from "../cloud.ts";
import { AwsError } from "../errors.ts";
import { perform, type ActionContext, type AnyAction } from "./action.ts";
import { readBody, type Api, type Call } from "./api.ts";
import { asAwsError } from "./json.ts";

/** One route of a REST API. `{Name}` in the path becomes an input member. */
export interface Route<State> {
  readonly method: string;
  readonly path: string;
  /** The IAM action's and the API's name, e.g. `CreateStream`. */
  readonly name: string;
  /** Input is the JSON body with path parameters and query parameters merged in; output is answered as JSON. */
  readonly action?: AnyAction<State>;
  /** For bodies that are no JSON or are streamed: reads and answers the call itself, after authorising it. */
  readonly stream?: (
    call: Call,
    context: ActionContext<State>,
    pathParameters: Record<string, string>,
  ) => Promise<void>;
  /** The body is no part of the signature. */
  readonly leavesBodyUnsigned?: boolean;
}

/** An API of the AWS REST-JSON protocol. */
export interface RestApi<State> {
  readonly signingName: string;
  readonly iamPrefix?: string;
  readonly invalidInputCode: string;
  readonly maxBodyBytes?: number;
  readonly routes: readonly Route<State>[];
}

const DEFAULT_MAX_BODY_BYTES = 8 * 1024 * 1024;

/** Serves a REST-JSON API. Errors carry the header `x-amzn-ErrorType` and a `message`, which SDKs, CLI and boto3 read. */
export function restApi<State>(spec: RestApi<State>, cloud: Cloud, state: State): Api {
  const { signingName, iamPrefix = signingName, maxBodyBytes = DEFAULT_MAX_BODY_BYTES } = spec;
  const routes = spec.routes.map((route) => ({ ...route, pattern: patternOf(route.path) }));

  const answer = async (call: Call): Promise<void> => {
    const { request, url } = call;
    for (const route of routes) {
      const match = route.method === request.method && route.pattern.exec(url.pathname);
      if (!match) continue;
      const context = { cloud, state, caller: call.caller, requestId: call.requestId };
      const pathParameters = Object.fromEntries(
        Object.entries(match.groups ?? {}).map(([key, value]) => [key, decode(value)]),
      );
      if (route.stream) return await route.stream(call, context, pathParameters);
      const body = (await readBody(call.body, maxBodyBytes)).toString("utf8");
      const input = { ...parse(body), ...Object.fromEntries(url.searchParams), ...pathParameters };
      const iamAction = `${iamPrefix}:${route.name}`;
      const output = await perform(route.action!, iamAction, spec.invalidInputCode, input, context);
      return sendJson(call, 200, output ?? {});
    }
    throw new AwsError(
      "UnknownOperationException",
      `${request.method} ${url.pathname} is not emulated; ${signingName} has ${routes.map(({ name }) => name).join(", ")}`,
      404,
    );
  };

  return {
    signingName,
    actions: routes.map(({ name }) => name),
    leavesBodyUnsigned: ({ pathname }) =>
      routes.some((route) => route.leavesBodyUnsigned && route.pattern.test(pathname)),
    handle: async (call) => {
      try {
        await answer(call);
      } catch (error) {
        if (call.response.headersSent) call.response.destroy();
        else sendError(call, asAwsError(error, cloud));
      }
    },
  };
}

export function sendJson({ response, requestId }: Call, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json", "x-amzn-requestid": requestId });
  response.end(JSON.stringify(body));
}

export function sendError({ response, requestId }: Call, { code, message, status }: AwsError): void {
  response.writeHead(status, {
    "content-type": "application/json",
    "x-amzn-errortype": code,
    "x-amzn-requestid": requestId,
  });
  response.end(JSON.stringify({ message, Message: message }));
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new AwsError("SerializationException", `${part} in the path is not percent-encoded text`);
  }
}

function parse(body: string): Record<string, unknown> {
  if (!body) return {};
  try {
    const parsed: unknown = JSON.parse(body);
    if (parsed && typeof parsed === "object" && !Array.isArray(parsed))
      return parsed as Record<string, unknown>;
  } catch (error) {
    throw new AwsError("SerializationException", `the request body is not JSON: ${errorMessage(error)}`);
  }
  throw new AwsError("SerializationException", "the request body is not a JSON object");
}

const patternOf = (path: string): RegExp =>
  new RegExp(`^${path.replaceAll(/\{(\w+)\}/g, "(?<$1>[^/]+)")}/?$`);
