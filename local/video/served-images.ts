import { createHash } from "node:crypto";

/** Where an image comes from: the fragment that it was taken from, and its moment. */
export interface ImageOrigin {
  /** The producer's fragment metadata. */
  readonly metadata: ReadonlyMap<string, string>;
  /** When the camera recorded it, in epoch ms. */
  readonly producerTimestampMs: number;
}

export interface ServedImage {
  readonly content: Uint8Array;
  readonly origin: ImageOrigin;
}

/** A few MB. */
const MAX_LATEST = 8;

/** An hour of a busy camera; an origin takes some hundred bytes. */
const MAX_IMAGES = 10_000;

/**
 * The images that Kinesis Video served, by their content, so that a service which gets one back finds the labels of the
 * clip that it came from.
 */
export class ServedImages {
  readonly #origins = new Map<string, ImageOrigin>();
  /** Newest first. */
  #latest: readonly ServedImage[] = [];

  add(content: Uint8Array, origin: ImageOrigin): void {
    const key = keyOf(content);
    this.#origins.delete(key);
    this.#origins.set(key, origin);
    if (this.#origins.size > MAX_IMAGES) this.#origins.delete(this.#origins.keys().next().value!);
    // Only a fragment with metadata can name a clip.
    if (origin.metadata.size > 0) this.#latest = [{ content, origin }, ...this.#latest].slice(0, MAX_LATEST);
  }

  /** The last images whose fragments have metadata, newest first, for a service that gets a part of one. */
  latest(): readonly ServedImage[] {
    return this.#latest;
  }

  find(content: Uint8Array): ImageOrigin | undefined {
    return this.#origins.get(keyOf(content));
  }
}

const keyOf = (content: Uint8Array): string => createHash("sha256").update(content).digest("base64");
