import { GetDataEndpointCommand, KinesisVideoClient } from "@aws-sdk/client-kinesis-video";
import {
  KinesisVideoArchivedMediaClient,
  ListFragmentsCommand,
} from "@aws-sdk/client-kinesis-video-archived-media";
import type { ReceivedFragment } from "../schemas/fragment.ts";

/** The most that one call returns (documented: ListFragments). */
const PAGE_FRAGMENTS = 1000;
/** More than a day of fragments of two seconds. */
const MAX_PAGES = 50;
/** Streams whose endpoint is kept; more than a function's instance serves. */
const MAX_ENDPOINTS = 1000;

/** A producer or server timestamp. */
type TimestampType = "producer" | "server";

const SELECTORS = { producer: "PRODUCER_TIMESTAMP", server: "SERVER_TIMESTAMP" } as const;

/** The fragments that Kinesis video streams store. */
export const streamFragments = (control = new KinesisVideoClient({})) => {
  const clients = new Map<string, Promise<KinesisVideoArchivedMediaClient>>();

  /** GetDataEndpoint allows 5 calls a second for a stream (documented: quotas), so an endpoint is looked up once. */
  const clientOf = (streamName: string): Promise<KinesisVideoArchivedMediaClient> => {
    const known = clients.get(streamName);
    if (known) return known;
    if (clients.size >= MAX_ENDPOINTS) clients.clear();
    const client = control
      .send(new GetDataEndpointCommand({ StreamName: streamName, APIName: "LIST_FRAGMENTS" }))
      .then(({ DataEndpoint }) => new KinesisVideoArchivedMediaClient({ endpoint: DataEndpoint! }));
    clients.set(streamName, client);
    client.catch(() => clients.delete(streamName));
    return client;
  };

  /**
   * Lists the fragments that begin in a range of time, epoch milliseconds, both ends included, in no particular order
   * (documented: ListFragments, FragmentSelector). A request is free of charge (documented: Kinesis Video Streams pricing
   * names none).
   * @throws the client's error, or Error for more than {@link MAX_PAGES} pages
   */
  return (streamName: string) =>
    async (by: TimestampType, fromMs: number, untilMs: number): Promise<ReceivedFragment[]> => {
      const client = await clientOf(streamName);
      const selector = {
        FragmentSelectorType: SELECTORS[by],
        TimestampRange: { StartTimestamp: new Date(fromMs), EndTimestamp: new Date(untilMs) },
      };
      const found: ReceivedFragment[] = [];
      let token: string | undefined;
      for (let page = 0; page < MAX_PAGES; page++) {
        const { Fragments = [], NextToken } = await client.send(
          new ListFragmentsCommand({
            StreamName: streamName,
            MaxResults: PAGE_FRAGMENTS,
            ...(token === undefined ? { FragmentSelector: selector } : { NextToken: token }),
          }),
        );
        for (const fragment of Fragments)
          found.push({
            number: fragment.FragmentNumber ?? "0",
            startMs: fragment.ProducerTimestamp?.getTime() ?? 0,
            serverMs: fragment.ServerTimestamp?.getTime() ?? 0,
            durationMs: fragment.FragmentLengthInMilliseconds ?? 0,
            sizeBytes: fragment.FragmentSizeInBytes ?? 0,
          });
        token = NextToken;
        if (token === undefined) return found;
      }
      throw new Error(
        `stream ${streamName} has more than ${found.length} fragments from ${fromMs} to ${untilMs}`,
      );
    };
};
