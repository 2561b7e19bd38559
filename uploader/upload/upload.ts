import { sleep, type Clock } from "../../base/clock.ts";
import { MINUTE_MS } from "../../base/durations.ts";
import { errorMessage } from "../../base/errors.ts";
import type { Random } from "../../base/random.ts";
import type { Ack } from "../acks.ts";
import { encodeFragment, timecodeMs, type Timing } from "../encode.ts";
import { PutMediaError } from "../put-media-error.ts";
import { putMedia } from "../put-media.ts";
import type { SourceFragment, VideoSource } from "../sources/source.ts";
import type { StartFrom } from "../start-time.ts";
import type { VideoStream } from "../video-stream.ts";
import { FragmentLog } from "./fragment-log.ts";
import { dueAtMs, type Pace } from "./pace.ts";
import { droppedOf, UploadError, type Dropped, type UploadSummary } from "./summary.ts";
import { afterFailure } from "./retry.ts";

const UPLOAD_LIMITS = {
  /** A connection may last 45 minutes (documented: quotas); the next one begins well before. */
  maxConnectionMs: 40 * MINUTE_MS,
  /** The service closes a connection after 30 s without data (documented: PutMedia); the upload ends it before. */
  maxQuietMs: 25_000,
  /** The most bytes in flight without an acknowledgement. */
  windowBytes: 32_000_000,
} as const;

/** The progress of an upload. */
export interface Progress {
  readonly sentFragments: number;
  readonly safeFragments: number;
  /** Undefined for a live source. */
  readonly totalFragments: number | undefined;
  readonly bytes: number;
  /** The last failure, during a retry. */
  readonly failure?: string;
}

export interface UploadSettings extends Timing {
  readonly startFrom: StartFrom;
  readonly stream: VideoStream;
  readonly pace: Pace;
  readonly clock: Clock;
  /** For the jitter between retries. */
  readonly random: Random;
  /** Ends the upload after the fragment that is being sent. */
  readonly signal?: AbortSignal;
  /** The fragment to begin with; those before are already safe. Default: the first. */
  readonly resumeAt?: number;
  readonly onAck?: (ack: Ack) => void;
  readonly onProgress?: (progress: Progress) => void;
  /** Called when every fragment below this index is safe. */
  readonly onSafe?: (below: number) => void;
  readonly maxConnectionMs?: number;
  readonly windowBytes?: number;
}

/** Sends one source, over as many connections as needed, until every fragment is safe. */
export class Upload {
  readonly #source: VideoSource;
  readonly #settings: UploadSettings;
  readonly #startedAtMs: number;
  readonly #failures: string[] = [];
  readonly #notices: string[] = [];
  readonly #lost: Dropped[] = [];
  #log = new FragmentLog("PERSISTED");
  #isDescribed = false;
  #acknowledged = Promise.withResolvers<void>();
  #lastSentAtMs = 0;
  #lastEndMs = 0;
  #bytes = 0;
  #connections = 0;

  constructor(source: VideoSource, options: UploadSettings) {
    this.#source = source;
    this.#settings = options;
    this.#startedAtMs = options.clock.now();
  }

