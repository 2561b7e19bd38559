import type { ServerResponse } from "node:http";
import { errorMessage } from "../../base/errors.ts";
import type { Events } from "../events.ts";
import { AwsError } from "../errors.ts";
import { BodyTooLargeError } from "./body.ts";
import { queryError, s3Error } from "./xml.ts";

/** How an API's requests and errors are written: AWS JSON 1.0 and 1.1, REST-JSON, Query (XML), or S3's own XML. */
export type Protocol = "json-1.0" | "json-1.1" | "rest-json" | "query" | "s3";

/** The parts of an error response. */
interface ErrorParts {
  readonly code: string;
  readonly message: string;
  readonly requestId: string;
  /** The API's signing name. */
  readonly service: string;
}

interface ErrorFormat {
  /** The code of a call that no policy allows. */
  readonly accessDenied: string;
  readonly headers: (parts: ErrorParts) => Readonly<Record<string, string>>;
  readonly body: (parts: ErrorParts) => string;
}

const jsonHeaders =
  (contentType: string): ErrorFormat["headers"] =>
  ({ code, requestId }) => ({
    "content-type": contentType,
    "x-amzn-errortype": code,
    "x-amzn-requestid": requestId,
  });

/** The SDKs, the CLI and boto3 read the type and either spelling of the message; an error may have none. */
const jsonBody = (type: string, message: string): string =>
  JSON.stringify({ __type: type, ...(message && { message, Message: message }) });

/**
 * How each protocol writes an error. Documented: Smithy's AWS protocols, for the JSON ones (only 1.0 puts a namespace
 * before the type) and Query; "Error responses" of the S3 API reference.
 */
const ERROR_FORMATS: Readonly<Record<Protocol, ErrorFormat>> = {
  "json-1.0": {
    accessDenied: "AccessDeniedException",
    headers: jsonHeaders("application/x-amz-json-1.0"),
    body: ({ code, message, service }) => jsonBody(`com.amazonaws.${service}#${code}`, message),
  },
  "json-1.1": {
    accessDenied: "AccessDeniedException",
    headers: jsonHeaders("application/x-amz-json-1.1"),
    body: ({ code, message }) => jsonBody(code, message),
  },
  "rest-json": {
    accessDenied: "AccessDeniedException",
    headers: jsonHeaders("application/json"),
    body: ({ code, message }) => jsonBody(code, message),
  },
  query: {
    accessDenied: "AccessDenied",
    headers: ({ requestId }) => ({ "content-type": "text/xml", "x-amzn-requestid": requestId }),
    body: ({ code, message, requestId }) => queryError(code, message, requestId),
  },
  s3: {
    accessDenied: "AccessDenied",
    headers: ({ requestId }) => ({ "content-type": "application/xml", "x-amz-request-id": requestId }),
    body: ({ code, message, requestId }) => s3Error(code, message, requestId),
  },
};

/** The code of an error in a protocol. */
export const codeIn = (protocol: Protocol, { code }: AwsError): string =>
  code === "AccessDeniedException" ? ERROR_FORMATS[protocol].accessDenied : code;

/** Responds with an error, in the protocol of the API that was called. */
export function sendError(
  response: ServerResponse,
  error: AwsError,
  { protocol, service, requestId }: { protocol: Protocol; service: string; requestId: string },
): void {
  const { headers, body } = ERROR_FORMATS[protocol];
  const parts = { code: codeIn(protocol, error), message: error.message, requestId, service };
  response.writeHead(error.status, headers(parts)).end(body(parts));
}

/** The error of a failed call; a fault of the local cloud itself is emitted as an event and becomes a 500. */
export function asAwsError(error: unknown, events: Events): AwsError {
  if (error instanceof AwsError) return error;
  if (error instanceof BodyTooLargeError)
    return new AwsError("RequestEntityTooLargeException", error.message, 413);
  events.emit("endpoint", "fault", { error: error instanceof Error ? error.stack : String(error) });
  return new AwsError("InternalServerError", `the local cloud failed: ${errorMessage(error)}`, 500);
}
