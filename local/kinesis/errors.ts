import { AwsError } from "../errors.ts";

export const invalidArgument = (message: string): AwsError =>
  new AwsError("InvalidArgumentException", message);

export const validationFailed = (message: string): AwsError => new AwsError("ValidationException", message);

export const notBase64 = (): AwsError => new AwsError("SerializationException", "Data is not base64");

export const streamNotFound = (name: string, accountId: string): AwsError =>
  new AwsError("ResourceNotFoundException", `Stream ${name} under account ${accountId} not found.`);

export const shardNotFound = (shardId: string, name: string, accountId: string): AwsError =>
  new AwsError(
    "ResourceNotFoundException",
    `Could not find shard ${shardId} in stream ${name} under account ${accountId}.`,
  );

export const resourceInUse = (message: string): AwsError => new AwsError("ResourceInUseException", message);

export const expiredNextToken = (): AwsError =>
  new AwsError(
    "ExpiredNextTokenException",
    "NextToken is older than 300 seconds; list from the beginning again",
  );

/** The text as AWS returns it (observed: kinesalite). */
export const expiredIterator = (createdAtMs: number, nowMs: number): AwsError =>
  new AwsError(
    "ExpiredIteratorException",
    `Iterator expired. The iterator was created at time ${new Date(createdAtMs).toISOString()} while right now it is ` +
      `${new Date(nowMs).toISOString()} which is further in the future than the tolerated delay of 300000 milliseconds.`,
  );

/** The error's name is also the ErrorCode of a record that PutRecords refuses. */
export const THROUGHPUT_EXCEEDED = "ProvisionedThroughputExceededException";

export const rateExceeded = (shardId: string, name: string, accountId: string): string =>
  `Rate exceeded for shard ${shardId} in stream ${name} under account ${accountId}.`;

export const throughputExceeded = (message: string): AwsError => new AwsError(THROUGHPUT_EXCEEDED, message);
