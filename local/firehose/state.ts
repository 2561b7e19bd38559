import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Cloud } from "../cloud.ts";
import type { Collection } from "../documents.ts";
import { RecordStore } from "./buffers/record-store.ts";
import type { DeliveryStream } from "./delivery-stream.ts";
import { streamNotFound } from "./errors.ts";
import type { StreamDescription } from "./stream-description.ts";

/** What the actions and the resource type share. */
export class FirehoseState {
  readonly #accountId: string;
  /** The streams of the stack, by name. */
  readonly streams = new Map<string, DeliveryStream>();
  readonly descriptions: Collection<StreamDescription>;
  readonly records: RecordStore;

  constructor(cloud: Cloud) {
    const folder = join(cloud.dataFolder, "firehose");
    rmSync(join(folder, "conversions"), { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    this.#accountId = cloud.accountId;
    this.descriptions = cloud.documents.collection("firehose/streams");
    this.records = new RecordStore(join(folder, "records.sqlite"));
  }

  /** @throws AwsError ResourceNotFoundException */
  stream(name: string): DeliveryStream {
    const stream = this.streams.get(name);
    if (!stream) throw streamNotFound(name, this.#accountId);
    return stream;
  }

  /** Stops every stream; undelivered records stay in the store. */
  async stop(): Promise<void> {
    await Promise.all([...this.streams.values()].map((stream) => stream.stop()));
    this.records.close();
  }
}

export const streamArn = (cloud: Cloud, name: string): string =>
  cloud.arn("firehose", `deliverystream/${name}`);
