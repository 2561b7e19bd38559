import { InvalidAckError } from "../acks.ts";
import { PutMediaError } from "../put-media-error.ts";

/**
 * What an error means for the video that is left: `transient` is worth another try, `credentials` too once they are
 * fetched anew, `permanent` is not.
 */
export type FailureKind = "transient" | "credentials" | "permanent";

const CREDENTIALS_CODES = new Set([
  "ExpiredToken",
  "ExpiredTokenException",
  "RequestExpired",
  "TokenRefreshRequired",
]);

/** Codes that pass, among those that come with HTTP status 400 (documented: PutMedia, GetDataEndpoint, common errors). */
const TRANSIENT_CODES = new Set([
  "ClientLimitExceededException",
  "ConnectionLimitExceededException",
  "InvalidEndpointException",
  "LimitExceededException",
  "RequestTimeout",
  "ServiceUnavailable",
  "Throttling",
  "ThrottlingException",
  "TooManyRequestsException",
]);

const NETWORK_CODES = new Set([
  "ECONNABORTED",
  "ECONNREFUSED",
  "ECONNRESET",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EPIPE",
  "ETIMEDOUT",
]);

/** Sorts an error of PutMedia, of another AWS call, or of the source itself. */
export function failureKind(error: unknown): FailureKind {
  if (error instanceof InvalidAckError) return "transient";
  const { name, code, httpStatus, $metadata } = error as {
    name?: string;
    code?: string;
    httpStatus?: number;
    $metadata?: { httpStatusCode?: number };
  };
  const word = error instanceof PutMediaError ? code : name;
  if (word !== undefined && CREDENTIALS_CODES.has(word)) return "credentials";
  if (word !== undefined && TRANSIENT_CODES.has(word)) return "transient";
  const status = httpStatus ?? $metadata?.httpStatusCode;
  if (status !== undefined) return status >= 500 || status === 429 ? "transient" : "permanent";
  if (error instanceof PutMediaError) return error.worthRetrying ? "transient" : "permanent";
  return name === "TimeoutError" || NETWORK_CODES.has(code ?? "") ? "transient" : "permanent";
}

export const RETRY_LIMITS = { baseMs: 500, maxMs: 30_000, maxFailures: 10 } as const;

/** What to do after a failure. */
export type Decision = { readonly retryInMs: number; readonly refresh: boolean } | "give-up";

/**
 * Exponential backoff with full jitter: anywhere between now and a bound that doubles with each failure.
 * @param failures in a row without a fragment acknowledged, this one included
 * @param chance 0..1
 */
export function afterFailure(error: unknown, failures: number, chance: number): Decision {
  const kind = failureKind(error);
  const { baseMs, maxMs, maxFailures } = RETRY_LIMITS;
  if (kind === "permanent" || failures >= maxFailures) return "give-up";
  const boundMs = Math.min(maxMs, baseMs * 2 ** (failures - 1));
  return { retryInMs: Math.round(chance * boundMs), refresh: kind === "credentials" };
}
