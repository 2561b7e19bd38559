import type { AnyAction } from "../api/action.ts";
import { sleep, type Clock } from "../../base/clock.ts";
import { AwsError } from "../errors.ts";
import type { KinesisVideo } from "./state.ts";
import { TokenBucket } from "../../base/token-bucket.ts";

/*
 * Documented: developer guide, "Amazon Kinesis Video Streams service quotas"; API reference, PutMedia and GetMedia.
 * That a second's worth may come at once, and where in the handling of a request it is counted, is unconfirmed.
 */

/** Requests a second, of the account and for each stream. */
const REQUESTS_PER_SECOND: Readonly<Record<string, { account?: number; stream?: number }>> = {
  CreateStream: { account: 50 },
  DeleteStream: { account: 50, stream: 5 },
  DescribeStream: { account: 300, stream: 5 },
  DescribeStreamStorageConfiguration: { account: 50, stream: 5 },
  GetDataEndpoint: { account: 300, stream: 5 },
  ListStreams: { account: 50 },
  ListTagsForStream: { account: 50, stream: 5 },
  TagStream: { account: 50, stream: 5 },
  UntagStream: { account: 50, stream: 5 },
  UpdateDataRetention: { account: 50, stream: 5 },
  UpdateStream: { account: 50, stream: 5 },
  UpdateStreamStorageConfiguration: { account: 50, stream: 5 },
  PutMedia: { stream: 5 },
  GetMedia: { stream: 5 },
  GetHLSStreamingSessionURL: { stream: 25 },
};

/** What requests may consume of one stream's archive a second, counted in fragments. */
const POINTS_PER_SECOND = { fragmentMetadata: 10_000, fragmentMedia: 500 } as const;

/**
 * How fast media goes. It is held back over that: "Kinesis Video Streams reads media data at a rate of up to 12.5
 * MB/second" (documented: PutMedia). Of fragments only the number is documented; that they are held back too, and not
 * refused, is unconfirmed.
 */
const MEDIA_PER_SECOND = {
  "PutMedia bytes": 12_500_000,
  "PutMedia fragments": 5,
  "GetMedia bytes": 25_000_000,
  "GetMedia fragments": 5,
} as const;

/** Requests a second of one HLS streaming session. */
const SESSION_REQUESTS_PER_SECOND: Readonly<Record<string, number>> = {
  "getHLSMasterPlaylist.m3u8": 5,
  "getHLSMediaPlaylist.m3u8": 5,
  "getMP4InitFragment.mp4": 5,
  "getMP4MediaFragment.mp4": 20,
  "getTSFragment.ts": 20,
};

/** Streams of one account (documented: service quotas; can be raised). */
export const MAX_STREAMS = 10_000;

/** Buckets that are full say nothing, and are dropped beyond so many. */
const MAX_BUCKETS = 1000;

/** What may be done how often: of the account and of every stream. */
export class Quotas {
  readonly #clock: Clock;
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Counts a request against the quotas of its kind.
   * @throws AwsError ClientLimitExceededException
   */
  request(name: string, streamArn: string): void {
    const { account, stream } = REQUESTS_PER_SECOND[name] ?? {};
    const quotas = [
      ...(account ? [{ scope: "the account", perSecond: account }] : []),
      ...(stream ? [{ scope: streamArn, perSecond: stream }] : []),
    ];
    for (const { scope, perSecond } of quotas) this.#require(name, scope, perSecond, 1);
    for (const { scope, perSecond } of quotas)
      this.#bucket(name, scope, perSecond).take(1, this.#clock.now());
  }

  /**
   * Counts a player's request for a resource of a session.
   * @throws AwsError ClientLimitExceededException
   */
  sessionRequest(resource: string, token: string): void {
    const perSecond = SESSION_REQUESTS_PER_SECOND[resource];
    if (perSecond === undefined) return;
    // The token is a secret, and messages name the scope.
    const scope = `the session ${token.slice(0, 8)}...`;
    this.#require(resource, scope, perSecond, 1);
    this.#bucket(resource, scope, perSecond).take(1, this.#clock.now());
  }

  /**
   * Counts what a request reads of a stream's archive. One that asks for more than a second's points is let through
   * when none of them are used, and then uses the next seconds' (unconfirmed).
   * @throws AwsError ClientLimitExceededException
   */
  points(kind: keyof typeof POINTS_PER_SECOND, streamArn: string, count: number): void {
    const perSecond = POINTS_PER_SECOND[kind];
    this.#require(kind, streamArn, perSecond, count);
    this.#bucket(kind, streamArn, perSecond).take(count, this.#clock.now());
  }

  /** Waits until so many bytes or fragments more may pass; `scope` is what they are counted for, a stream or a connection. */
  async pass(
    media: keyof typeof MEDIA_PER_SECOND,
    scope: string,
    count: number,
    signal: AbortSignal,
  ): Promise<void> {
    const waitMs = this.#bucket(media, scope, MEDIA_PER_SECOND[media]).take(count, this.#clock.now());
    if (waitMs > 0) await sleep(this.#clock, waitMs, signal);
  }

  #require(name: string, scope: string, perSecond: number, count: number): void {
    if (this.#bucket(name, scope, perSecond).has(count, this.#clock.now())) return;
    throw new AwsError(
      "ClientLimitExceededException",
      "Kinesis Video Streams has throttled the request because you have exceeded the limit of allowed client calls: " +
        `${perSecond} ${name} a second for ${scope}. Try making the call later.`,
    );
  }

  #bucket(name: string, scope: string, perSecond: number): TokenBucket {
    const key = `${name} ${scope}`;
    let bucket = this.#buckets.get(key);
    if (!bucket) {
      const now = this.#clock.now();
      if (this.#buckets.size >= MAX_BUCKETS)
        for (const [old, used] of this.#buckets) if (used.isFull(now)) this.#buckets.delete(old);
      this.#buckets.set(key, (bucket = new TokenBucket(perSecond, now)));
    }
    return bucket;
  }
}

/** The action with its requests counted, once the caller is known to be allowed. */
export const withinQuota = (name: string, action: AnyAction<KinesisVideo>): AnyAction<KinesisVideo> => ({
  ...action,
  run: (input, context) => {
    context.state.quotas.request(name, String(action.resources(input, context)));
    return action.run(input, context) as unknown;
  },
});
