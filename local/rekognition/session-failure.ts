import { errorMessage } from "../../base/errors.ts";

/** Ends a session as FAILED; the message becomes the processor's StatusMessage. */
export class SessionFailure extends Error {
  override readonly name = "SessionFailure";
}

/** What a session uses under the processor's role. */
export type UsedService = "Kinesis Video" | "S3" | "SNS";

const ACCESS_ERRORS = new Set([
  "AccessDenied",
  "AccessDeniedException",
  "NotAuthorizedException",
  "AuthorizationError",
  "AuthorizationErrorException",
]);

/** Makes a call under the processor's role; its failure becomes the session's. */
export async function using<T>(service: UsedService, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw failureOf(service, error);
  }
}

/**
 * The StatusMessage for what a service answered.
 *
 * Documented texts (Rekognition guide, troubleshooting streaming video): `Access denied to Role`, `Access denied to
 * Kinesis Video`, `Stream <name> doesn't exist`. Those for S3 and SNS are formed alike and unconfirmed. The reason
 * behind the colon is an addition of the local cloud.
 */
export function failureOf(service: UsedService, error: unknown, streamName?: string): SessionFailure {
  const name = error instanceof Error ? error.name : "";
  const reason = errorMessage(error);
  const options = { cause: error };
  if (ACCESS_ERRORS.has(name)) return new SessionFailure(`Access denied to ${service}: ${reason}`, options);
  if (streamName && name === "ResourceNotFoundException")
    return new SessionFailure(`Stream ${streamName} doesn't exist: ${reason}`, options);
  return new SessionFailure(`${service} answered ${name || "an error"}: ${reason}`, options);
}
