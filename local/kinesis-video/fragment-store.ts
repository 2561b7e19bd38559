import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../clock.ts";
import type { Collection } from "../documents.ts";
import type { Tag } from "../matroska/index.ts";
import { nextFragmentNumber } from "./fragment-number.ts";

/** What is known of a fragment beside its media. */
export interface Fragment {
  readonly number: string;
  /** When the producer began to record it. */
  readonly producerTimestampMs: number;
  /** When its first byte arrived (documented: PutMedia). */
  readonly serverTimestampMs: number;
  readonly lengthMs: number;
  /** Matroska header and cluster. */
  readonly sizeBytes: number;
  /** SHA-256 of its Matroska header, which fragments of one connection share. */
  readonly headerHash: string;
  /** The producer's metadata. */
  readonly tags: readonly Tag[];
}

/** A fragment's Matroska: EBML header up to Tracks, and one cluster. Together they are a playable file. */
export interface Media {
  readonly header: Uint8Array;
  readonly cluster: Uint8Array;
}

/** The buffer of a stream without data retention (documented: CreateStream, DataRetentionInHours). */
const BUFFER_MS = 5 * 60_000;
const BUFFER_BYTES = 200_000_000;

export const hashHeader = (header: Uint8Array): string => createHash("sha256").update(header).digest("hex");

/**
 * The fragments of one stream, in the order of their numbers: kept as files when the stream retains data, else
 * buffered in memory for five minutes or 200 MB. Files appear whole or not at all.
 */
export class FragmentStore {
  readonly #folder: string;
  readonly #index: Collection<Fragment>;
  readonly #clock: Clock;
  readonly #fragments: Fragment[];
  readonly #buffered = new Map<string, Media>();
  #bufferedBytes = 0;
  readonly #wake = new Set<() => void>();
  #lastNumber: string | undefined;
  /** The header last used: most fragments share it with their neighbours. */
  #header: { hash: string; bytes: Uint8Array } | undefined;

  private constructor(folder: string, index: Collection<Fragment>, clock: Clock, fragments: Fragment[]) {
    this.#folder = folder;
    this.#index = index;
    this.#clock = clock;
    this.#fragments = fragments;
    this.#lastNumber = fragments.at(-1)?.number;
  }

  /** Opens a stream's store as the last run left it: a fragment that was being written then is gone whole. */
  static async open(folder: string, index: Collection<Fragment>, clock: Clock): Promise<FragmentStore> {
    await mkdir(folder, { recursive: true });
    const files = new Set(await readdir(folder));
    const [kept, lost] = [[] as Fragment[], [] as Fragment[]];
    for (const fragment of index.list()) (files.has(clusterFile(fragment)) ? kept : lost).push(fragment);
    for (const { number } of lost) index.delete(number);
    const known = new Set(kept.flatMap((one) => [clusterFile(one), headerFile(one)]));
    for (const file of files) if (!known.has(file)) await rm(join(folder, file));
    return new FragmentStore(folder, index, clock, kept);
  }

  /** Every fragment that can be read, ordered by number. */
  list(): readonly Fragment[] {
    this.#evict();
    return this.#fragments;
  }

  /** Those of them that are on disk. */
  archived(): Fragment[] {
    return this.#fragments.filter(({ number }) => !this.#buffered.has(number));
  }

  get(number: string): Fragment | undefined {
    const fragment = this.#fragments[this.#indexAfter(number) - 1];
    return fragment?.number === number ? fragment : undefined;
  }

  /** Gives out the number of a fragment that has begun to arrive. */
  nextNumber(): string {
    return (this.#lastNumber = nextFragmentNumber(this.#clock.now(), this.#lastNumber));
  }

  /** Adds the newest fragment. With `keep` it is on disk when this resolves. */
  async append(fragment: Fragment, media: Media, keep: boolean): Promise<void> {
    if (keep) {
      if (this.#header?.hash !== fragment.headerHash) await this.#write(headerFile(fragment), media.header);
      await this.#write(clusterFile(fragment), media.cluster);
      this.#index.put(fragment.number, fragment);
      this.#header = { hash: fragment.headerHash, bytes: media.header };
    } else {
      this.#buffered.set(fragment.number, media);
      this.#bufferedBytes += fragment.sizeBytes;
    }
    this.#fragments.push(fragment);
    this.#evict();
    for (const wake of this.#wake) wake();
  }

  /**
   * The first fragment whose number is above `number`, as soon as there is one; undefined once `signal` aborts.
   */
  async next(number: string, signal: AbortSignal): Promise<Fragment | undefined> {
    for (;;) {
      if (signal.aborted) return undefined;
      const fragment = this.list()[this.#indexAfter(number)];
      if (fragment) return fragment;
      await this.#change(signal);
    }
  }

  /** A fragment's media; undefined when it is no longer there. */
  async media({ number, headerHash }: Fragment): Promise<Media | undefined> {
    const buffered = this.#buffered.get(number);
    if (buffered) return buffered;
    try {
      if (this.#header?.hash !== headerHash)
        this.#header = {
          hash: headerHash,
          bytes: await readFile(join(this.#folder, headerFile({ headerHash }))),
        };
      const { bytes: header } = this.#header;
      return { header, cluster: await readFile(join(this.#folder, clusterFile({ number }))) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
  }

  /** Removes all that the store holds. */
  async remove(): Promise<void> {
    for (const { number } of this.#fragments.splice(0)) this.#index.delete(number);
    this.#buffered.clear();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #write(file: string, bytes: Uint8Array): Promise<void> {
    const path = join(this.#folder, file);
    await writeFile(`${path}.part`, bytes, { flush: true });
    await rename(`${path}.part`, path);
  }

  #evict(): void {
    const earliestMs = this.#clock.now() - BUFFER_MS;
    for (const [number] of this.#buffered) {
      const at = this.#indexAfter(number) - 1;
      const { serverTimestampMs, sizeBytes } = this.#fragments[at]!;
      if (serverTimestampMs >= earliestMs && this.#bufferedBytes <= BUFFER_BYTES) return;
      this.#fragments.splice(at, 1);
      this.#buffered.delete(number);
      this.#bufferedBytes -= sizeBytes;
    }
  }

  /** How many fragments have at most this number: where the next one stands. */
  #indexAfter(number: string): number {
    const wanted = BigInt(number);
    let [low, high] = [0, this.#fragments.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (BigInt(this.#fragments[middle]!.number) <= wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.#wake.delete(done);
        signal.removeEventListener("abort", done);
        resolve();
      };
      this.#wake.add(done);
      signal.addEventListener("abort", done);
    });
  }
}

const clusterFile = ({ number }: Pick<Fragment, "number">): string => `${number}.cluster`;
const headerFile = ({ headerHash }: Pick<Fragment, "headerHash">): string => `${headerHash}.header`;
