import { createServer, type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from "node:http";
import { InvokeCommand, LambdaClient, TooManyRequestsException } from "@aws-sdk/client-lambda";
import { errorMessage } from "../../base/errors.ts";
import { BodyTooLargeError, readBody, streamOf } from "../api/body.ts";
import type { Cloud } from "../cloud.ts";
import type { Service } from "../service.ts";
import { close, listen, urlOf } from "../endpoint.ts";
import { OperatorError } from "../errors.ts";
import type { ResourceType } from "../template/resource.ts";
import { httpAnswer, matchRoute, proxyEvent } from "./event.ts";
import { text } from "../template/properties.ts";
import { Throttling } from "./throttling.ts";

/** Documented (AGW limits): a payload of 10 MB. */
const MAX_BODY_BYTES = 10 * 1024 * 1024;
/** Documented (AGW limits): an integration has 30 s; then the answer is 503 (observed). */
const MAX_INTEGRATION_MS = 30_000;

interface State {
  /** Integrations by id. */
  readonly integrations: Map<string, { readonly functionArn: string; readonly timeoutMs: number }>;
  /** Route keys and the integrations behind them. */
  readonly routes: Map<string, string>;
  readonly throttling: Throttling;
}

/** Amazon API Gateway HTTP API, on an address of its own. */
export const httpApi = (port: number): Service => ({
  name: "http-api",
  start: async (cloud) => {
    const state: State = {
      integrations: new Map(),
      routes: new Map(),
      throttling: new Throttling(cloud.clock),
    };
    const server = createServer((request, response) => {
      answer(cloud, state, request, response).catch((error: unknown) => {
        cloud.events.emit("http-api", "fault", { error: errorMessage(error) });
        if (response.headersSent) response.destroy();
        // How API Gateway answers for a function without concurrency left is unconfirmed.
        else if (error instanceof TooManyRequestsException) send(response, 503, "Service Unavailable");
        else send(response, 500, "Internal Server Error");
      });
    });
    const address = await listen(server, port, "HTTP API", "--http-port");
    return { resources: resourceTypes(address, state), stop: () => close(server) };
  },
});

async function answer(
  cloud: Cloud,
  state: State,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  // Only a path is a target here; an absolute address is for proxies.
  if (!request.url?.startsWith("/")) return send(response, 400, "Bad Request");
  const url = urlOf(request);
  const match = matchRoute([...state.routes.keys()], request.method ?? "GET", url.pathname);
  if (!match) return send(response, 404, "Not Found");
  if (!state.throttling.takes(match.routeKey)) return send(response, 429, "Too Many Requests");
  let body: Buffer;
  try {
    body = await readBody(streamOf(request), MAX_BODY_BYTES);
  } catch (error) {
    if (!(error instanceof BodyTooLargeError)) throw error;
    return send(response, 413, "Request Entity Too Large");
  }
  const { functionArn, timeoutMs } = state.integrations.get(state.routes.get(match.routeKey)!)!;
  const [method, path = ""] = match.routeKey.split(" ");
  const sourceArn = cloud.arn("execute-api", `local/$default/${method}${path}`);
  const principal = cloud.access.servicePrincipal("apigateway.amazonaws.com", sourceArn);
  const { accountId, clock } = cloud;
  const event = proxyEvent(request, url, body, match, { accountId, nowMs: clock.now() });
  const giveUp = new AbortController();
  const timer = clock.after(timeoutMs, () => giveUp.abort());
  const invoked = await cloud
    .client(LambdaClient, principal)
    .send(new InvokeCommand({ FunctionName: functionArn, Payload: JSON.stringify(event) }), {
      abortSignal: giveUp.signal,
    })
    .catch((error: unknown) => {
      if (!giveUp.signal.aborted) throw error;
      return undefined;
    })
    .finally(() => timer.cancel());
  if (!invoked) return send(response, 503, "Service Unavailable");
  const { Payload, FunctionError } = invoked;
  if (FunctionError) return send(response, 500, "Internal Server Error");
  const result = httpAnswer(JSON.parse(Buffer.from(Payload ?? []).toString("utf8")));
  cloud.events.emit("http-api", "answered", {
    routeKey: match.routeKey,
    path: url.pathname,
    status: result.statusCode,
  });
  response.writeHead(result.statusCode, result.headers as OutgoingHttpHeaders).end(result.body);
}

/** What API Gateway answers by itself, e.g. `{"message":"Not Found"}`. */
function send(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify({ message }));
}

const resourceTypes = (
  address: string,
  { integrations, routes, throttling }: State,
): Record<string, ResourceType> => ({
  "AWS::ApiGatewayV2::Api": {
    properties: ["Name", "ProtocolType", "Description", "Tags"],
    create: ({ properties }) => {
      if (properties["ProtocolType"] !== "HTTP")
        throw new OperatorError("only the ProtocolType HTTP is emulated");
      return { ref: "local", attributes: { ApiId: "local", ApiEndpoint: address } };
    },
  },
  "AWS::ApiGatewayV2::Stage": {
    properties: [
      "ApiId",
      "StageName",
      "AutoDeploy",
      "AccessLogSettings",
      "DefaultRouteSettings",
      "RouteSettings",
      "Tags",
      "Description",
    ],
    create: ({ properties }) => {
      if (properties["StageName"] !== "$default")
        throw new OperatorError("only the stage $default is emulated");
      throttling.configure(properties);
      return { ref: "$default" };
    },
  },
  "AWS::ApiGatewayV2::Integration": {
    properties: [
      "ApiId",
      "IntegrationType",
      "IntegrationUri",
      "IntegrationMethod",
      "PayloadFormatVersion",
      "TimeoutInMillis",
      "Description",
    ],
    create: ({ logicalId, properties }) => {
      if (properties["IntegrationType"] !== "AWS_PROXY" || properties["PayloadFormatVersion"] !== "2.0")
        throw new OperatorError("only AWS_PROXY integrations with payload format 2.0 are emulated");
      const timeoutMs = Number(properties["TimeoutInMillis"] ?? MAX_INTEGRATION_MS);
      if (!(timeoutMs >= 50 && timeoutMs <= MAX_INTEGRATION_MS))
        throw new OperatorError(`TimeoutInMillis is ${timeoutMs}; expected 50..${MAX_INTEGRATION_MS}`);
      integrations.set(logicalId, { functionArn: text(properties, "IntegrationUri"), timeoutMs });
      return { ref: logicalId, attributes: { IntegrationId: logicalId } };
    },
  },
  "AWS::ApiGatewayV2::Route": {
    properties: ["ApiId", "RouteKey", "Target", "AuthorizationType"],
    create: ({ logicalId, properties }) => {
      if ((properties["AuthorizationType"] ?? "NONE") !== "NONE")
        throw new OperatorError("authorizers are not emulated");
      routes.set(text(properties, "RouteKey"), text(properties, "Target").replace(/^integrations\//, ""));
      return { ref: logicalId, attributes: { RouteId: logicalId } };
    },
  },
});
