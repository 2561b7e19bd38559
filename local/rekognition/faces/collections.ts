import type { Cloud } from "../../cloud.ts";
import type { Collection as Documents } from "../../documents.ts";
import { collectionNotFound } from "../errors.ts";
import { FaceCollection, type CollectionRecord } from "./collection.ts";

/** All collections; they survive a restart. One is read from the data folder when it is first used. */
export class Collections {
  readonly #cloud: Cloud;
  readonly #records: Documents<CollectionRecord>;
  readonly #open = new Map<string, FaceCollection>();

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
    this.#records = cloud.documents.collection("rekognition/collections");
  }

  arnOf(id: string): string {
    return this.#cloud.arn("rekognition", `collection/${id}`);
  }

  find(id: string): FaceCollection | undefined {
    const open = this.#open.get(id);
    if (open) return open;
    const record = this.#records.get(id);
    if (!record) return undefined;
    const collection = new FaceCollection(record, this.#cloud.documents);
    this.#open.set(id, collection);
    return collection;
  }

  /** @throws AwsError ResourceNotFoundException */
  get(id: string): FaceCollection {
    const collection = this.find(id);
    if (!collection) throw collectionNotFound(id);
    return collection;
  }

  /** The ids, in order. */
  ids(): string[] {
    return this.#records.list().map(({ id }) => id);
  }

  create(properties: Omit<CollectionRecord, "createdAtMs">): void {
    this.#records.put(properties.id, { ...properties, createdAtMs: this.#cloud.clock.now() });
  }

  /** Deletes the collection with its faces and users. @throws AwsError ResourceNotFoundException */
  delete(id: string): void {
    const collection = this.get(id);
    this.#cloud.documents.atomically(() => {
      collection.clear();
      this.#records.delete(id);
    });
    this.#open.delete(id);
  }
}
