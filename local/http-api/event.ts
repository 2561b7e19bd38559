import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { APIGatewayProxyEventV2, APIGatewayProxyResultV2 } from "aws-lambda";

export interface RouteMatch {
  /** e.g. `POST /cameras/{cameraId}/motion/start` */
  readonly routeKey: string;
  readonly pathParameters: Readonly<Record<string, string>>;
}

/** Finds the route of a request; a literal path segment wins over a `{parameter}` (documented: AGW http-api routes). */
export function matchRoute(
  routeKeys: readonly string[],
  method: string,
  pathname: string,
): RouteMatch | undefined {
  const segments = pathname.split("/").filter(Boolean);
  const matches = routeKeys.flatMap((routeKey) => {
    const [routeMethod, path = ""] = routeKey.split(" ");
    const pattern = path.split("/").filter(Boolean);
    if ((routeMethod !== "ANY" && routeMethod !== method) || pattern.length !== segments.length) return [];
    const pathParameters: Record<string, string> = {};
    for (const [index, part] of pattern.entries()) {
      const segment = segments[index]!;
      if (part.startsWith("{")) pathParameters[part.slice(1, -1)] = decode(segment);
      else if (part !== segment) return [];
    }
    return [{ routeKey, pathParameters }];
  });
  return matches.toSorted(
    (a, b) => Object.keys(a.pathParameters).length - Object.keys(b.pathParameters).length,
  )[0];
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

const TEXT = /^(text\/|application\/(json|javascript|xml|x-www-form-urlencoded|.*\+json|.*\+xml))/;

/** The event of payload format 2.0 (documented: AGW http-api-develop-integrations-lambda). */
export function proxyEvent(
  request: IncomingMessage,
  url: URL,
  body: Buffer,
  { routeKey, pathParameters }: RouteMatch,
  nowMs: number,
): APIGatewayProxyEventV2 {
  const headers = Object.fromEntries(
    Object.entries(request.headersDistinct)
      .filter(([name]) => name !== "cookie")
      .map(([name, values]) => [name, (values ?? []).join(",")]),
  );
  const isText = TEXT.test(headers["content-type"] ?? "text/plain");
  const query = [...new Set(url.searchParams.keys())].map((name) => [
    name,
    url.searchParams.getAll(name).join(","),
  ]);
  const domainName = headers["host"] ?? "localhost";
  return {
    version: "2.0",
    routeKey,
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    ...(request.headers.cookie && { cookies: request.headers.cookie.split("; ") }),
    headers,
    ...(query.length > 0 && { queryStringParameters: Object.fromEntries(query) as Record<string, string> }),
    ...(Object.keys(pathParameters).length > 0 && { pathParameters }),
    requestContext: {
      accountId: "anonymous",
      apiId: "local",
      domainName,
      domainPrefix: domainName.split(".")[0]!,
      http: {
        method: request.method ?? "GET",
        path: url.pathname,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: request.socket.remoteAddress ?? "127.0.0.1",
        userAgent: headers["user-agent"] ?? "",
      },
      requestId: randomUUID(),
      routeKey,
      stage: "$default",
      time: new Date(nowMs).toUTCString(),
      timeEpoch: nowMs,
    },
    ...(body.length > 0 && { body: isText ? body.toString("utf8") : body.toString("base64") }),
    isBase64Encoded: body.length > 0 && !isText,
  };
}

export interface HttpAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** A function's result as an HTTP answer; without a `statusCode` the whole result is the JSON body (documented). */
export function httpAnswer(result: APIGatewayProxyResultV2): HttpAnswer {
  if (typeof result === "string" || result === null || result === undefined || !("statusCode" in result))
    return {
      statusCode: 200,
      headers: { "content-type": "application/json" },
      body: Buffer.from(typeof result === "string" ? result : JSON.stringify(result ?? null)),
    };
  const headers = Object.entries(result.headers ?? {}).map(([name, value]) => [
    name.toLowerCase(),
    String(value),
  ]);
  return {
    statusCode: result.statusCode ?? 200,
    headers: Object.fromEntries(headers) as Record<string, string>,
    body: Buffer.from(result.body ?? "", result.isBase64Encoded ? "base64" : "utf8"),
  };
}
