import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListShardsCommand,
  type GetShardIteratorCommandInput,
} from "@aws-sdk/client-kinesis";
import { backoffCeilingMs } from "../../base/backoff.ts";
import { sleep } from "../../base/clock.ts";
import { errorMessage, isNamed } from "../../base/errors.ts";
import { randomId } from "../../base/random.ts";
import type { Cloud } from "../cloud.ts";
import type { Collection } from "../documents.ts";
import { KinesisHttp1Client } from "../kinesis/client.ts";
import { sendToDestination } from "./destination.ts";
import { THROTTLED } from "./errors.ts";
import { firstFailedIndex, kinesisEvent, type BatchSource, type ShardRecord } from "./kinesis-event.ts";
import type { Poller } from "./poller.ts";
import type { FunctionRuntime } from "./runtime.ts";
import { afterAttempt, withoutAged, type Batch, type FailureSettings } from "./shard-batches.ts";

/** One data stream, read for one function. */
export interface StreamPollerSettings extends FailureSettings {
  /** The mapping's id. */
  readonly id: string;
  readonly streamArn: string;
  readonly batchSize: number;
  /** How long a batch is gathered, on the cloud's clock. */
  readonly windowMs: number;
  /** Where reading begins; a time in epoch milliseconds. */
  readonly start: "LATEST" | "TRIM_HORIZON" | number;
  readonly maxRecordAgeMs: number;
  /** Whether the function's response lists the records that failed. */
  readonly reportsFailures: boolean;
  readonly onFailureArn?: string | undefined;
}

/** How far a function has come in a shard: after a record, or at a time while it has had none. */
export type Checkpoint = { readonly after: string } | { readonly sinceMs: number };

/** "Lambda polls each shard at a base rate of once per second" (documented: with-kinesis), and goes on at once while there is more. */
const POLL_MS = 1000;
const CATCH_UP_POLL_MS = 250;
/** Documented: the event of a batch is at most 6 MB. */
const MAX_EVENT_BYTES = 6 * 1024 * 1024;
/** The part of an event's record that is not its data, at most. */
const ENVELOPE_BYTES = 2048;
/** How long a failed batch waits for its next attempt; unconfirmed. */
const RETRY_BACKOFF = { baseMs: 1000, maxMs: 60_000 };

/**
 * Reads each shard with the function's role and runs the function on batch after batch, one at a time per shard, in order.
 * The checkpoint of a shard moves when its records are handled or discarded, and survives a restart; retries of a batch
 * begin anew after one.
 */
export class StreamPoller implements Poller {
  lastResult = "No records processed";
  readonly #cloud: Cloud;
  readonly #function: FunctionRuntime;
  readonly #settings: StreamPollerSettings;
  readonly #checkpoints: Collection<Checkpoint>;
  readonly #stopping = new AbortController();
  #running: Promise<unknown> = Promise.resolve();

  constructor(
    cloud: Cloud,
    runtime: FunctionRuntime,
    settings: StreamPollerSettings,
    checkpoints: Collection<Checkpoint>,
  ) {
    this.#cloud = cloud;
    this.#function = runtime;
    this.#settings = settings;
    this.#checkpoints = checkpoints;
  }

