import type { KinesisStreamEvent } from "aws-lambda";

/** A record as a shard's reader has it. */
export interface ShardRecord {
  readonly sequenceNumber: string;
  readonly partitionKey: string;
  /** Base64. */
  readonly data: string;
  readonly arrivedAtMs: number;
}

/** Where a batch comes from, and the role that reads it. */
export interface BatchSource {
  readonly streamArn: string;
  readonly shardId: string;
  readonly roleArn: string;
  readonly region: string;
}

/** The event by which a function receives a batch of records (documented: Lambda, with-kinesis). */
export const kinesisEvent = (
  records: readonly ShardRecord[],
  { streamArn, shardId, roleArn, region }: BatchSource,
): KinesisStreamEvent => ({
  Records: records.map(({ sequenceNumber, partitionKey, data, arrivedAtMs }) => ({
    kinesis: {
      kinesisSchemaVersion: "1.0",
      partitionKey,
      sequenceNumber,
      data,
      approximateArrivalTimestamp: arrivedAtMs / 1000,
    },
    eventSource: "aws:kinesis",
    eventVersion: "1.0",
    eventID: `${shardId}:${sequenceNumber}`,
    eventName: "aws:kinesis:record",
    invokeIdentityArn: roleArn,
    awsRegion: region,
    eventSourceARN: streamArn,
  })),
});

/**
 * The index of the first record that a function reports as failed: the one with the lowest sequence number. A null or empty
 * response or list is a success; an identifier that is empty, null or under another key fails the whole batch (documented:
 * Lambda, services-kinesis-batchfailurereporting). Unconfirmed: that a number which is not in the batch does so, too.
 * @param payload the function's result as JSON
 * @param numbers the sequence numbers of the batch, in order
 * @returns the number of records when none failed
 */
export function firstFailedIndex(payload: string, numbers: readonly string[]): number {
  const response = JSON.parse(payload) as { batchItemFailures?: unknown } | null;
  const failures = response?.batchItemFailures ?? [];
  if (!Array.isArray(failures)) return 0;
  const indexes = failures.map((failure: { itemIdentifier?: unknown } | null) =>
    numbers.indexOf(failure?.itemIdentifier as string),
  );
  return Math.max(0, Math.min(numbers.length, ...indexes));
}
