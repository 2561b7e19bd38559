import * as v from "valibot";
import { invalidArgument, resourceNotFound } from "../errors.ts";
import type { Fragment } from "../fragments/fragment.ts";
import { startOf, TIMESTAMP_TYPES } from "../fragments/select-fragments.ts";
import {
  decodeToken,
  encodeToken,
  fragmentNumber,
  maxResults,
  nextToken,
  timestampMs,
  toSeconds,
} from "../inputs.ts";
import { streamAction } from "../stream-action.ts";
import { requireRetention } from "../streams.ts";

/** Documented: ListFragments. The default is unconfirmed. */
const MAX_RESULTS = 1000;
const DEFAULT_RESULTS = 100;

const fragmentSelector = v.object({
  FragmentSelectorType: v.picklist(TIMESTAMP_TYPES),
  TimestampRange: v.pipe(
    v.object({ StartTimestamp: timestampMs, EndTimestamp: timestampMs }),
    v.check(
      ({ StartTimestamp, EndTimestamp }) => StartTimestamp <= EndTimestamp,
      "the range ends before it starts",
    ),
  ),
});

/** Where the next page starts, with the selector, which is only required for the first page (documented). */
const position = v.object({
  after: fragmentNumber,
  type: fragmentSelector.entries.FragmentSelectorType,
  startMs: v.number(),
  endMs: v.number(),
});
type Position = v.InferOutput<typeof position>;

/** The fragments whose own timestamp is in the range, both ends included (documented). */
export const listFragments = streamAction(
  {
    MaxResults: v.optional(maxResults(MAX_RESULTS), DEFAULT_RESULTS),
    NextToken: v.optional(nextToken),
    FragmentSelector: v.optional(fragmentSelector),
  },
  (stream, { MaxResults, NextToken, FragmentSelector }, { state }) => {
    requireRetention(stream, resourceNotFound);
    const from = NextToken === undefined ? firstPosition(FragmentSelector) : decodeToken(NextToken, position);
    state.quotas.points("fragmentMetadata", stream.arn, MaxResults);
    const left = state
      .fragments(stream)
      .archived()
      .filter((one) => BigInt(one.number) > BigInt(from.after))
      .filter((one) => startOf(one, from.type) >= from.startMs && startOf(one, from.type) <= from.endMs);
    const page = left.slice(0, MaxResults);
    return {
      Fragments: page.map(describe),
      ...(left.length > page.length && {
        NextToken: encodeToken({ ...from, after: page.at(-1)!.number } satisfies Position),
      }),
    };
  },
);

function firstPosition(selector: v.InferOutput<typeof fragmentSelector> | undefined): Position {
  if (!selector) throw invalidArgument("FragmentSelector: required unless NextToken is given");
  const { StartTimestamp: startMs, EndTimestamp: endMs } = selector.TimestampRange;
  return { after: "0", type: selector.FragmentSelectorType, startMs, endMs };
}

const describe = (fragment: Fragment) => ({
  FragmentNumber: fragment.number,
  FragmentSizeInBytes: fragment.sizeBytes,
  ProducerTimestamp: toSeconds(fragment.producerTimestampMs),
  ServerTimestamp: toSeconds(fragment.serverTimestampMs),
  FragmentLengthInMilliseconds: fragment.lengthMs,
});
