import * as v from "valibot";
import { invalidArgument, shardNotFound } from "../errors.ts";
import { sequenceNumberText, shardId, timestampMs } from "../inputs.ts";
import { positionAt } from "../records.ts";
import { positionOf } from "../sequence-number.ts";
import { shardsOf } from "../shards.ts";
import { streamAction } from "../stream-action.ts";
import { encodeIterator } from "../tokens.ts";

export const getShardIterator = streamAction(
  {
    ShardId: shardId,
    ShardIteratorType: v.picklist([
      "AT_SEQUENCE_NUMBER",
      "AFTER_SEQUENCE_NUMBER",
      "TRIM_HORIZON",
      "LATEST",
      "AT_TIMESTAMP",
    ]),
    StartingSequenceNumber: v.optional(sequenceNumberText),
    Timestamp: v.optional(timestampMs),
  },
  (stream, request, { state, cloud }) => {
    state.refuseInactive(stream);
    const { ShardIteratorType: type, StartingSequenceNumber: number, Timestamp } = request;
    const nowMs = cloud.clock.now();
    const shard = shardsOf(stream).find(({ id }) => id === request.ShardId);
    if (!shard) throw shardNotFound(request.ShardId, stream.name, cloud.accountId);

    const after = (): number => {
      if (type === "TRIM_HORIZON") return 0;
      if (type === "LATEST") return state.records.lastPosition(stream, shard.index);
      if (type === "AT_TIMESTAMP") {
        if (Timestamp === undefined)
          throw invalidArgument("Timestamp is required for the type AT_TIMESTAMP.");
        if (Timestamp > nowMs)
          throw invalidArgument(
            `Timestamp is ${new Date(Timestamp).toISOString()}, after the current time ${new Date(nowMs).toISOString()}.`,
          );
        return positionAt(Timestamp) - 1;
      }
      if (number === undefined)
        throw invalidArgument(`StartingSequenceNumber is required for the type ${type}.`);
      const position = positionOf(number, stream, shard.index);
      return type === "AT_SEQUENCE_NUMBER" ? position - 1 : position;
    };

    return {
      ShardIterator: encodeIterator({
        streamName: stream.name,
        createdAtMs: stream.createdAtMs,
        shardIndex: shard.index,
        after: after(),
        issuedAtMs: nowMs,
      }),
    };
  },
);
