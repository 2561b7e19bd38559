/** An error that a service returned. */
type ErrorResponse = Error & { readonly $metadata: { readonly httpStatusCode: number } };

/** Whether a service itself returned the error, rather than the network. */
export const isResponse = (error: unknown): error is ErrorResponse =>
  error instanceof Error &&
  (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode !== undefined;

/**
 * Whether a caller may not make the call: an IAM policy denies it, or the account or Region does not have it. Kinesis Video
 * Streams names it NotAuthorizedException (documented: API reference).
 */
export const isDenied = ({ name }: Error): boolean =>
  ["AccessDeniedException", "NotAuthorizedException"].includes(name);
