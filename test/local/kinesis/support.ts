import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  type GetShardIteratorCommandInput,
  type KinesisClient,
  type _Record,
} from "@aws-sdk/client-kinesis";

type Start = Pick<GetShardIteratorCommandInput, "ShardIteratorType" | "StartingSequenceNumber" | "Timestamp">;

export const shard0 = "shardId-000000000000";

export async function iteratorOf(
  client: KinesisClient,
  StreamName: string,
  start: Start = { ShardIteratorType: "TRIM_HORIZON" },
  ShardId = shard0,
): Promise<string> {
  const command = new GetShardIteratorCommand({ StreamName, ShardId, ...start });
  return (await client.send(command)).ShardIterator!;
}

export const texts = (records: readonly _Record[] = []): string[] =>
  records.map(({ Data }) => Buffer.from(Data!).toString());

/** The texts of the records of a shard that one call returns. */
export async function read(
  client: KinesisClient,
  StreamName: string,
  start?: Start,
  ShardId?: string,
): Promise<string[]> {
  const ShardIterator = await iteratorOf(client, StreamName, start, ShardId);
  return texts((await client.send(new GetRecordsCommand({ ShardIterator }))).Records);
}