  /**
   * May be called once.
   * @throws UploadError after a permanent error, or ten failures in a row without an acknowledged fragment
   */
  async run(): Promise<UploadSummary> {
    const { clock, random, signal, stream } = this.#settings;
    let failures = 0;
    let refresh = false;
    for (;;) {
      const safeBefore = this.#log.counts.safe;
      try {
        if (!(await this.#connect(refresh))) return this.summary();
        failures = 0;
        refresh = false;
      } catch (error) {
        failures = this.#log.counts.safe > safeBefore ? 1 : failures + 1;
        const decision = afterFailure(error, failures, random());
        if (decision === "give-up" || signal?.aborted) throw new UploadError(error, this.summary());
        const failure = errorMessage(error);
        this.#failures.push(failure);
        this.#reportProgress(failure);
        ({ refresh } = decision);
        stream.forgetEndpoint();
        await sleep(clock, decision.retryInMs, signal);
      }
    }
  }

  summary(): UploadSummary {
    const { startMs, startFrom, stream } = this.#settings;
    const { sent, received, safe, lost } = this.#log.counts;
    const number = this.#log.lastSafeNumber;
    return {
      source: this.#source.name,
      streamName: stream.name,
      fragments: sent,
      receivedFragments: received,
      persistedFragments: this.#log.safeAs === "PERSISTED" ? safe : 0,
      lostFragments: lost,
      ...(number !== undefined && { lastPersistedFragmentNumber: number }),
      safe: this.#log.safeIntervals,
      startFrom,
      firstProducerMs: startMs,
      lastProducerMs: startMs + Math.round(this.#lastEndMs),
      durationMs: Math.round(this.#lastEndMs),
      bytes: this.#bytes,
      connections: this.#connections,
      failures: this.#failures,
      notices: [...this.#source.losses.notices, ...this.#notices],
      dropped: [...this.#source.losses.all.map((loss) => droppedOf(loss, startMs)), ...this.#lost],
    };
  }

  /** Sends fragments over one connection. Returns false when nothing is left to send. */
  async #connect(refresh: boolean): Promise<boolean> {
    const { clock, stream, startMs, timecodeType, signal } = this.#settings;
    await this.#describe();
    this.#log.reconnect();
    const ending = new AbortController();
    ending.signal.addEventListener("abort", () => this.#acknowledged.resolve());
    const ended = signal ? AbortSignal.any([ending.signal, signal]) : ending.signal;
    const fragments = this.#source.fragments(this.#log.resumeAt, ended);
    try {
      const first = await this.#nextUnsettled(fragments);
      if (!first) return false;
      await this.#untilDue(first);
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
        clock,
      });
      if ("error" in failure) throw failure.error;
      if (this.#log.inFlight > 0)
        throw new PutMediaError(
          "NOT_ACKNOWLEDGED",
          `PutMedia: ${this.#log.inFlight} fragments were sent but never acknowledged as ${this.#log.safeAs}`,
        );
      return true;
    } finally {
      ending.abort();
      await fragments.return(undefined);
    }
  }

  /** Looks up once whether the stream stores fragments: it decides which acknowledgement makes them safe. */
  async #describe(): Promise<void> {
    if (this.#isDescribed) return;
    const retains = (await this.#settings.stream.retentionHours()) > 0;
    this.#log = new FragmentLog(retains ? "PERSISTED" : "RECEIVED", this.#settings.resumeAt ?? 0);
    this.#isDescribed = true;
  }

  /**
   * The body of one request: the header, then each fragment whole. An error of the source ends the body normally and is
   * stored in `failure`, so that sent fragments are acknowledged first.
   */
  async *#body(
    first: SourceFragment,
    fragments: AsyncGenerator<SourceFragment>,
    ended: AbortSignal,
    failure: { error?: unknown },
  ): AsyncGenerator<Uint8Array> {
    const { clock, maxConnectionMs = UPLOAD_LIMITS.maxConnectionMs } = this.#settings;
    const openedAtMs = clock.now();
    yield this.#counted(first.header);
    for (let next: SourceFragment | undefined = first; next?.header === first.header;) {
      if (this.#waitMs(next) > UPLOAD_LIMITS.maxQuietMs) return;
      await this.#untilDue(next);
      await this.#roomInWindow(next.sizeBytes, ended);
      if (ended.aborted || this.#settings.signal?.aborted) return;
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

  /** The next fragment that is neither safe nor lost. */
  async #nextUnsettled(fragments: AsyncGenerator<SourceFragment>): Promise<SourceFragment | undefined> {
    for (;;) {
      const { value } = (await fragments.next()) as IteratorResult<SourceFragment, undefined>;
      if (!value || !this.#log.isSettled(value.index)) return value;
    }
  }

  /** Stops waiting before the service closes the connection. */
  async #withoutQuiet<T>(waited: Promise<T>): Promise<T | undefined> {
    const quiet = Promise.withResolvers<undefined>();
    const timer = this.#settings.clock.after(UPLOAD_LIMITS.maxQuietMs, () => quiet.resolve(undefined));
    try {
      return await Promise.race([waited, quiet.promise]);
    } finally {
      timer.cancel();
    }
  }

  async #untilDue(fragment: SourceFragment): Promise<void> {
    const waitMs = this.#waitMs(fragment);
    if (waitMs > 0) await sleep(this.#settings.clock, waitMs, this.#settings.signal);
  }

  #waitMs(fragment: SourceFragment): number {
    const { pace, clock } = this.#settings;
    const times = { startedAtMs: this.#startedAtMs, lastSentAtMs: this.#lastSentAtMs };
    return dueAtMs(pace, fragment, times) - clock.now();
  }

  async #roomInWindow(sizeBytes: number, ended: AbortSignal): Promise<void> {
    const { windowBytes = UPLOAD_LIMITS.windowBytes } = this.#settings;
    while (!ended.aborted && this.#log.inFlight > 0 && this.#log.inFlightBytes + sizeBytes > windowBytes)
      await this.#acknowledged.promise;
  }

  #piecesOf(fragment: SourceFragment): Iterable<Uint8Array> {
    const { clock, startMs: originMs } = this.#settings;
    const { index, startMs, endMs, sizeBytes } = fragment;
    const lost = this.#log.sent({
      index,
      timecodeMs: timecodeMs(this.#settings, fragment),
      sizeBytes,
      startMs: originMs + Math.round(startMs),
      endMs: originMs + Math.round(endMs),
    });
    if (lost > 0) {
      const [at, reason] = [new Date(originMs + startMs).toISOString(), "they could not be sent in time"];
      this.#notices.push(`lost ${lost} fragments before ${at}: ${reason}`);
      this.#lost.push({ kind: "fragments", at, reason, count: lost });
    }
    this.#lastSentAtMs = clock.now();
    this.#lastEndMs = Math.max(this.#lastEndMs, endMs);
    this.#reportProgress();
    return encodeFragment(this.#source.name, this.#settings, fragment);
  }

  #onAck(ack: Ack): void {
    this.#settings.onAck?.(ack);
    if (!this.#log.acknowledge(ack)) return;
    this.#source.release(this.#log.resumeAt);
    this.#settings.onSafe?.(this.#log.resumeAt);
    this.#acknowledged.resolve();
    this.#acknowledged = Promise.withResolvers();
    this.#reportProgress();
  }

  #counted(bytes: Uint8Array): Uint8Array {
    this.#bytes += bytes.length;
    return bytes;
  }

  #reportProgress(failure?: string): void {
    const { sent, safe } = this.#log.counts;
    this.#settings.onProgress?.({
      sentFragments: sent,
      safeFragments: safe,
      totalFragments: this.#source.plan?.fragments,
      bytes: this.#bytes,
      ...(failure !== undefined && { failure }),
    });
  }
}
