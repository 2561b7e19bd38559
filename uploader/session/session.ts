import { errorMessage } from "../../base/errors.ts";
import type { Ack } from "../acks.ts";
import { sleep, type Clock } from "../../base/clock.ts";
import { encodeFragment, timecodeMs, type Timing } from "../encode.ts";
import { PutMediaError } from "../put-media-error.ts";
import { putMedia } from "../put-media.ts";
import type { SourceFragment, VideoSource } from "../sources/source.ts";
import type { VideoStream } from "../video-stream.ts";
import { FragmentLedger } from "./ledger.ts";
import { dueAtMs, type Pace } from "./pace.ts";
import { UploadError, type UploadReport } from "./report.ts";
import { afterFailure } from "./retry.ts";

export const SESSION_LIMITS = {
  /** A connection is followed by another well before the 45 minutes that it may last (documented: quotas). */
  maxConnectionMs: 40 * 60_000,
  /** The service closes a connection after 30 s without data (documented: PutMedia); it is ended before. */
  maxQuietMs: 25_000,
  /** How much may be on its way without an acknowledgement. */
  windowBytes: 32_000_000,
} as const;

/** How far an upload is. */
export interface Progress {
  readonly sentFragments: number;
  readonly safeFragments: number;
  /** Undefined for a live source. */
  readonly totalFragments: number | undefined;
  readonly bytes: number;
  /** What went wrong last, while it is tried again. */
  readonly trouble?: string;
}

export interface SessionOptions extends Timing {
  readonly stream: VideoStream;
  readonly pace: Pace;
  readonly clock: Clock;
  /** 0..1, for the jitter between retries. */
  readonly random: () => number;
  /** Ends the upload behind the fragment that is being sent. */
  readonly signal?: AbortSignal;
  /** Begins there instead of at the first fragment: what lies before is safe already. */
  readonly resumeAt?: number;
  readonly onAck?: (ack: Ack) => void;
  readonly onProgress?: (progress: Progress) => void;
  /** Called when every fragment below this index is safe. */
  readonly onSafe?: (below: number) => void;
  readonly maxConnectionMs?: number;
  readonly windowBytes?: number;
}

/** Sends one source, over as many connections as it takes, until every fragment is safe. */
export class Session {
  readonly #source: VideoSource;
  readonly #options: SessionOptions;
  readonly #startedAtMs: number;
  readonly #failures: string[] = [];
  readonly #notices: string[] = [];
  #ledger = new FragmentLedger("PERSISTED");
  #isDescribed = false;
  #acknowledged = Promise.withResolvers<void>();
  #lastSentAtMs = 0;
  #lastEndMs = 0;
  #bytes = 0;
  #connections = 0;

  constructor(source: VideoSource, options: SessionOptions) {
    this.#source = source;
    this.#options = options;
    this.#startedAtMs = options.clock.now();
  }

