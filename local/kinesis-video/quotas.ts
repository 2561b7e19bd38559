import { sleep, type Clock } from "../../base/clock.ts";
import { TokenBucket } from "../../base/token-bucket.ts";
import { clientLimitExceeded } from "./errors.ts";

/*
 * Documented: developer guide, "Amazon Kinesis Video Streams service quotas"; API reference, PutMedia and GetMedia.
 * That a second's quota may be used at once, and when in the handling of a request it is counted, is unconfirmed.
 */

/** Requests per second, of the account and of each stream. */
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

/** What requests may read of one stream's archive per second, in fragments. */
const POINTS_PER_SECOND = { fragmentMetadata: 10_000, fragmentMedia: 500 } as const;

/**
 * Rates of media. Media above them is delayed: "Kinesis Video Streams reads media data at a rate of up to 12.5 MB/second"
 * (documented: PutMedia). For fragments only the number is documented; that they are delayed too, not refused, is
 * unconfirmed.
 */
const MEDIA_PER_SECOND = {
  "PutMedia bytes": 12_500_000,
  "PutMedia fragments": 5,
  "GetMedia bytes": 25_000_000,
  "GetMedia fragments": 5,
} as const;

/** Requests per second of one HLS streaming session. */
const SESSION_REQUESTS_PER_SECOND: Readonly<Record<string, number>> = {
  "getHLSMasterPlaylist.m3u8": 5,
  "getHLSMediaPlaylist.m3u8": 5,
  "getMP4InitFragment.mp4": 5,
  "getMP4MediaFragment.mp4": 20,
  "getTSFragment.ts": 20,
};

/** Streams per account (documented: service quotas; can be raised). */
export const MAX_STREAMS = 10_000;

/** Above this many, full buckets are dropped: they are like new ones. */
const MAX_BUCKETS = 1000;

/** A quota of the account, a stream, a session or a connection: the `scope`. */
interface Quota {
  readonly name: string;
  readonly scope: string;
  readonly perSecond: number;
}

/** The quotas of the account and of every stream. */
export class Quotas {
  readonly #clock: Clock;
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Counts a request against the quotas of its action.
   * @throws AwsError ClientLimitExceededException
   */
  request(name: string, streamArn: string): void {
    const { account, stream } = REQUESTS_PER_SECOND[name] ?? {};
    this.#take(1, [
      ...(account ? [{ name, scope: "the account", perSecond: account }] : []),
      ...(stream ? [{ name, scope: streamArn, perSecond: stream }] : []),
    ]);
  }

  /**
   * Counts a player's request for a resource of a session.
   * @throws AwsError ClientLimitExceededException
   */
  sessionRequest(name: string, token: string): void {
    const perSecond = SESSION_REQUESTS_PER_SECOND[name];
    // The token is a secret, and messages name the scope.
    if (perSecond !== undefined)
      this.#take(1, [{ name, scope: `the session ${token.slice(0, 8)}...`, perSecond }]);
  }

  /**
   * Counts what a request reads of a stream's archive. A request for more than a second's points is admitted when none of
   * them are used, and then uses those of the next seconds (unconfirmed).
   * @throws AwsError ClientLimitExceededException
   */
  points(name: keyof typeof POINTS_PER_SECOND, streamArn: string, count: number): void {
    this.#take(count, [{ name, scope: streamArn, perSecond: POINTS_PER_SECOND[name] }]);
  }

  /** Waits until the quota admits this many bytes or fragments; `scope` is a stream or a connection. */
  async admit(
    name: keyof typeof MEDIA_PER_SECOND,
    scope: string,
    count: number,
    signal: AbortSignal,
  ): Promise<void> {
    const bucket = this.#bucket({ name, scope, perSecond: MEDIA_PER_SECOND[name] });
    const waitMs = bucket.take(count, this.#clock.now());
    if (waitMs > 0) await sleep(this.#clock, waitMs, signal);
  }

  /** Takes from all of the quotas, or from none. */
  #take(count: number, quotas: readonly Quota[]): void {
    const nowMs = this.#clock.now();
    for (const quota of quotas)
      if (!this.#bucket(quota).has(count, nowMs))
        throw clientLimitExceeded(`${quota.perSecond} ${quota.name} a second for ${quota.scope}`);
    for (const quota of quotas) this.#bucket(quota).take(count, nowMs);
  }

  #bucket({ name, scope, perSecond }: Quota): TokenBucket {
    const key = `${name} ${scope}`;
    let bucket = this.#buckets.get(key);
    if (!bucket) {
      const nowMs = this.#clock.now();
      if (this.#buckets.size >= MAX_BUCKETS)
        for (const [old, used] of this.#buckets) if (used.isFull(nowMs)) this.#buckets.delete(old);
      this.#buckets.set(key, (bucket = new TokenBucket(perSecond, nowMs)));
    }
    return bucket;
  }
}
