import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { rateExceeded, shardNotFound, throughputExceeded } from "../errors.ts";
import { streamArn, whole } from "../inputs.ts";
import type { StoredRecord } from "../records.ts";
import { sequenceNumber } from "../sequence-number.ts";
import { shardId } from "../shards.ts";
import type { KinesisState } from "../state.ts";
import { streamArn as arnOf } from "../stream.ts";
import { decodeIterator, encodeIterator, refuseExpired } from "../tokens.ts";

/** Documented: GetRecords. */
const MAX_RECORDS = 10_000;
const MAX_RESPONSE_BYTES = 10 * 1024 * 1024;

const input = v.object({
  ShardIterator: v.pipe(v.string(), v.minLength(1), v.maxLength(1024)),
  Limit: v.optional(whole(1, MAX_RECORDS), MAX_RECORDS),
  StreamARN: v.optional(streamArn),
});

export const getRecords: Action<KinesisState, v.InferOutput<typeof input>, unknown> = {
  input,
  resources: ({ ShardIterator }, { cloud }) => arnOf(cloud, decodeIterator(ShardIterator).streamName),
  run: ({ ShardIterator, Limit }, { state, cloud }) => {
    const iterator = decodeIterator(ShardIterator);
    const { streamName, createdAtMs, shardIndex } = iterator;
    refuseExpired(iterator, cloud.clock);
    const stream = state.find(streamName);
    const ShardId = shardId(shardIndex);
    if (stream.createdAtMs !== createdAtMs) throw shardNotFound(ShardId, streamName, cloud.accountId);
    const shard = `${streamName}/${shardIndex}`;
    if (!state.throughput.admitsRead(shard)) {
      cloud.events.emit("kinesis", "read-throttled", { streamName });
      throw throughputExceeded(rateExceeded(ShardId, streamName, cloud.accountId));
    }

    const records: StoredRecord[] = [];
    let sizeBytes = 0;
    let hasMore = false;
    for (const record of state.records.after(stream, shardIndex, iterator.after, state.keptSinceMs(stream))) {
      hasMore = records.length === Limit || sizeBytes + record.data.length > MAX_RESPONSE_BYTES;
      if (hasMore) break;
      records.push(record);
      sizeBytes += record.data.length;
    }
    state.throughput.countRead(shard, sizeBytes);

    const nowMs = cloud.clock.now();
    const last = records.at(-1);
    const MillisBehindLatest = hasMore && last ? nowMs - last.arrivedAtMs : 0;
    cloud.events.emit("kinesis", "records-read", {
      streamName,
      records: records.length,
      sizeBytes,
      iteratorAgeMs: last ? nowMs - last.arrivedAtMs : 0,
    });
    return {
      Records: records.map(({ position, arrivedAtMs, partitionKey, data }) => ({
        SequenceNumber: sequenceNumber(stream, shardIndex, { position, arrivedAtMs }),
        ApproximateArrivalTimestamp: arrivedAtMs / 1000,
        Data: Buffer.from(data).toString("base64"),
        PartitionKey: partitionKey,
        EncryptionType: stream.keyId === undefined ? "NONE" : "KMS",
      })),
      NextShardIterator: encodeIterator({
        ...iterator,
        after: last?.position ?? iterator.after,
        issuedAtMs: nowMs,
      }),
      MillisBehindLatest,
    };
  },
};
