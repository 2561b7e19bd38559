import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListShardsCommand,
  type KinesisClient,
} from "@aws-sdk/client-kinesis";
import { sleep, type Clock } from "../base/clock.ts";
import { ignoreError, isNamed } from "../base/errors.ts";

/** Documented (Kinesis Data Streams, quotas): a shard is read five times a second; its trigger reads it once a second. */
const READ_INTERVAL_MS = 300;
const RECORDS_OF_A_READ = 1000;

/** A record of a data stream. */
export interface DataRecord {
  readonly sequenceNumber: string;
  readonly data: Buffer;
}

interface Shard {
  readonly streamArn: string;
  readonly shardId: string;
}

/** Records that follow each other in a shard, both ends included. */
export interface ShardRange extends Shard {
  readonly first: string;
  readonly last: string;
}

/** The shards of a data stream, also those that take no more records. */
export async function shardsOf(streamArn: string, client: KinesisClient): Promise<Shard[]> {
  const shards: Shard[] = [];
  let NextToken: string | undefined;
  do {
    // A following page is named by its token alone (documented: ListShards).
    const page = await client.send(
      new ListShardsCommand(NextToken ? { NextToken } : { StreamARN: streamArn }),
    );
    shards.push(...(page.Shards ?? []).map(({ ShardId }) => ({ streamArn, shardId: ShardId! })));
    ({ NextToken } = page);
  } while (NextToken !== undefined);
  return shards;
}

/**
 * Reads a shard up to its latest record; yields the records of each read.
 * @param first sequence number of the first record to read; the oldest that the stream still has by default
 */
export async function* readShard(
  { streamArn: StreamARN, shardId: ShardId }: Shard,
  client: KinesisClient,
  clock: Clock,
  first?: string,
): AsyncGenerator<DataRecord[]> {
  const start = new GetShardIteratorCommand({
    StreamARN,
    ShardId,
    ...(first === undefined
      ? { ShardIteratorType: "TRIM_HORIZON" }
      : { ShardIteratorType: "AT_SEQUENCE_NUMBER", StartingSequenceNumber: first }),
  });
  let { ShardIterator } = await client.send(start);
  // A shard that was split or merged has an end.
  while (ShardIterator !== undefined) {
    const response = await client
      .send(new GetRecordsCommand({ StreamARN, ShardIterator, Limit: RECORDS_OF_A_READ }))
      .catch((error: unknown) => ignoreError(error, "ProvisionedThroughputExceededException", undefined));
    if (response) {
      yield (response.Records ?? []).map(({ SequenceNumber, Data }) => ({
        sequenceNumber: SequenceNumber!,
        data: Buffer.from(Data!),
      }));
      // Documented (GetRecords): a response may be empty although there is more.
      if (!response.MillisBehindLatest) return;
      ShardIterator = response.NextShardIterator;
    }
    await sleep(clock, READ_INTERVAL_MS);
  }
}

/**
 * Reads the records of a range that the data stream still has.
 * @returns undefined when the stream does not exist, or is another one of the same name
 */
export async function readShardRange(
  { first, last, ...shard }: ShardRange,
  client: KinesisClient,
  clock: Clock,
): Promise<DataRecord[] | undefined> {
  const found: DataRecord[] = [];
  try {
    for await (const records of readShard(shard, client, clock, first))
      for (const record of records) {
        // A stream that no longer has the first returns what follows.
        if (BigInt(record.sequenceNumber) > BigInt(last)) return found;
        found.push(record);
        if (record.sequenceNumber === last) return found;
      }
    return found;
  } catch (error) {
    // Documented (GetShardIterator): InvalidArgumentException for a sequence number that is not the stream's.
    if (isNamed(error, "ResourceNotFoundException") || isNamed(error, "InvalidArgumentException"))
      return undefined;
    throw error;
  }
}
