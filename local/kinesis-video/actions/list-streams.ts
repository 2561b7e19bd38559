import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { decodeToken, encodeToken, maxResults, nextToken, streamName } from "../inputs.ts";
import type { KinesisVideo } from "../state.ts";
import { streamInfo } from "../stream-info.ts";

/** Default and maximum number of streams per page (documented). */
const MAX_RESULTS = 10_000;

const input = v.object({
  MaxResults: v.optional(maxResults(MAX_RESULTS), MAX_RESULTS),
  NextToken: v.optional(nextToken),
  StreamNameCondition: v.optional(
    v.object({
      ComparisonOperator: v.optional(v.literal("BEGINS_WITH"), "BEGINS_WITH"),
      ComparisonValue: v.optional(streamName, ""),
    }),
  ),
});

/** Pages are ordered by name. */
export const listStreams: Action<KinesisVideo, v.InferOutput<typeof input>, unknown> = {
  input,
  resources: () => "*",
  run: ({ MaxResults, NextToken, StreamNameCondition }, { state, cloud }) => {
    const after = NextToken === undefined ? "" : decodeToken(NextToken, v.string());
    const prefix = StreamNameCondition?.ComparisonValue ?? "";
    const left = state.streams.list().filter(({ name }) => name.startsWith(prefix) && name > after);
    const page = left.slice(0, MaxResults);
    return {
      StreamInfoList: page.map((stream) => streamInfo(stream, cloud)),
      ...(left.length > page.length && { NextToken: encodeToken(page.at(-1)!.name) }),
    };
  },
};
