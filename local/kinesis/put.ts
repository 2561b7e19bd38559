import type { Cloud } from "../cloud.ts";
import { notBase64, rateExceeded } from "./errors.ts";
import type { NewRecord } from "./records.ts";
import { sequenceNumber } from "./sequence-number.ts";
import { shardId, shardIndexFor } from "./shards.ts";
import type { KinesisState } from "./state.ts";
import type { Stream } from "./stream.ts";

/** A record as requests have it. */
export interface RecordInput {
  readonly Data: string;
  readonly PartitionKey: string;
  readonly ExplicitHashKey?: string | undefined;
}

/** The partition key and the data, at most (documented: PutRecord; a stream's own maximum is not emulated). */
export const MAX_RECORD_BYTES = 1024 * 1024;

/** What became of a record: stored, or refused because its shard takes no more at the moment. */
export type PutResult =
  { readonly ShardId: string; readonly SequenceNumber: string } | { readonly refused: string };

/** @throws AwsError SerializationException */
export function readRecord(stream: Stream, input: RecordInput): NewRecord & { readonly sizeBytes: number } {
  const data = Buffer.from(input.Data, "base64");
  if (data.toString("base64").replace(/=+$/, "") !== input.Data.replace(/=+$/, "")) throw notBase64();
  return {
    shardIndex: shardIndexFor(stream, input),
    partitionKey: input.PartitionKey,
    data,
    sizeBytes: data.length + Buffer.byteLength(input.PartitionKey),
  };
}

/** Stores the records that their shards take, in order; each is stored or refused by itself (documented: PutRecords). */
export function putRecords(
  stream: Stream,
  records: readonly ReturnType<typeof readRecord>[],
  { cloud, state }: { cloud: Cloud; state: KinesisState },
): PutResult[] {
  const admitted = records.filter(({ shardIndex, sizeBytes }) =>
    state.throughput.admitsWrite(`${stream.name}/${shardIndex}`, sizeBytes),
  );
  const nowMs = cloud.clock.now();
  const positions = state.records.put(stream, admitted, nowMs);
  const stored = new Map(admitted.map((record, index) => [record, positions[index]!]));
  return records.map((record) => {
    const ShardId = shardId(record.shardIndex);
    const position = stored.get(record);
    if (position === undefined) return { refused: rateExceeded(ShardId, stream.name, cloud.accountId) };
    const SequenceNumber = sequenceNumber(stream, record.shardIndex, { position, arrivedAtMs: nowMs });
    return { ShardId, SequenceNumber };
  });
}
