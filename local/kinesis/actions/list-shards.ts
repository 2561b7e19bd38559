import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { shardDescriptions } from "../description.ts";
import { invalidArgument } from "../errors.ts";
import { maxResults, nameOf, nextToken, shardId, streamArn, streamName, timestampMs } from "../inputs.ts";
import type { KinesisState } from "../state.ts";
import { streamArn as arnOf } from "../stream.ts";
import { decodeShardsToken, encodeShardsToken } from "../tokens.ts";

const SHARDS_PER_PAGE = 1000;

const input = v.object({
  StreamName: v.optional(streamName),
  StreamARN: v.optional(streamArn),
  NextToken: v.optional(nextToken),
  ExclusiveStartShardId: v.optional(shardId),
  MaxResults: v.optional(maxResults),
  StreamCreationTimestamp: v.optional(timestampMs),
  ShardFilter: v.optional(
    v.object({
      Type: v.picklist([
        "AFTER_SHARD_ID",
        "AT_TRIM_HORIZON",
        "FROM_TRIM_HORIZON",
        "AT_LATEST",
        "AT_TIMESTAMP",
        "FROM_TIMESTAMP",
      ]),
      ShardId: v.optional(shardId),
      Timestamp: v.optional(timestampMs),
    }),
  ),
});

type Input = v.InferOutput<typeof input>;

/** Which page a request wants. @throws AwsError InvalidArgumentException, ExpiredNextTokenException */
function pageOf(request: Input, clock: Parameters<typeof decodeShardsToken>[1]) {
  const { NextToken, ExclusiveStartShardId, ShardFilter, MaxResults } = request;
  const namesStream = request.StreamName !== undefined || request.StreamARN !== undefined;
  if (NextToken !== undefined) {
    if (namesStream) throw invalidArgument("NextToken and StreamName cannot be provided together.");
    const token = decodeShardsToken(NextToken, clock);
    return { ...token, maxResults: MaxResults ?? token.maxResults };
  }
  if (!namesStream) throw invalidArgument("Either NextToken or StreamName should be provided.");
  if (ShardFilter?.Type === "AFTER_SHARD_ID" && ShardFilter.ShardId === undefined)
    throw invalidArgument("ShardFilter.ShardId is required for the type AFTER_SHARD_ID.");
  if (/TIMESTAMP/.test(ShardFilter?.Type ?? "") && ShardFilter?.Timestamp === undefined)
    throw invalidArgument(`ShardFilter.Timestamp is required for the type ${ShardFilter?.Type}.`);
  return {
    streamName: nameOf(request),
    afterShardId: ExclusiveStartShardId ?? ShardFilter?.ShardId ?? "",
    maxResults: MaxResults ?? SHARDS_PER_PAGE,
  };
}

/** All shards are open from the stream's creation on, so that filters by time let all of them through. */
export const listShards: Action<KinesisState, Input, unknown> = {
  input,
  resources: (request, { cloud }) => arnOf(cloud, pageOf(request, cloud.clock).streamName),
  run: (request, { state, cloud }) => {
    const { streamName: name, afterShardId, maxResults: most } = pageOf(request, cloud.clock);
    const left = shardDescriptions(state.find(name), state).filter(({ ShardId }) => ShardId > afterShardId);
    const Shards = left.slice(0, most);
    if (left.length === Shards.length) return { Shards };
    const next = { streamName: name, afterShardId: Shards.at(-1)!.ShardId, maxResults: most };
    return { Shards, NextToken: encodeShardsToken({ ...next, issuedAtMs: cloud.clock.now() }) };
  },
};
