import type { KinesisVideoClient } from "@aws-sdk/client-kinesis-video";
import {
  ListFragmentsCommand,
  type Fragment,
  type ListFragmentsCommandOutput,
} from "@aws-sdk/client-kinesis-video-archived-media";
import type { ReceivedFragment } from "../schemas/fragment.ts";
import { archivedMedia } from "./archived-media.ts";

/** The most that one call returns (documented: ListFragments). */
const PAGE_FRAGMENTS = 1000;
/** More than a day of fragments of two seconds. */
const MAX_PAGES = 50;

/** A range of producer or server time, epoch milliseconds, both ends included. */
interface TimeRange {
  readonly by: "producer" | "server";
  readonly fromMs: number;
  readonly untilMs: number;
}

const SELECTORS = { producer: "PRODUCER_TIMESTAMP", server: "SERVER_TIMESTAMP" } as const;

/**
 * Lists the fragments of a stream that begin in a range, page by page, in no particular order (documented: ListFragments,
 * FragmentSelector). A request is free of charge (documented: Kinesis Video Streams pricing names none).
 * @param send sends a request to the stream's endpoint
 * @throws what `send` throws
 */
export async function* fragmentPages(
  streamName: string,
  { by, fromMs, untilMs }: TimeRange,
  send: (command: ListFragmentsCommand) => Promise<ListFragmentsCommandOutput>,
): AsyncGenerator<ReceivedFragment[]> {
  const selector = {
    FragmentSelectorType: SELECTORS[by],
    TimestampRange: { StartTimestamp: new Date(fromMs), EndTimestamp: new Date(untilMs) },
  };
  let token: string | undefined;
  do {
    const { Fragments = [], NextToken } = await send(
      new ListFragmentsCommand({
        StreamName: streamName,
        MaxResults: PAGE_FRAGMENTS,
        ...(token === undefined ? { FragmentSelector: selector } : { NextToken: token }),
      }),
    );
    yield Fragments.map(receivedFragment);
    token = NextToken;
  } while (token !== undefined);
}

const receivedFragment = (fragment: Fragment): ReceivedFragment => ({
  number: fragment.FragmentNumber ?? "0",
  startMs: fragment.ProducerTimestamp?.getTime() ?? 0,
  serverMs: fragment.ServerTimestamp?.getTime() ?? 0,
  durationMs: fragment.FragmentLengthInMilliseconds ?? 0,
  sizeBytes: fragment.FragmentSizeInBytes ?? 0,
});

/** The fragments that Kinesis video streams store. */
export const streamFragments = (control?: KinesisVideoClient) => {
  const onStream = archivedMedia("LIST_FRAGMENTS", control);

  /** @throws the client's error, or Error for more than {@link MAX_PAGES} pages */
  return (streamName: string) =>
    async (by: TimeRange["by"], fromMs: number, untilMs: number): Promise<ReceivedFragment[]> => {
      const found: ReceivedFragment[] = [];
      let pages = 0;
      for await (const page of fragmentPages(streamName, { by, fromMs, untilMs }, (one) =>
        onStream(streamName, (client) => client.send(one)),
      )) {
        if (++pages > MAX_PAGES)
          throw new Error(
            `stream ${streamName} has more than ${found.length} fragments from ${fromMs} to ${untilMs}`,
          );
        found.push(...page);
      }
      return found;
    };
};
