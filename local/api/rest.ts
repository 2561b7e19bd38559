import { errorMessage } from "../../base/errors.ts";
import type { Cloud } from "../cloud.ts";
import { AwsError } from "../errors.ts";
import { perform, type ActionContext, type AnyAction } from "./action.ts";
import type { Api, Call } from "./api.ts";
import { readBody } from "./body.ts";

/** What an action returns that writes its response itself, e.g. as media; any other output is sent as JSON. */
export class StreamedResponse {
  readonly send: (call: Call) => Promise<void>;

  constructor(send: (call: Call) => Promise<void>) {
    this.send = send;
  }
}

/** One route of a REST API. `{Name}` in the path becomes an input member. */
interface Route<State> {
  readonly method: string;
  readonly path: string;
  /** The IAM action's and the API's name, e.g. `CreateStream`. */
  readonly name: string;
  /** Input is the JSON body with path parameters and query parameters merged in; output is sent as JSON. */
  readonly action?: AnyAction<State>;
  /** For request bodies that are not JSON or are streamed: authorises the call, reads it and responds itself. */
  readonly stream?: (
    call: Call,
    context: ActionContext<State>,
    pathParameters: Record<string, string>,
  ) => Promise<void>;
  /** The body is not part of the signature. */
  readonly leavesBodyUnsigned?: boolean;
}

/** An API of the AWS REST-JSON protocol. */
interface RestApi<State> {
  readonly signingName: string;
  readonly iamPrefix?: string;
  readonly invalidInputCode: string;
  readonly maxBodyBytes?: number;
  readonly routes: readonly Route<State>[];
}

const DEFAULT_MAX_BODY_BYTES = 8 * 1024 * 1024;

/** Serves a REST-JSON API. */
export function restApi<State>(spec: RestApi<State>, cloud: Cloud, state: State): Api {
  const { signingName, iamPrefix = signingName, maxBodyBytes = DEFAULT_MAX_BODY_BYTES } = spec;
  const routes = spec.routes.map((route) => ({ ...route, pattern: patternOf(route.path) }));

  const handle = async (call: Call): Promise<void> => {
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
      if (output instanceof StreamedResponse) return await output.send(call);
      call.response.writeHead(200, {
        "content-type": "application/json",
        "x-amzn-requestid": call.requestId,
      });
      return void call.response.end(JSON.stringify(output ?? {}));
    }
    throw new AwsError(
      "UnknownOperationException",
      `${request.method} ${url.pathname} is not emulated; ${signingName} has ${routes.map(({ name }) => name).join(", ")}`,
      404,
    );
  };

  return {
    signingName,
    protocol: "rest-json",
    actions: routes.map(({ name }) => name),
    leavesBodyUnsigned: ({ pathname }) =>
      routes.some((route) => route.leavesBodyUnsigned && route.pattern.test(pathname)),
    handle,
  };
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
