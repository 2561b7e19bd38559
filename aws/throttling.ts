const NAMES: readonly string[] = [
  "ThrottlingException",
  "ProvisionedThroughputExceededException",
  "LimitExceededException",
  "ServiceQuotaExceededException",
  // DynamoDB and SQS, documented in their lists of errors.
  "RequestLimitExceeded",
  "RequestThrottled",
  // Kinesis Video Streams, documented in its API reference.
  "ClientLimitExceededException",
];

/** Whether an AWS service refused a call because of its rate or of a quota. */
export const isThrottling = (error: unknown): boolean => error instanceof Error && NAMES.includes(error.name);
