import type { Cloud } from "../cloud.ts";
import { shardsOf, type Shard } from "./shards.ts";
import { sequenceNumber } from "./sequence-number.ts";
import type { KinesisState } from "./state.ts";
import { streamArn, type Stream } from "./stream.ts";

/** What DescribeStream and DescribeStreamSummary both return. */
export const descriptionOf = (stream: Stream, state: KinesisState, cloud: Cloud) => ({
  StreamName: stream.name,
  StreamARN: streamArn(cloud, stream.name),
  StreamStatus: statusOf(stream, state),
  StreamModeDetails: { StreamMode: stream.mode },
  RetentionPeriodHours: stream.retentionHours,
  StreamCreationTimestamp: stream.createdAtMs / 1000,
  EnhancedMonitoring: [{ ShardLevelMetrics: [] }],
  EncryptionType: stream.keyId === undefined ? "NONE" : "KMS",
  ...(stream.keyId !== undefined && { KeyId: stream.keyId }),
});

export const statusOf = (stream: Stream, state: KinesisState): string =>
  state.isActive(stream) ? "ACTIVE" : "CREATING";

/** A stream that is CREATING has no shards yet. */
export const shardDescriptions = (stream: Stream, state: KinesisState) =>
  state.isActive(stream) ? shardsOf(stream).map((shard) => shardDescription(stream, shard)) : [];

const shardDescription = (stream: Stream, { index, id, startingHashKey, endingHashKey }: Shard) => ({
  ShardId: id,
  HashKeyRange: { StartingHashKey: String(startingHashKey), EndingHashKey: String(endingHashKey) },
  SequenceNumberRange: {
    StartingSequenceNumber: sequenceNumber(stream, index, { position: 0, arrivedAtMs: stream.createdAtMs }),
  },
});
