import type { IncomingMessage } from "node:http";
import type { APIGatewayProxyEventV2, APIGatewayProxyResultV2 } from "aws-lambda";
import { randomId } from "../../base/random.ts";

interface RouteMatch {
  /** e.g. `POST /cameras/{cameraId}/motion/start` */
  readonly routeKey: string;
  readonly pathParameters: Readonly<Record<string, string>>;
}

/**
 * Finds the route of a request: a full match wins over a greedy `{proxy+}`, that over `$default`, a literal path segment
 * over a `{parameter}`, and a method over ANY (documented: AGW http-api-develop-routes).
 * @param pathname as it was sent, percent-encoded
 */
export function matchRoute(
  routeKeys: readonly string[],
  method: string,
  pathname: string,
): RouteMatch | undefined {
  const segments = pathname.split("/").filter(Boolean);
  const matches = routeKeys.flatMap((routeKey) => {
    const [routeMethod, path = ""] = routeKey.split(" ");
    if (routeKey === "$default") return [{ routeKey, pathParameters: {}, rank: Infinity }];
    if (routeMethod !== "ANY" && routeMethod !== method) return [];
    const pattern = path.split("/").filter(Boolean);
    const pathParameters = matchPath(pattern, segments);
    if (!pathParameters) return [];
    const greedy = path.endsWith("+}") ? 1000 - 20 * pattern.length : 0;
    const rank = greedy + 10 * Object.keys(pathParameters).length + (routeMethod === "ANY" ? 1 : 0);
    return [{ routeKey, pathParameters, rank }];
  });
  const [best] = matches.toSorted((a, b) => a.rank - b.rank);
  return best && { routeKey: best.routeKey, pathParameters: best.pathParameters };
}

function matchPath(
  pattern: readonly string[],
  segments: readonly string[],
): Record<string, string> | undefined {
  const greedy = pattern.at(-1)?.endsWith("+}") ? pattern.at(-1)!.slice(1, -2) : undefined;
  if (greedy ? segments.length < pattern.length : segments.length !== pattern.length) return undefined;
  const pathParameters: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const segment = segments[index]!;
    if (part.endsWith("+}")) pathParameters[greedy!] = segments.slice(index).map(decode).join("/");
    else if (part.startsWith("{")) pathParameters[part.slice(1, -1)] = decode(segment);
    else if (part !== segment) return undefined;
  }
  return pathParameters;
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** Observed: every other body is sent in base64, including a form's and one without a content type. */
const TEXT = /^(text\/|application\/(json|javascript|xml)(;|$))/;

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `$context.requestTime`, e.g. `12/Mar/2020:19:03:58 +0000` (documented: AGW http-api-logging-variables). */
export function requestTime(epochMs: number): string {
  const [date = "", time = ""] = new Date(epochMs).toISOString().split("T");
  const [year, month, day] = date.split("-");
  return `${day}/${MONTHS[Number(month) - 1]}/${year}:${time.slice(0, 8)} +0000`;
}

/**
 * The event of payload format 2.0 (documented: AGW http-api-develop-integrations-lambda). Observed: the path is decoded,
 * the query string is not.
 */
export function proxyEvent(
  request: IncomingMessage,
  url: URL,
  body: Buffer,
  { routeKey, pathParameters }: RouteMatch,
  { accountId, nowMs }: { readonly accountId: string; readonly nowMs: number },
): APIGatewayProxyEventV2 {
  const path = url.pathname.split("/").map(decode).join("/");
  const headers = Object.fromEntries(
    Object.entries(request.headersDistinct)
      .filter(([name]) => name !== "cookie")
      .map(([name, values]) => [name, (values ?? []).join(",")]),
  );
  const isText = TEXT.test(headers["content-type"] ?? "");
  const query = [...new Set(url.searchParams.keys())].map((name) => [
    name,
    url.searchParams.getAll(name).join(","),
  ]);
  const domainName = headers["host"] ?? "localhost";
  return {
    version: "2.0",
    routeKey,
    rawPath: path,
    rawQueryString: url.search.slice(1),
    ...(request.headers.cookie && { cookies: request.headers.cookie.split(/; */) }),
    headers,
    ...(query.length > 0 && { queryStringParameters: Object.fromEntries(query) as Record<string, string> }),
    ...(Object.keys(pathParameters).length > 0 && { pathParameters }),
    requestContext: {
      accountId,
      apiId: "local",
      domainName,
      domainPrefix: domainName.split(".")[0]!,
      http: {
        method: request.method ?? "GET",
        path,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: request.socket.remoteAddress ?? "127.0.0.1",
        userAgent: headers["user-agent"] ?? "",
      },
      requestId: randomId(),
      routeKey,
      stage: "$default",
      time: requestTime(nowMs),
      timeEpoch: nowMs,
    },
    ...(body.length > 0 && { body: isText ? body.toString("utf8") : body.toString("base64") }),
    isBase64Encoded: body.length > 0 && !isText,
  };
}

interface HttpResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: Buffer;
}

/** Headers of the connection, which the gateway sets itself. */
const CONNECTION_HEADERS: readonly string[] = ["connection", "content-length", "transfer-encoding"];

/**
 * A function's result as an HTTP response; without a `statusCode` the whole result is the JSON body, and each cookie
 * becomes a `set-cookie` header (documented: AGW http-api-develop-integrations-lambda).
 */
export function httpResponse(result: APIGatewayProxyResultV2 | null): HttpResponse {
  if (typeof result !== "object" || result === null || !("statusCode" in result))
    return {
      statusCode: 200,
      headers: { "content-type": "application/json" },
      body: Buffer.from(typeof result === "string" ? result : JSON.stringify(result)),
    };
  const headers = Object.entries(result.headers ?? {})
    .map(([name, value]) => [name.toLowerCase(), String(value)] as const)
    .filter(([name]) => !CONNECTION_HEADERS.includes(name));
  return {
    statusCode: result.statusCode ?? 200,
    headers: { ...Object.fromEntries(headers), ...(result.cookies && { "set-cookie": result.cookies }) },
    body: Buffer.from(result.body ?? "", result.isBase64Encoded ? "base64" : "utf8"),
  };
}
