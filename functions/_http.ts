import middy from "@middy/core";
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import * as v from "valibot";
import { Problem, problemDetails } from "../core/problem.ts";
import { cameraId as cameraIdSchema } from "../schemas/camera-id.ts";
import { count, log } from "./_runtime.ts";

/**
 * Enough for a notification with a picture. As base64 with its headers it stays under the 6 MB that Lambda accepts
 * (documented: Lambda quotas), and under API Gateway's 10 MB.
 */
const MAX_BODY_BYTES = 4 * 1024 * 1024;

/**
 * Sent with every 401 (RFC 9110): without it, wget, `curl --anyauth` and urllib never send their user and password. Basic
 * comes first, for clients that read the first challenge only. An HTTP API passes this header on; a REST API would rename
 * it (observed by third parties).
 */
const CHALLENGES = 'Basic realm="doorstep", Bearer realm="doorstep"';

export type HttpRequest = APIGatewayProxyEventV2;
export type HttpResponse = APIGatewayProxyStructuredResultV2;

/** An HTTP request, as far as the functions of the motion API read it. */
export interface CameraRequest {
  readonly cameraId: string;
  /** The body's bytes as received, which a signature covers. */
  readonly rawBody: Buffer;
  /** A header by its name in lower case. */
  readonly header: (name: string) => string | undefined;
  /** The query's `token`: a secret, as the headers are, and never part of a log line or a response. */
  readonly queryToken: string | undefined;
}

export interface ResponseContent {
  readonly status: number;
  readonly body: unknown;
}

/**
 * An HTTP handler that refuses a request by the problem that is thrown, and a fault by one without its details.
 * @param refuse makes the response
 */
export const httpHandler = (
  respond: (request: HttpRequest) => Promise<HttpResponse>,
  refuse: (problem: Problem, request: HttpRequest) => HttpResponse,
) =>
  middy<HttpRequest, HttpResponse>()
    .use({
      onError: (request) =>
        void (request.response = refuse(refusal(request.error, request.event), request.event)),
    })
    .handler(respond);

function refusal(error: unknown, { pathParameters }: Pick<HttpRequest, "pathParameters">): Problem {
  const problem = error instanceof Problem ? error : new Problem("internal", "see the function's log");
  const given = pathParameters?.["cameraId"];
  // Anything but a camera's id may be a secret, so it is not logged.
  const cameraId = v.is(cameraIdSchema, given) ? given : undefined;
  if (problem.type === "internal") log.error("request failed", error, { cameraId });
  else {
    const { check, reason = problem.message, signedText, clockSkewMs } = problem.diagnosis ?? {};
    const { type } = problem;
    log.info("request refused", { cameraId, problem: type, check, reason, signedText, clockSkewMs });
  }
  return problem;
}

/** Handles requests of cameras: responses are JSON, refusals are problem details (RFC 9457) and are counted. */
export const cameraHandler = (respond: (request: CameraRequest) => Promise<ResponseContent>) =>
  httpHandler(
    async (request) => {
      const { status, body } = await respond(readRequest(request));
      return response(status, "application/json", JSON.stringify(body));
    },
    (problem) => {
      count({ MotionRefused: 1 }, { problem: problem.type });
      return problemResponse(problem);
    },
  );

function readRequest({
  pathParameters,
  queryStringParameters,
  headers,
  body = "",
  isBase64Encoded,
}: HttpRequest): CameraRequest {
  const rawBody = Buffer.from(body, isBase64Encoded ? "base64" : "utf8");
  if (rawBody.length > MAX_BODY_BYTES)
    throw new Problem(
      "body-too-large",
      `the body is over ${MAX_BODY_BYTES} bytes; a motion request needs a few dozen, one with a picture a few hundred thousand`,
    );
  return {
    cameraId: pathParameters?.["cameraId"] ?? "",
    rawBody,
    header: (name) => headers[name],
    queryToken: queryStringParameters?.["token"],
  };
}

/** A problem as problem details (RFC 9457). */
export function problemResponse(problem: Problem): HttpResponse {
  const { retryAfterSeconds } = problem;
  const details = problemDetails(problem);
  return response(details.status, "application/problem+json", JSON.stringify(details), {
    ...(details.status === 401 && { "www-authenticate": CHALLENGES }),
    ...(retryAfterSeconds !== undefined && { "retry-after": String(retryAfterSeconds) }),
  });
}

export const response = (
  statusCode: number,
  type: string,
  body: string,
  headers: Record<string, string> = {},
): HttpResponse => ({
  statusCode,
  headers: { "content-type": type, "cache-control": "no-store", ...headers },
  body,
});
