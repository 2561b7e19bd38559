import { GetRecordsCommand, GetShardIteratorCommand, type KinesisClient } from "@aws-sdk/client-kinesis";
import { sleep, type Clock } from "../base/clock.ts";
import { isNamed } from "../base/errors.ts";

/** Documented (Kinesis Data Streams, quotas): a shard is read five times a second; its trigger reads it once a second. */
const READ_INTERVAL_MS = 300;

/** A record of a data stream. */
export interface DataRecord {
  readonly sequenceNumber: string;
  readonly data: Buffer;
}

/** Records that follow each other in a shard, both ends included. */
export interface ShardRange {
  readonly streamArn: string;
  readonly shardId: string;
  readonly first: string;
  readonly last: string;
}

/**
 * Reads the records of a range that the data stream still has.
 * @returns undefined when the stream does not exist, or is another one of the same name
 */
export async function readShardRange(
  { streamArn: StreamARN, shardId: ShardId, first, last }: ShardRange,
  client: KinesisClient,
  clock: Clock,
): Promise<DataRecord[] | undefined> {
  const records: DataRecord[] = [];
  try {
    let iterator = (
      await client.send(
        new GetShardIteratorCommand({
          StreamARN,
          ShardId,
          ShardIteratorType: "AT_SEQUENCE_NUMBER",
          StartingSequenceNumber: first,
        }),
      )
    ).ShardIterator;
    while (iterator !== undefined) {
      const response = await client.send(new GetRecordsCommand({ StreamARN, ShardIterator: iterator }));
      for (const { SequenceNumber, Data } of response.Records ?? []) {
        // A stream that no longer has the first returns what follows.
        if (BigInt(SequenceNumber!) > BigInt(last)) return records;
        records.push({ sequenceNumber: SequenceNumber!, data: Buffer.from(Data!) });
        if (SequenceNumber === last) return records;
      }
      // Documented (GetRecords): a response may be empty although there is more.
      if (!response.MillisBehindLatest) return records;
      iterator = response.NextShardIterator;
      await sleep(clock, READ_INTERVAL_MS);
    }
    return records;
  } catch (error) {
    // Documented (GetShardIterator): InvalidArgumentException for a sequence number that is not the stream's.
    if (isNamed(error, "ResourceNotFoundException") || isNamed(error, "InvalidArgumentException"))
      return undefined;
    throw error;
  }
}
