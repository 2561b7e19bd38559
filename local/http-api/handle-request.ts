import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { isNamed } from "../../base/errors.ts";
import { BodyTooLargeError, readBody, streamOf } from "../api/body.ts";
import { foreignPart } from "../../base/foreign-request.ts";
import { foreignMessage } from "../api/foreign-message.ts";
import type { Cloud } from "../cloud.ts";
import { urlOf } from "../endpoint.ts";
import { httpResponse, matchRoute, proxyEvent } from "./event.ts";
import type { HttpApiState } from "./state.ts";

/** Documented (AGW limits): a payload has at most 10 MB. */
const MAX_BODY_BYTES = 10 * 1024 * 1024;

export async function handleRequest(
  cloud: Cloud,
  state: HttpApiState,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const port = request.socket.localPort ?? 0;
  const foreign = foreignPart(request.headers, port);
  if (foreign !== undefined) return send(response, 403, foreignMessage(foreign, port));
  // While the stack is created, its routes and functions are not there yet: senders try again, and no motion is lost.
  if (!state.isReady) {
    response.setHeader("retry-after", "1");
    return send(response, 503, "Service Unavailable");
  }
  // Only paths are served; absolute URLs are for proxies.
  if (!request.url?.startsWith("/")) return send(response, 400, "Bad Request");
  const url = urlOf(request);
  const match = matchRoute([...state.routes.keys()], request.method ?? "GET", url.pathname);
  if (!match) return send(response, 404, "Not Found");
  if (!state.throttling.allows(match.routeKey)) return send(response, 429, "Too Many Requests");
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
      if (isNamed(error, "RequestTooLargeException")) return "too long" as const;
      if (!giveUp.signal.aborted) throw error;
      return undefined;
    })
    .finally(() => timer.cancel());
  // Observed by third parties: an event over Lambda's 6 MB, such as a body of 5 MB in base64, is 413 with these words.
  if (invoked === "too long") return send(response, 413, "Request Too Long");
  if (!invoked) return send(response, 503, "Service Unavailable");
  const { Payload, FunctionError } = invoked;
  if (FunctionError) return send(response, 500, "Internal Server Error");
  const result = httpResponse(JSON.parse(Buffer.from(Payload ?? []).toString("utf8")));
  cloud.events.emit("http-api", "responded", {
    routeKey: match.routeKey,
    path: url.pathname,
    status: result.statusCode,
  });
  response.writeHead(result.statusCode, result.headers as OutgoingHttpHeaders).end(result.body);
}

/** Sends a response of API Gateway itself, e.g. `{"message":"Not Found"}`. */
export function send(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify({ message }));
}
