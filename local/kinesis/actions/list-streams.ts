import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { statusOf } from "../description.ts";
import { maxResults, nextToken, streamName } from "../inputs.ts";
import type { KinesisState } from "../state.ts";
import { streamArn } from "../stream.ts";

/** Documented default of `Limit`. */
const STREAMS_PER_PAGE = 100;

const input = v.object({
  Limit: v.optional(maxResults, STREAMS_PER_PAGE),
  ExclusiveStartStreamName: v.optional(streamName),
  NextToken: v.optional(nextToken),
});

/** Pages are ordered by name; the token is the name of the last stream. */
export const listStreams: Action<KinesisState, v.InferOutput<typeof input>, unknown> = {
  input,
  resources: () => "*",
  run: ({ Limit, ExclusiveStartStreamName, NextToken }, { state, cloud }) => {
    const after = NextToken ?? ExclusiveStartStreamName ?? "";
    const left = state.list().filter(({ name }) => name > after);
    const page = left.slice(0, Limit);
    const hasMore = left.length > page.length;
    return {
      StreamNames: page.map(({ name }) => name),
      StreamSummaries: page.map((stream) => ({
        StreamName: stream.name,
        StreamARN: streamArn(cloud, stream.name),
        StreamStatus: statusOf(stream, state),
        StreamModeDetails: { StreamMode: stream.mode },
        StreamCreationTimestamp: stream.createdAtMs / 1000,
      })),
      HasMoreStreams: hasMore,
      ...(hasMore && { NextToken: page.at(-1)!.name }),
    };
  },
};