  /**
   * May be called once. @throws UploadError once an error is permanent, or after ten failures in a row without a
   * fragment acknowledged in between
   */
  async run(): Promise<UploadReport> {
    const { clock, random, signal, stream } = this.#options;
    let failures = 0;
    let refresh = false;
    for (;;) {
      const safeBefore = this.#ledger.counts.safe;
      try {
        if (!(await this.#connect(refresh))) return this.report();
        failures = 0;
        refresh = false;
      } catch (error) {
        failures = this.#ledger.counts.safe > safeBefore ? 1 : failures + 1;
        const decision = afterFailure(error, failures, random());
        if (decision === "give-up" || signal?.aborted) throw new UploadError(error, this.report());
        const trouble = errorMessage(error);
        this.#failures.push(trouble);
        this.#tellProgress(trouble);
        ({ refresh } = decision);
        stream.forgetEndpoint();
        await sleep(clock, decision.retryInMs, signal);
      }
    }
  }

  report(): UploadReport {
    const { startMs, stream } = this.#options;
    const { sent, received, safe, lost } = this.#ledger.counts;
    const number = this.#ledger.lastSafeNumber;
    return {
      source: this.#source.name,
      streamName: stream.name,
      fragments: sent,
      receivedFragments: received,
      persistedFragments: this.#ledger.safeAs === "PERSISTED" ? safe : 0,
      lostFragments: lost,
      ...(number !== undefined && { lastPersistedFragmentNumber: number }),
      safe: this.#ledger.stretches,
      firstProducerMs: startMs,
      lastProducerMs: startMs + Math.round(this.#lastEndMs),
      durationMs: Math.round(this.#lastEndMs),
      bytes: this.#bytes,
      connections: this.#connections,
      failures: this.#failures,
      notices: [...this.#source.notices, ...this.#notices],
    };
  }

  /** Sends what one connection takes. Returns false when nothing is left to send. */
  async #connect(refresh: boolean): Promise<boolean> {
    const { clock, stream, startMs, timecodeType, signal } = this.#options;
    await this.#describe();
    this.#ledger.reconnect();
    const ending = new AbortController();
    ending.signal.addEventListener("abort", () => this.#acknowledged.resolve());
    const ended = signal ? AbortSignal.any([ending.signal, signal]) : ending.signal;
    const fragments = this.#source.fragments(this.#ledger.resumeAt, ended);
    try {
      const first = await this.#nextUnsettled(fragments);
      if (!first) return false;
      await sleep(clock, this.#waitMs(first), signal);
      if (signal?.aborted) return false;
      const failure: { error?: unknown } = {};
      this.#connections++;
      await putMedia({
        endpoint: await stream.endpoint(),
        region: await stream.region(),
        credentials: await stream.credentials(refresh),
        streamName: stream.name,
        producerStartMs: startMs,
        timecodeType,
        body: this.#body(first, fragments, ending.signal, failure),
        onAck: (ack) => this.#onAck(ack),
      });
      if ("error" in failure) throw failure.error;
      if (this.#ledger.inFlight > 0)
        throw new PutMediaError(
          "NOT_ACKNOWLEDGED",
          `PutMedia: ${this.#ledger.inFlight} fragments were sent but never acknowledged as ${this.#ledger.safeAs}`,
        );
      return true;
    } finally {
      ending.abort();
      await fragments.return(undefined);
    }
  }

  /** How a fragment is known to be safe depends on whether the stream stores it; asked once. */
  async #describe(): Promise<void> {
    if (this.#isDescribed) return;
    const retains = (await this.#options.stream.retentionHours()) > 0;
    this.#ledger = new FragmentLedger(retains ? "PERSISTED" : "RECEIVED", this.#options.resumeAt ?? 0);
    this.#isDescribed = true;
  }

  /**
   * The body of one request: the header, then each fragment whole. An error of the source ends it in good order and is
   * left in `failure`, so that what was sent is acknowledged first.
   */
  async *#body(
    first: SourceFragment,
    fragments: AsyncGenerator<SourceFragment>,
    ended: AbortSignal,
    failure: { error?: unknown },
  ): AsyncGenerator<Uint8Array> {
    const { clock, maxConnectionMs = SESSION_LIMITS.maxConnectionMs } = this.#options;
    const openedAtMs = clock.now();
    yield this.#counted(first.header);
    for (let next: SourceFragment | undefined = first; next?.header === first.header;) {
      const waitMs = this.#waitMs(next);
      if (waitMs > SESSION_LIMITS.maxQuietMs) return;
      await sleep(clock, waitMs, this.#options.signal);
      await this.#roomInWindow(next.sizeBytes, ended);
      if (ended.aborted || this.#options.signal?.aborted) return;
      for (const piece of this.#piecesOf(next)) yield this.#counted(piece);
      next.free?.();
      if (clock.now() - openedAtMs >= maxConnectionMs) return;
      try {
        next = await this.#withoutQuiet(this.#nextUnsettled(fragments));
      } catch (error) {
        failure.error = error;
        return;
      }
    }
  }

  /** The next fragment that must be sent. */
  async #nextUnsettled(fragments: AsyncGenerator<SourceFragment>): Promise<SourceFragment | undefined> {
    for (;;) {
      const { value } = (await fragments.next()) as IteratorResult<SourceFragment, undefined>;
      if (!value || !this.#ledger.isSettled(value.index)) return value;
    }
  }

  /** Gives up waiting before the service would. */
  async #withoutQuiet<T>(waited: Promise<T>): Promise<T | undefined> {
    const quiet = Promise.withResolvers<undefined>();
    const timer = this.#options.clock.after(SESSION_LIMITS.maxQuietMs, () => quiet.resolve(undefined));
    try {
      return await Promise.race([waited, quiet.promise]);
    } finally {
      timer.cancel();
    }
  }

  #waitMs(fragment: SourceFragment): number {
    const { pace, clock } = this.#options;
    const times = { startedAtMs: this.#startedAtMs, lastSentAtMs: this.#lastSentAtMs };
    return dueAtMs(pace, fragment, times) - clock.now();
  }

  async #roomInWindow(sizeBytes: number, ended: AbortSignal): Promise<void> {
    const { windowBytes = SESSION_LIMITS.windowBytes } = this.#options;
    while (
      !ended.aborted &&
      this.#ledger.inFlight > 0 &&
      this.#ledger.inFlightBytes + sizeBytes > windowBytes
    )
      await this.#acknowledged.promise;
  }

  #piecesOf(fragment: SourceFragment): Iterable<Uint8Array> {
    const { clock, startMs: originMs } = this.#options;
    const { index, startMs, endMs, sizeBytes } = fragment;
    const lost = this.#ledger.sent({
      index,
      timecodeMs: timecodeMs(this.#options, fragment),
      sizeBytes,
      startMs: originMs + Math.round(startMs),
      endMs: originMs + Math.round(endMs),
    });
    if (lost > 0)
      this.#notices.push(
        `lost ${lost} fragments before ${new Date(originMs + startMs).toISOString()}: they could not be sent in time`,
      );
    this.#lastSentAtMs = clock.now();
    this.#lastEndMs = Math.max(this.#lastEndMs, endMs);
    this.#tellProgress();
    return encodeFragment(this.#source.name, this.#options, fragment);
  }

  #onAck(ack: Ack): void {
    this.#options.onAck?.(ack);
    if (!this.#ledger.acknowledge(ack)) return;
    this.#source.release(this.#ledger.resumeAt);
    this.#options.onSafe?.(this.#ledger.resumeAt);
    this.#acknowledged.resolve();
    this.#acknowledged = Promise.withResolvers();
    this.#tellProgress();
  }

  #counted(bytes: Uint8Array): Uint8Array {
    this.#bytes += bytes.length;
    return bytes;
  }

  #tellProgress(trouble?: string): void {
    const { sent, safe } = this.#ledger.counts;
    this.#options.onProgress?.({
      sentFragments: sent,
      safeFragments: safe,
      totalFragments: this.#source.plan?.fragments,
      bytes: this.#bytes,
      ...(trouble !== undefined && { trouble }),
    });
  }
}
