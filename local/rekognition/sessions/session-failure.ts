import { errorMessage } from "../../../base/errors.ts";

/** Ends a session as FAILED; the message becomes the processor's StatusMessage. */
export class SessionFailure extends Error {
  override readonly name = "SessionFailure";
}

/** The StatusMessage of a processor whose run ended by an error. */
export const statusMessageOf = (error: unknown): string =>
  error instanceof SessionFailure ? error.message : `Internal error: ${errorMessage(error)}`;

/** The services that a session calls with the processor's role. */
type UsedService = "Kinesis Video" | "Kinesis Data Stream" | "S3" | "SNS";

const ACCESS_ERRORS = new Set([
  "AccessDenied",
  "AccessDeniedException",
  "NotAuthorizedException",
  "AuthorizationError",
  "AuthorizationErrorException",
]);

/** Makes a call with the processor's role. @throws SessionFailure when it fails */
export async function using<T>(service: UsedService, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw failureOf(service, error);
  }
}

/**
 * The StatusMessage for a service's error.
 *
 * Documented texts (Rekognition guide, troubleshooting streaming video): `Access denied to Role`, `Access denied to
 * Kinesis Video`, `Stream <name> doesn't exist`. Those for S3 and SNS follow them and are unconfirmed. The reason after
 * the colon is the local cloud's own.
 */
export function failureOf(service: UsedService, error: unknown, streamName?: string): SessionFailure {
  const name = error instanceof Error ? error.name : "";
  const reason = errorMessage(error);
  const options = { cause: error };
  if (ACCESS_ERRORS.has(name)) return new SessionFailure(`Access denied to ${service}: ${reason}`, options);
  if (streamName && name === "ResourceNotFoundException")
    return new SessionFailure(`Stream ${streamName} doesn't exist: ${reason}`, options);
  return new SessionFailure(`${service} returned ${name || "an error"}: ${reason}`, options);
}
