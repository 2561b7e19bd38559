import { createHash } from "node:crypto";

/** Where an image comes from: the fragment that it was taken from, and its moment. */
export interface ImageOrigin {
  /** The producer's fragment metadata. */
  readonly metadata: ReadonlyMap<string, string>;
  /** When the camera recorded it, in epoch ms. */
  readonly producerTimestampMs: number;
}

/** An hour of a busy camera; an origin takes some hundred bytes. */
const MAX_IMAGES = 10_000;

/**
 * The images that Kinesis Video served, by their content, so that a service which gets one back finds the labels of the
 * clip that it came from.
 */
export class ServedImages {
  readonly #origins = new Map<string, ImageOrigin>();

  add(content: Uint8Array, origin: ImageOrigin): void {
    const key = keyOf(content);
    this.#origins.delete(key);
    this.#origins.set(key, origin);
    if (this.#origins.size > MAX_IMAGES) this.#origins.delete(this.#origins.keys().next().value!);
  }

  find(content: Uint8Array): ImageOrigin | undefined {
    return this.#origins.get(keyOf(content));
  }
}

const keyOf = (content: Uint8Array): string => createHash("sha256").update(content).digest("base64");