  start(): void {
    this.#running = this.#run(this.#cloud.clock.now());
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(startedAtMs: number): Promise<void> {
    const { id, start, streamArn } = this.#settings;
    const sinceMs = start === "TRIM_HORIZON" ? 0 : start === "LATEST" ? startedAtMs : start;
    const shardIds = (await this.#untilDone(() => this.#listShards())) ?? [];
    await Promise.all(
      shardIds.map((shardId) => {
        const key = `${id}/${shardId}`;
        if (!this.#checkpoints.get(key)) this.#checkpoints.put(key, { sinceMs });
        const { roleArn } = this.#function.config;
        return this.#readShard(key, { streamArn, shardId, roleArn, region: this.#cloud.region });
      }),
    );
  }

  async #listShards(): Promise<string[]> {
    const command = new ListShardsCommand({ StreamARN: this.#settings.streamArn });
    const { Shards = [] } = await this.#client().send(command, { abortSignal: this.#stopping.signal });
    return Shards.map(({ ShardId }) => ShardId!);
  }

  async #readShard(key: string, source: BatchSource): Promise<void> {
    const { signal } = this.#stopping;
    const { batchSize, windowMs } = this.#settings;
    const reader = new ShardReader(
      this.#cloud,
      () => this.#client(),
      source,
      this.#checkpoints.get(key)!,
      signal,
    );
    let pending: readonly Batch<ShardRecord>[] = [];
    const next = async (): Promise<void> => {
      pending =
        pending.length > 0
          ? await this.#attempt(key, source, pending)
          : batchesOf(await reader.gather(batchSize, windowMs));
    };
    while (!signal.aborted) await this.#untilDone(next);
  }

  /** Makes one attempt on the first of the batches, or discards what is too old of it; returns the batches that are left. */
  async #attempt(
    key: string,
    source: BatchSource,
    pending: readonly Batch<ShardRecord>[],
  ): Promise<readonly Batch<ShardRecord>[]> {
    const { clock } = this.#cloud;
    const { signal } = this.#stopping;
    const oldestMs = clock.now() - this.#settings.maxRecordAgeMs;
    const young = withoutAged(pending, ({ arrivedAtMs }) => arrivedAtMs < oldestMs);
    if (young.discarded) {
      await this.#discard(young.discarded, source, "RecordAgeExceeded");
      this.#checkpoints.put(key, { after: young.passed!.sequenceNumber });
      return young.pending;
    }
    const [batch] = pending;
    const firstFailed = await this.#invoke(batch!, source);
    if (firstFailed === "throttled") {
      await sleep(clock, POLL_MS, signal);
      return pending;
    }
    // A function that a stop has ended has not failed.
    if (firstFailed === 0 && signal.aborted) return pending;
    const step = afterAttempt(pending, firstFailed, this.#settings);
    if (step.discarded) await this.#discard(step.discarded, source, "RetryAttemptsExhausted");
    if (step.passed) this.#checkpoints.put(key, { after: step.passed.sequenceNumber });
    if (step.waits) await sleep(clock, backoffCeilingMs(batch!.retries + 1, RETRY_BACKOFF), signal);
    return step.pending;
  }

  /** Runs the function on a batch; returns the index of the first record that failed, or their number. */
  async #invoke({ records }: Batch<ShardRecord>, source: BatchSource): Promise<number | "throttled"> {
    const event = JSON.stringify(kinesisEvent(records, source));
    const outcome = await this.#function.invoke(randomId(), event).catch((error: unknown) => {
      if (isNamed(error, THROTTLED)) return undefined;
      throw error;
    });
    if (!outcome) return "throttled";
    const { ok, payload } = outcome;
    const numbers = records.map(({ sequenceNumber }) => sequenceNumber);
    const firstFailed = !ok
      ? 0
      : this.#settings.reportsFailures
        ? firstFailedIndex(payload, numbers)
        : records.length;
    const failed = records.length - firstFailed;
    this.lastResult = failed === 0 ? "OK" : "PROBLEM: Function call failed";
    this.#emit("batch-handled", {
      shardId: source.shardId,
      records: records.length,
      failed,
      iteratorAgeMs: this.#cloud.clock.now() - records.at(-1)!.arrivedAtMs,
    });
    return firstFailed;
  }

  /** Sends the record of a batch that is given up (documented: Lambda, "Retain discarded batch records"). */
  async #discard(
    { records, retries }: Batch<ShardRecord>,
    { shardId, streamArn }: BatchSource,
    condition: "RetryAttemptsExhausted" | "RecordAgeExceeded",
  ): Promise<void> {
    const { onFailureArn } = this.#settings;
    const { arn, roleArn } = this.#function.config;
    this.#emit("batch-discarded", { shardId, records: records.length, condition });
    if (!onFailureArn) return;
    const [first, last] = [records[0]!, records.at(-1)!];
    const record = {
      requestContext: {
        requestId: randomId(),
        functionArn: arn,
        condition,
        approximateInvokeCount: condition === "RecordAgeExceeded" ? retries : retries + 1,
      },
      responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
      version: "1.0",
      timestamp: new Date(this.#cloud.clock.now()).toISOString(),
      KinesisBatchInfo: {
        shardId,
        startSequenceNumber: first.sequenceNumber,
        endSequenceNumber: last.sequenceNumber,
        approximateArrivalOfFirstRecord: new Date(first.arrivedAtMs).toISOString(),
        approximateArrivalOfLastRecord: new Date(last.arrivedAtMs).toISOString(),
        batchSize: records.length,
        streamArn,
      },
    };
    await sendToDestination(this.#cloud, onFailureArn, JSON.stringify(record), roleArn).catch(
      (error: unknown) =>
        this.#emit("destination-failed", { destinationArn: onFailureArn, error: errorMessage(error) }),
    );
  }

  /** Repeats what fails, with pauses, until it succeeds; undefined when the poller stops. */
  async #untilDone<T>(run: () => Promise<T>): Promise<T | undefined> {
    const { signal } = this.#stopping;
    for (let failures = 1; !signal.aborted; failures++)
      try {
        return await run();
      } catch (error) {
        if (signal.aborted) break;
        this.lastResult = `PROBLEM: ${errorMessage(error)}`;
        this.#emit("poll-failed", { error: errorMessage(error) });
        await sleep(this.#cloud.clock, backoffCeilingMs(failures, RETRY_BACKOFF), signal);
      }
    return undefined;
  }

  #client(): KinesisHttp1Client {
    const { access } = this.#cloud;
    const role = access.assumeRole(this.#function.config.roleArn, "lambda.amazonaws.com");
    return this.#cloud.client(KinesisHttp1Client, role);
  }

  #emit(name: string, detail: Record<string, unknown>): void {
    if (this.#stopping.signal.aborted) return;
    const { streamArn } = this.#settings;
    this.#cloud.events.emit("lambda", name, {
      ...detail,
      function: this.#function.config.name,
      stream: streamArn.slice(streamArn.indexOf("/") + 1),
    });
  }
}

