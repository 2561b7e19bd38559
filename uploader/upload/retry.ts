import { backoffCeilingMs } from "../../base/backoff.ts";
import { InvalidAckError } from "../acks.ts";
import { PutMediaError } from "../put-media-error.ts";

/**
 * Whether an upload can go on after an error: after a `transient` one yes, after a `credentials` one with new credentials,
 * after a `permanent` one no.
 */
type FailureKind = "transient" | "credentials" | "permanent";

const CREDENTIALS_CODES = new Set([
  "ExpiredToken",
  "ExpiredTokenException",
  "RequestExpired",
  "TokenRefreshRequired",
]);

/** Transient errors with HTTP status 400 (documented: PutMedia, GetDataEndpoint, common errors). */
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

/** Classifies an error of PutMedia, of another AWS call, or of the source. */
export function failureKind(error: unknown): FailureKind {
  if (error instanceof InvalidAckError) return "transient";
  const { name, code, httpStatus, $metadata } = error as {
    name?: string;
    code?: string;
    httpStatus?: number;
    $metadata?: { httpStatusCode?: number };
  };
  const errorCode = error instanceof PutMediaError ? code : name;
  if (errorCode !== undefined && CREDENTIALS_CODES.has(errorCode)) return "credentials";
  if (errorCode !== undefined && TRANSIENT_CODES.has(errorCode)) return "transient";
  const status = httpStatus ?? $metadata?.httpStatusCode;
  if (status !== undefined) return status >= 500 || status === 429 ? "transient" : "permanent";
  if (error instanceof PutMediaError) return error.isRetryable ? "transient" : "permanent";
  return name === "TimeoutError" || NETWORK_CODES.has(code ?? "") ? "transient" : "permanent";
}

const RETRY_LIMITS = { baseMs: 500, maxMs: 30_000, maxFailures: 10 } as const;

/** What to do after a failure. */
export type Decision = { readonly retryInMs: number; readonly refresh: boolean } | "give-up";

/**
 * Decides whether and when to retry: exponential backoff with full jitter.
 * @param failures in a row without an acknowledged fragment, this one included
 * @param random 0..1
 */
export function afterFailure(error: unknown, failures: number, random: number): Decision {
  const kind = failureKind(error);
  if (kind === "permanent" || failures >= RETRY_LIMITS.maxFailures) return "give-up";
  const retryInMs = Math.round(random * backoffCeilingMs(failures, RETRY_LIMITS));
  return { retryInMs, refresh: kind === "credentials" };
}
