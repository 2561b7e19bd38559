import {
  MatroskaError,
  readSegment,
  timecodeMs,
  type ClusterPart,
  type HeaderPart,
  type Tag,
} from "../../matroska/index.ts";
import type { FragmentStore } from "../fragments/fragment-store.ts";
import { hashHeader, type Fragment } from "../fragments/fragment.ts";
import {
  checkProducerTimestamp,
  checkTags,
  checkTracks,
  FrameRules,
  producerTags,
} from "./fragment-rules.ts";
import { PutMediaError } from "./put-media-error.ts";

/** The acknowledgements of a fragment, in their order. */
export type FragmentEvent = "BUFFERING" | "RECEIVED" | "PERSISTED";

/** A fragment that started to arrive. */
export interface ArrivingFragment {
  /** As in the cluster, in units of the stream's timecode scale. */
  readonly timecode: number;
  readonly number: string;
  readonly producerTimestampMs: number;
  readonly serverTimestampMs: number;
  readonly tags: readonly Tag[];
}

interface ReceiveOptions {
  readonly store: FragmentStore;
  /** Added to a cluster's time for its producer timestamp. */
  readonly startMs: number;
  /** Resolves when the next fragment may start. */
  readonly admit: () => Promise<void>;
  readonly now: () => number;
  /** Whether the stream currently retains data. */
  readonly retains: () => boolean;
  readonly onEvent: (event: FragmentEvent, fragment: ArrivingFragment) => void;
  readonly onStored: (fragment: Fragment) => void;
}

/** Stores the fragments of one PutMedia body, each when it is complete. A later error does not remove stored fragments. */
export class FragmentReceiver {
  readonly #options: ReceiveOptions;
  #header: { part: HeaderPart; hash: string; rules: FrameRules } | undefined;
  #tags: Tag[] = [];
  /** The incomplete fragment, for the error that may end it. */
  arriving: ArrivingFragment | undefined;

  constructor(options: ReceiveOptions) {
    this.#options = options;
  }

  /** @throws PutMediaError for what PutMedia refuses; an error of the body itself is thrown unchanged */
  async receive(body: AsyncIterable<Uint8Array>): Promise<void> {
    try {
      for await (const part of readSegment(body, {}, (block) => this.#header!.rules.add(block))) {
        if (part.kind === "header") this.#begin(part);
        else if (part.kind === "tags") this.#tags.push(...producerTags(part.tags));
        else if (part.kind === "cluster-start") await this.#arrive(part.timecode);
        else await this.#complete(part);
      }
    } catch (error) {
      throw error instanceof MatroskaError ? this.#asPutMediaError(error) : error;
    }
  }

  #begin(part: HeaderPart): void {
    checkTracks(part.tracks);
    const rules = new FrameRules(part.tracks, part.timecodeScaleNs);
    this.#header = { part, hash: hashHeader(part.bytes), rules };
  }

  async #arrive(timecode: number): Promise<void> {
    const { store, startMs, admit, now, onEvent } = this.#options;
    await admit();
    const producerTimestampMs =
      startMs + Math.round(timecodeMs(timecode, this.#header!.part.timecodeScaleNs));
    this.arriving = {
      timecode,
      number: store.nextNumber(),
      producerTimestampMs,
      serverTimestampMs: now(),
      tags: this.#tags,
    };
    this.#tags = [];
    this.#header!.rules.begin(timecode);
    checkProducerTimestamp(producerTimestampMs);
    checkTags(this.arriving.tags);
    onEvent("BUFFERING", this.arriving);
  }

  async #complete(cluster: ClusterPart): Promise<void> {
    const { store, retains, onEvent, onStored } = this.#options;
    const { part, hash, rules } = this.#header!;
    const arriving = this.arriving!;
    rules.finish();
    onEvent("RECEIVED", arriving);
    const fragment: Fragment = {
      number: arriving.number,
      producerTimestampMs: arriving.producerTimestampMs,
      serverTimestampMs: arriving.serverTimestampMs,
      lengthMs: cluster.durationMs,
      sizeBytes: part.bytes.length + cluster.bytes.length,
      headerHash: hash,
      tags: arriving.tags,
    };
    const keep = retains();
    try {
      await store.append(fragment, { header: part.bytes, cluster: cluster.bytes }, keep);
    } catch (error) {
      throw new PutMediaError("ARCHIVAL_ERROR", `the fragment could not be written: ${String(error)}`, error);
    }
    onStored(fragment);
    if (keep) onEvent("PERSISTED", arriving);
    this.arriving = undefined;
  }

  /** After the header, only a fragment can be too large. */
  #asPutMediaError(error: MatroskaError): PutMediaError {
    const tooLarge = error.reason === "too-large" && this.#header !== undefined;
    return new PutMediaError(
      tooLarge ? "MAX_FRAGMENT_SIZE_REACHED" : "INVALID_MKV_DATA",
      error.message,
      error,
    );
  }
}
