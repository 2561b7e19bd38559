import { join } from "node:path";
import type { Timer } from "../../base/clock.ts";
import { HOUR_MS, MINUTE_MS } from "../../base/durations.ts";
import type { Cloud } from "../cloud.ts";
import type { Collection } from "../documents.ts";
import { resourceInUse, streamNotFound } from "./errors.ts";
import { Records } from "./records.ts";
import type { Stream, StreamSettings } from "./stream.ts";
import { Throughput } from "./throughput.ts";

/** Shards of a new ON_DEMAND stream (documented: CreateStream, 4 MiB/s of writes). */
export const ON_DEMAND_SHARDS = 4;
export const DEFAULT_RETENTION_HOURS = 24;
/** On AWS it takes some seconds. Callers that do not wait for ACTIVE notice it here as well. */
const CREATING_MS = 300;
const SWEEP_INTERVAL_MS = 10 * MINUTE_MS;

/** The streams and their records; both survive a restart. */
export class KinesisState {
  readonly records: Records;
  readonly throughput: Throughput;
  readonly #cloud: Cloud;
  readonly #streams: Collection<Stream>;
  #sweepTimer: Timer | undefined;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
    this.#streams = cloud.documents.collection("kinesis/streams");
    this.records = new Records(join(cloud.dataFolder, "kinesis"));
    this.throughput = new Throughput(cloud.clock);
    this.#sweep();
  }

  /** Ordered by name. */
  list(): Stream[] {
    return this.#streams.list();
  }

  get(name: string): Stream | undefined {
    return this.#streams.get(name);
  }

  /** @throws AwsError ResourceNotFoundException */
  find(name: string): Stream {
    const stream = this.get(name);
    if (!stream) throw streamNotFound(name, this.#cloud.accountId);
    return stream;
  }

  isActive({ activeAtMs }: Stream): boolean {
    return this.#cloud.clock.now() >= activeAtMs;
  }

  /** @throws AwsError ResourceNotFoundException for a stream that is not ACTIVE yet (observed: kinesalite) */
  refuseInactive(stream: Stream): void {
    if (!this.isActive(stream)) throw streamNotFound(stream.name, this.#cloud.accountId);
  }

  /**
   * @param creatingMs how long the stream is CREATING
   * @throws AwsError ResourceInUseException for a name that exists
   */
  create(settings: StreamSettings, creatingMs = CREATING_MS): Stream {
    const { name } = settings;
    if (this.get(name))
      throw resourceInUse(`Stream ${name} under account ${this.#cloud.accountId} already exists.`);
    const nowMs = this.#cloud.clock.now();
    const stream = { ...settings, createdAtMs: nowMs, activeAtMs: nowMs + creatingMs };
    this.#streams.put(name, stream);
    this.#cloud.events.emit("kinesis", "stream-created", { streamName: name });
    return stream;
  }

  update(stream: Stream, changes: Partial<StreamSettings>): void {
    this.#streams.put(stream.name, { ...stream, ...changes });
  }

  delete(stream: Stream): void {
    this.#streams.delete(stream.name);
    this.records.delete(stream);
    this.#cloud.events.emit("kinesis", "stream-deleted", { streamName: stream.name });
  }

  /** Records that arrived earlier have expired; they are gone from reads at once and from the disk somewhat later. */
  keptSinceMs({ retentionHours }: Stream): number {
    return this.#cloud.clock.now() - retentionHours * HOUR_MS;
  }

  stop(): void {
    this.#sweepTimer?.cancel();
    this.records.close();
  }

  #sweep(): void {
    for (const stream of this.list()) this.records.delete(stream, this.keptSinceMs(stream));
    this.#sweepTimer = this.#cloud.clock.after(SWEEP_INTERVAL_MS, () => this.#sweep());
  }
}
