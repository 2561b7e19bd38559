/** An SDK error's HTTP status; 0 when there was no response. */
const statusOf = (error: unknown): number =>
  (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode ?? 0;

/** 429, 5xx and missing responses are retried; other client errors are not (documented: EventBridge, FailedInvocations). */
export const isRetried = (error: unknown): boolean => {
  const status = statusOf(error);
  return status === 429 || status >= 500 || status === 0;
};

/** The ERROR_CODE of a dead letter (observed, third party). */
export function errorCode(error: unknown): string {
  const name = error instanceof Error ? error.name : "";
  if (/AccessDenied/.test(name)) return "NO_PERMISSIONS";
  if (/NotFound|NonExistentQueue|QueueDoesNotExist/.test(name)) return "NO_RESOURCE";
  if (statusOf(error) === 429) return "THROTTLING";
  return statusOf(error) >= 400 && statusOf(error) < 500 ? "INVALID_PARAMETER" : "ERROR_FROM_TARGET";
}
