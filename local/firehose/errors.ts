import { AwsError } from "../errors.ts";

export const INVALID_INPUT = "ValidationException";

export const invalidInput = (message: string): AwsError => new AwsError(INVALID_INPUT, message);

export const invalidArgument = (message: string): AwsError =>
  new AwsError("InvalidArgumentException", message);

export const streamNotFound = (name: string, accountId: string): AwsError =>
  new AwsError("ResourceNotFoundException", `Firehose ${name} under account ${accountId} not found.`);

/** The error of a flush, which is a local call. */
export const deliveryFailed = (message: string): AwsError => new AwsError("DeliveryFailed", message, 502);
