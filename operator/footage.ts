import { createWriteStream } from "node:fs";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { GetDataEndpointCommand, KinesisVideoClient, type APIName } from "@aws-sdk/client-kinesis-video";
import {
  GetClipCommand,
  KinesisVideoArchivedMediaClient,
} from "@aws-sdk/client-kinesis-video-archived-media";
import { fragmentPages } from "../aws/fragments.ts";
import type { StoredFragment } from "../schemas/fragment.ts";
import { systemClock, type Clock } from "../base/clock.ts";
import { HOUR_MS } from "../base/durations.ts";
import type { ClientConfig } from "./client-config.ts";
import { withBackoff } from "./with-backoff.ts";

/** Documented: UpdateDataRetention, 87,600 hours. */
const LONGEST_RETENTION_MS = 87_600 * HOUR_MS;
/** Enough for four months of fragments of two seconds. */
const MAX_PAGES = 5000;

/** An interval of producer time, epoch milliseconds, both ends included. */
interface ProducerRange {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The video that a Kinesis video stream has stored. */
export class Footage {
  readonly #streamName: string;
  readonly #config: ClientConfig;
  readonly #control: KinesisVideoClient;
  readonly #clients = new Map<APIName, Promise<KinesisVideoArchivedMediaClient>>();
  readonly #clock: Clock;

  constructor(streamName: string, config: ClientConfig, clock: Clock = systemClock) {
    this.#streamName = streamName;
    this.#config = config;
    this.#control = new KinesisVideoClient(config);
    this.#clock = clock;
  }

  /**
   * Lists every fragment that begins in the range, in no particular order (documented: ListFragments).
   * @param onPage called after each page with the number of fragments found so far
   */
  async fragments(
    { fromMs, toMs }: ProducerRange,
    { signal, onPage }: { signal?: AbortSignal; onPage?: (found: number) => void } = {},
  ): Promise<StoredFragment[]> {
    const found: StoredFragment[] = [];
    let pages = 0;
    for await (const page of this.#pages({ by: "producer", fromMs, untilMs: toMs }, signal)) {
      if (++pages > MAX_PAGES)
        throw new Error(
          `stream ${this.#streamName} has more than ${found.length} fragments in this time; choose a shorter one`,
        );
      found.push(...page);
      onPage?.(found.length);
    }
    return found;
  }

  /** A fragment that the stream holds: the latest of the first page, which is in no particular order; undefined if it holds none. */
  async anyFragment(): Promise<StoredFragment | undefined> {
    const nowMs = this.#clock.now();
    const ever = { by: "server", fromMs: nowMs - LONGEST_RETENTION_MS, untilMs: nowMs + HOUR_MS } as const;
    const { value: page = [] } = await this.#pages(ever).next();
    return page.toSorted((a, b) => b.startMs - a.startMs)[0];
  }

  async *#pages(
    range: Parameters<typeof fragmentPages>[1],
    signal?: AbortSignal,
  ): AsyncGenerator<StoredFragment[], undefined> {
    const client = await this.#client("LIST_FRAGMENTS");
    yield* fragmentPages(this.#streamName, range, (command) =>
      withBackoff(() => client.send(command, signal && { abortSignal: signal }), {
        signal,
        clock: this.#clock,
      }),
    );
    return undefined;
  }

  /**
   * Writes the fragments that begin in the range into an MP4 file. GetClip returns the first 100 MB or 200 fragments, and
   * does not say when there are more (documented: GetClip).
   */
  async clip(range: ProducerRange, file: string, signal?: AbortSignal): Promise<void> {
    await withBackoff(
      async () => {
        await pipeline(await this.clipStream(range, signal), createWriteStream(file), { signal });
      },
      { signal, clock: this.#clock },
    );
  }

  /** The bytes of that MP4 file. */
  async clipStream({ fromMs, toMs }: ProducerRange, signal?: AbortSignal): Promise<Readable> {
    const client = await this.#client("GET_CLIP");
    const { Payload } = await client.send(
      new GetClipCommand({
        StreamName: this.#streamName,
        ClipFragmentSelector: {
          FragmentSelectorType: "PRODUCER_TIMESTAMP",
          TimestampRange: { StartTimestamp: new Date(fromMs), EndTimestamp: new Date(toMs) },
        },
      }),
      signal && { abortSignal: signal },
    );
    return Payload as Readable;
  }

  close(): void {
    this.#control.destroy();
    for (const client of this.#clients.values()) client.then((one) => one.destroy()).catch(() => {});
  }

  /** Each API has an endpoint of its own. It is looked up once: GetDataEndpoint allows 5 calls a second (documented: quotas). */
  #client(api: APIName): Promise<KinesisVideoArchivedMediaClient> {
    let client = this.#clients.get(api);
    if (!client) {
      client = this.#control
        .send(new GetDataEndpointCommand({ StreamName: this.#streamName, APIName: api }))
        .then(
          ({ DataEndpoint }) =>
            new KinesisVideoArchivedMediaClient({ ...this.#config, endpoint: DataEndpoint! }),
        );
      this.#clients.set(api, client);
    }
    return client;
  }
}
