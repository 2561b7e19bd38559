import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { invalidArgument } from "../errors.ts";
import { shardCount, streamModeDetails, streamName, tags } from "../inputs.ts";
import { DEFAULT_RETENTION_HOURS, ON_DEMAND_SHARDS, type KinesisState } from "../state.ts";
import { streamArn } from "../stream.ts";

const input = v.object({
  StreamName: streamName,
  ShardCount: v.optional(shardCount),
  StreamModeDetails: v.optional(streamModeDetails, { StreamMode: "PROVISIONED" }),
  Tags: v.optional(tags, {}),
});

export const createStream: Action<KinesisState, v.InferOutput<typeof input>, unknown> = {
  input,
  resources: ({ StreamName }, { cloud }) => streamArn(cloud, StreamName),
  run: ({ StreamName, ShardCount, StreamModeDetails: { StreamMode: mode }, Tags }, { state }) => {
    if (mode === "ON_DEMAND" && ShardCount !== undefined)
      throw invalidArgument("ShardCount must not be provided for a stream in the mode ON_DEMAND.");
    if (mode === "PROVISIONED" && ShardCount === undefined)
      throw invalidArgument("ShardCount must be provided for a stream in the mode PROVISIONED.");
    state.create({
      name: StreamName,
      mode,
      shardCount: ShardCount ?? ON_DEMAND_SHARDS,
      retentionHours: DEFAULT_RETENTION_HOURS,
      tags: Tags,
    });
    return {};
  },
};
