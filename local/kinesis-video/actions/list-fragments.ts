import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { AwsError } from "../../errors.ts";
import type { Fragment } from "../fragment-store.ts";
import {
  decodeToken,
  encodeToken,
  fragmentNumber,
  maxResults,
  namesOneStream,
  nextToken,
  streamReference,
  timestampMs,
  toSeconds,
} from "../inputs.ts";
import { requireRetention } from "../retention.ts";
import type { KinesisVideo } from "../state.ts";

/** Documented: ListFragments. The default is unconfirmed. */
const MAX_RESULTS = 1000;
const DEFAULT_RESULTS = 100;

const fragmentSelector = v.object({
  FragmentSelectorType: v.picklist(["PRODUCER_TIMESTAMP", "SERVER_TIMESTAMP"]),
  TimestampRange: v.pipe(
    v.object({ StartTimestamp: timestampMs, EndTimestamp: timestampMs }),
    v.check(
      ({ StartTimestamp, EndTimestamp }) => StartTimestamp <= EndTimestamp,
      "the range ends before it starts",
    ),
  ),
});

const input = v.pipe(
  v.object({
    ...streamReference,
    MaxResults: v.optional(maxResults(MAX_RESULTS), DEFAULT_RESULTS),
    NextToken: v.optional(nextToken),
    FragmentSelector: v.optional(fragmentSelector),
  }),
  namesOneStream(),
);

/** Where the next page begins, and which fragments it is about: the selector is only needed for the first page (documented). */
const pageToken = v.object({
  after: fragmentNumber,
  type: fragmentSelector.entries.FragmentSelectorType,
  startMs: v.number(),
  endMs: v.number(),
});
type Position = v.InferOutput<typeof pageToken>;

/** ListFragments: those whose own timestamp is in the range, both ends included (documented). */
export const listFragments: Action<KinesisVideo, v.InferOutput<typeof input>, unknown> = {
  input,
  resources: (request, { state }) => state.streams.arnOf(request),
  run: (request, { state }) => {
    const stream = state.streams.find(request);
    requireRetention(stream);
    const position = readPosition(request);
    state.quotas.points("fragmentMetadata", stream.arn, request.MaxResults);
    const atMs = ({ producerTimestampMs, serverTimestampMs }: Fragment) =>
      position.type === "PRODUCER_TIMESTAMP" ? producerTimestampMs : serverTimestampMs;
    const left = state
      .fragments(stream)
      .archived()
      .filter((one) => BigInt(one.number) > BigInt(position.after))
      .filter((one) => atMs(one) >= position.startMs && atMs(one) <= position.endMs);
    const page = left.slice(0, request.MaxResults);
    return {
      Fragments: page.map(describe),
      ...(left.length > page.length && {
        NextToken: encodeToken({ ...position, after: page.at(-1)!.number } satisfies Position),
      }),
    };
  },
};

function readPosition({ NextToken, FragmentSelector }: v.InferOutput<typeof input>): Position {
  const refuse = (problem: string) => new AwsError("InvalidArgumentException", problem);
  if (NextToken !== undefined) {
    const position = decodeToken(NextToken, pageToken);
    if (!position) throw refuse("NextToken: expected the one of the page before");
    return position;
  }
  if (!FragmentSelector) throw refuse("FragmentSelector: needed unless NextToken is given");
  const { FragmentSelectorType: type, TimestampRange } = FragmentSelector;
  return { after: "0", type, startMs: TimestampRange.StartTimestamp, endMs: TimestampRange.EndTimestamp };
}

const describe = (fragment: Fragment) => ({
  FragmentNumber: fragment.number,
  FragmentSizeInBytes: fragment.sizeBytes,
  ProducerTimestamp: toSeconds(fragment.producerTimestampMs),
  ServerTimestamp: toSeconds(fragment.serverTimestampMs),
  FragmentLengthInMilliseconds: fragment.lengthMs,
});
