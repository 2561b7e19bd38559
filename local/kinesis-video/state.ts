import { createHash } from "node:crypto";
import { join } from "node:path";
import type { Cloud } from "../cloud.ts";
import { Connections, StreamDeletedError } from "./connections.ts";
import { FragmentStore, type Fragment } from "./fragment-store.ts";
import { Streams, type Stream, type StreamSettings } from "./streams.ts";

/** Longest name of a folder that every file system takes, with the creation time behind it. */
const MAX_FOLDER_NAME_LENGTH = 200;

/** Everything the service knows: the streams, their fragments and the connections on them. */
export class KinesisVideo {
  readonly streams: Streams;
  readonly connections = new Connections();
  readonly #cloud: Cloud;
  readonly #stores = new Map<string, FragmentStore>();

  private constructor(cloud: Cloud) {
    this.#cloud = cloud;
    this.streams = new Streams(cloud);
  }

  static async open(cloud: Cloud): Promise<KinesisVideo> {
    const service = new KinesisVideo(cloud);
    for (const stream of service.streams.list()) await service.#openStore(stream);
    return service;
  }

  fragments({ arn }: Pick<Stream, "arn">): FragmentStore {
    return this.#stores.get(arn)!;
  }

  async create(settings: StreamSettings): Promise<Stream> {
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

  async stop(): Promise<void> {
    await this.connections.endAll(new Error("the local cloud stops"));
  }

  async #openStore(stream: Stream): Promise<void> {
    const folder = join(this.#cloud.dataFolder, "kinesis-video", folderName(stream));
    const index = this.#cloud.documents.collection<Fragment>(`kinesis-video/fragments/${stream.arn}`);
    this.#stores.set(stream.arn, await FragmentStore.open(folder, index, this.#cloud.clock));
  }
}

/** Streams of one name that follow each other never share a folder. */
function folderName({ name, createdAtMs }: Stream): string {
  const short =
    name.length <= MAX_FOLDER_NAME_LENGTH ? name : createHash("sha256").update(name).digest("hex");
  return `${short}-${createdAtMs}`;
}
