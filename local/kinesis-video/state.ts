import { createHash } from "node:crypto";
import { join } from "node:path";
import { errorMessage } from "../../base/errors.ts";
import { Mutex } from "../../base/mutex.ts";
import type { Timer } from "../../base/clock.ts";
import { HOUR_MS, MINUTE_MS } from "../../base/durations.ts";
import type { Cloud } from "../cloud.ts";

import { Connections, StreamDeletedError } from "./connections.ts";
import { streamLimitExceeded } from "./errors.ts";
import { FragmentStore } from "./fragments/fragment-store.ts";
import type { Fragment } from "./fragments/fragment.ts";
import { HlsSessions } from "./hls/sessions.ts";
import { Quotas } from "./quotas.ts";
import { Streams, type Stream, type StreamSettings } from "./streams.ts";

/** With the creation time after it, the folder's name is short enough for every file system. */
const MAX_FOLDER_NAME_LENGTH = 200;
/** How long the files of an expired fragment may stay; how soon AWS removes them is unconfirmed. */
const SWEEP_INTERVAL_MS = 10 * MINUTE_MS;

/** The state of the service: the streams, their fragments and the connections on them. */
export class KinesisVideo {
  readonly streams: Streams;
  readonly connections = new Connections();
  readonly quotas: Quotas;
  readonly hlsSessions: HlsSessions;
  readonly #cloud: Cloud;
  readonly #maxStreams: number;
  readonly #stores = new Map<string, FragmentStore>();
  #sweepTimer: Timer | undefined;
  readonly #sweeps = new Mutex();

  private constructor(cloud: Cloud, maxStreams: number) {
    this.#cloud = cloud;
    this.#maxStreams = maxStreams;
    this.streams = new Streams(cloud);
    this.quotas = new Quotas(cloud.clock);
    this.hlsSessions = new HlsSessions(cloud);
  }

  static async open(cloud: Cloud, maxStreams: number): Promise<KinesisVideo> {
    const service = new KinesisVideo(cloud, maxStreams);
    for (const stream of service.streams.list()) await service.#openStore(stream);
    await service.#sweepAll();
    service.#scheduleSweep();
    return service;
  }

  fragments({ arn }: Pick<Stream, "arn">): FragmentStore {
    return this.#stores.get(arn)!;
  }

  /** @throws AwsError AccountStreamLimitExceededException */
  async create(settings: StreamSettings): Promise<Stream> {
    if (this.streams.count() >= this.#maxStreams) throw streamLimitExceeded(this.#maxStreams);
    const stream = this.streams.create(settings);
    await this.#openStore(stream);
    return stream;
  }

  /** Ends the stream's connections and removes it with its fragments. */
  async delete(stream: Stream): Promise<void> {
    this.streams.delete(stream);
    await this.connections.endAll(new StreamDeletedError(`${stream.arn} was deleted`), stream.arn);
    await this.fragments(stream).remove();
    this.#stores.delete(stream.arn);
  }

  /** Removes the files of the stream's expired fragments. */
  async sweep(stream: Pick<Stream, "arn" | "name">): Promise<void> {
    const count = (await this.#stores.get(stream.arn)?.sweep()) ?? 0;
    if (count > 0)
      this.#cloud.events.emit("kinesis-video", "fragments-expired", { streamName: stream.name, count });
  }

  async stop(): Promise<void> {
    this.#sweepTimer?.cancel();
    await this.#sweeps.run(async () => {});
    await this.connections.endAll(new Error("the local cloud stops"));
  }

  #scheduleSweep(): void {
    this.#sweepTimer = this.#cloud.clock.after(SWEEP_INTERVAL_MS, () => {
      this.#scheduleSweep();
      void this.#sweeps.run(() => this.#sweepAll());
    });
  }

  async #sweepAll(): Promise<void> {
    for (const stream of this.streams.list())
      await this.sweep(stream).catch((error: unknown) =>
        this.#cloud.events.emit("kinesis-video", "sweep-fault", { error: errorMessage(error) }),
      );
  }

  async #openStore(stream: Stream): Promise<void> {
    const folder = join(this.#cloud.dataFolder, "kinesis-video", folderName(stream));
    const index = this.#cloud.documents.collection<Fragment>(`kinesis-video/fragments/${stream.arn}`);
    const { clock } = this.#cloud;
    const retentionMs = () => (this.streams.get(stream.name) ?? stream).retentionHours * HOUR_MS;
    this.#stores.set(stream.arn, await FragmentStore.open({ folder, index, clock, retentionMs }));
  }
}

/** A stream's folder; a later stream of the same name has another. */
function folderName({ name, createdAtMs }: Stream): string {
  const short =
    name.length <= MAX_FOLDER_NAME_LENGTH ? name : createHash("sha256").update(name).digest("hex");
  return `${short}-${createdAtMs}`;
}
