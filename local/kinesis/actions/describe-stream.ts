import * as v from "valibot";
import { descriptionOf, shardDescriptions } from "../description.ts";
import { maxResults, shardId } from "../inputs.ts";
import { streamAction } from "../stream-action.ts";

/** Documented default of `Limit`. */
const SHARDS_PER_PAGE = 100;

export const describeStream = streamAction(
  { Limit: v.optional(maxResults, SHARDS_PER_PAGE), ExclusiveStartShardId: v.optional(shardId) },
  (stream, { Limit, ExclusiveStartShardId: after = "" }, { state, cloud }) => {
    const left = shardDescriptions(stream, state).filter(({ ShardId }) => ShardId > after);
    return {
      StreamDescription: {
        ...descriptionOf(stream, state, cloud),
        Shards: left.slice(0, Limit),
        HasMoreShards: left.length > Limit,
      },
    };
  },
);
