import { AwsError } from "../errors.ts";

/** SNS has a name of its own for a call that no policy allows (documented: SNS API reference, Common Errors). */
export const authorizationError = (error: unknown): unknown =>
  error instanceof AwsError && error.code === "AccessDeniedException"
    ? new AwsError("AuthorizationError", error.message, error.status)
    : error;

export const notJson = (): AwsError =>
  new AwsError("SerializationException", "the request body is not JSON; the Query protocol is not emulated");

export const protocolNotEmulated = (protocol: string): AwsError =>
  new AwsError(
    "InvalidParameter",
    `Invalid parameter: Protocol: the local cloud delivers to sqs, and to lambda and firehose for subscriptions in the template; ${protocol} is not emulated`,
  );

/** Observed by users of AWS; documented is that SQS refuses it. */
export const visibilityBeyondLimit = (seconds: number): AwsError =>
  new AwsError(
    "InvalidParameterValue",
    `Value ${seconds} for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for the message is beyond the limit [43200 seconds].`,
  );