/** Reads the records of one shard ahead, in order. */
class ShardReader {
  readonly #cloud: Cloud;
  readonly #client: () => KinesisHttp1Client;
  readonly #source: BatchSource;
  readonly #signal: AbortSignal;
  #position: Checkpoint;
  #iterator: string | undefined;
  #ahead: ShardRecord[] = [];
  #nextPollAtMs = 0;

  constructor(
    cloud: Cloud,
    client: () => KinesisHttp1Client,
    source: BatchSource,
    position: Checkpoint,
    signal: AbortSignal,
  ) {
    this.#cloud = cloud;
    this.#client = client;
    this.#source = source;
    this.#position = position;
    this.#signal = signal;
  }

  /** The next records: those that are there, and those that arrive until the window ends or the batch is full. */
  async gather(batchSize: number, windowMs: number): Promise<readonly ShardRecord[]> {
    const { clock } = this.#cloud;
    let untilMs: number | undefined;
    while (!this.#signal.aborted) {
      const count = countThatFit(this.#ahead, batchSize);
      if (this.#ahead.length > 0) untilMs ??= clock.now() + windowMs;
      const isFull = count === batchSize || count < this.#ahead.length;
      if (isFull || (untilMs !== undefined && clock.now() >= untilMs)) return this.#ahead.splice(0, count);
      await sleep(clock, this.#nextPollAtMs - clock.now(), this.#signal);
      if (!this.#signal.aborted) await this.#poll();
    }
    return [];
  }

  async #poll(): Promise<void> {
    const { clock } = this.#cloud;
    this.#nextPollAtMs = clock.now() + POLL_MS;
    const abortSignal = this.#signal;
    try {
      this.#iterator ??= await this.#newIterator();
      const response = await this.#client().send(new GetRecordsCommand({ ShardIterator: this.#iterator }), {
        abortSignal,
      });
      this.#iterator = response.NextShardIterator;
      const records = (response.Records ?? []).map((record) => ({
        sequenceNumber: record.SequenceNumber!,
        partitionKey: record.PartitionKey!,
        data: Buffer.from(record.Data!).toString("base64"),
        arrivedAtMs: record.ApproximateArrivalTimestamp!.getTime(),
      }));
      this.#ahead.push(...records);
      if (records.length > 0) this.#position = { after: records.at(-1)!.sequenceNumber };
      if (response.MillisBehindLatest) this.#nextPollAtMs = clock.now() + CATCH_UP_POLL_MS;
    } catch (error) {
      // It may have expired.
      this.#iterator = undefined;
      throw error;
    }
  }

  async #newIterator(): Promise<string> {
    const { streamArn: StreamARN, shardId: ShardId } = this.#source;
    const command = new GetShardIteratorCommand({ StreamARN, ShardId, ...iteratorStart(this.#position) });
    const { ShardIterator } = await this.#client().send(command, { abortSignal: this.#signal });
    return ShardIterator!;
  }
}

const iteratorStart = (
  position: Checkpoint,
): Pick<GetShardIteratorCommandInput, "ShardIteratorType" | "StartingSequenceNumber" | "Timestamp"> => {
  if ("after" in position)
    return { ShardIteratorType: "AFTER_SEQUENCE_NUMBER", StartingSequenceNumber: position.after };
  return position.sinceMs === 0
    ? { ShardIteratorType: "TRIM_HORIZON" }
    : { ShardIteratorType: "AT_TIMESTAMP", Timestamp: new Date(position.sinceMs) };
};

const batchesOf = (records: readonly ShardRecord[]): Batch<ShardRecord>[] =>
  records.length > 0 ? [{ records, retries: 0 }] : [];

/** How many of the records fit into one event. */
function countThatFit(records: readonly ShardRecord[], batchSize: number): number {
  let sizeBytes = 0;
  const most = records.slice(0, batchSize);
  const tooMany = most.findIndex(({ data }, index) => {
    sizeBytes += data.length + ENVELOPE_BYTES;
    return index > 0 && sizeBytes > MAX_EVENT_BYTES;
  });
  return tooMany < 0 ? most.length : tooMany;
}
