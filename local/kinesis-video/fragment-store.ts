import { createHash } from "node:crypto";
import type { Clock } from "../../base/clock.ts";
import type { Collection } from "../documents.ts";
import type { Tag } from "../matroska/index.ts";
import { FragmentFiles, type Media, type WriteFile } from "./fragment-files.ts";
import { nextFragmentNumber } from "./fragment-number.ts";

export type { Media } from "./fragment-files.ts";

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

/** The buffer of a stream without data retention (documented: CreateStream, DataRetentionInHours). */
const BUFFER_MS = 5 * 60_000;
const BUFFER_BYTES = 200_000_000;

export const hashHeader = (header: Uint8Array): string => createHash("sha256").update(header).digest("hex");

export interface FragmentStoreOptions {
  /** Where the files of this stream are, and of no other. */
  readonly folder: string;
  readonly index: Collection<Fragment>;
  readonly clock: Clock;
  /** How long the stream retains a fragment after its server timestamp, asked whenever it matters. */
  readonly retentionMs: () => number;
  /** What writes a file, unless it is the file system's own. */
  readonly write?: WriteFile;
}

/**
 * The fragments of one stream, in the order of their numbers: kept as files when the stream retains data, else
 * buffered in memory for five minutes or 200 MB. Files appear whole or not at all. A fragment that is older than the
 * retention is not shown any more; its file goes with the next sweep.
 */
export class FragmentStore {
  readonly #files: FragmentFiles;
  readonly #index: Collection<Fragment>;
  readonly #clock: Clock;
  readonly #retentionMs: () => number;
  readonly #fragments: Fragment[];
  readonly #buffered = new Map<string, Media>();
  #bufferedBytes = 0;
  readonly #wake = new Set<() => void>();
  #lastNumber: string | undefined;
  /** Fragments that expired since the last sweep. */
  #expiredCount = 0;
  /** The last change of the files, after which the next one begins. */
  #filesChange: Promise<unknown> = Promise.resolve();

  private constructor(files: FragmentFiles, fragments: Fragment[], options: FragmentStoreOptions) {
    this.#files = files;
    this.#index = options.index;
    this.#clock = options.clock;
    this.#retentionMs = options.retentionMs;
    this.#fragments = fragments;
    this.#lastNumber = fragments.at(-1)?.number;
  }

  /** Opens a stream's store as the last run left it: a fragment that was being written then is gone whole. */
  static async open(options: FragmentStoreOptions): Promise<FragmentStore> {
    const files = await FragmentFiles.open(options.folder, options.write);
    const [kept, lost] = [[] as Fragment[], [] as Fragment[]];
    for (const fragment of options.index.list()) (files.has(fragment) ? kept : lost).push(fragment);
    for (const { number } of lost) options.index.delete(number);
    await files.keepOnly(kept);
    return new FragmentStore(files, kept, options);
  }

  /** Every fragment that can be read, ordered by number. */
  list(): readonly Fragment[] {
    this.#evict();
    this.#expire();
    return this.#fragments;
  }

  /** Those of them that are on disk. */
  archived(): Fragment[] {
    return this.list().filter(({ number }) => !this.#buffered.has(number));
  }

  get(number: string): Fragment | undefined {
    const fragment = this.list()[this.#indexAfter(number) - 1];
    return fragment?.number === number ? fragment : undefined;
  }

  /** Gives out the number of a fragment that has begun to arrive. */
  nextNumber(): string {
    return (this.#lastNumber = nextFragmentNumber(this.#clock.now(), this.#lastNumber));
  }

  /** Adds the newest fragment. With `keep` it is on disk when this resolves, and nothing of it is when this rejects. */
  async append(fragment: Fragment, media: Media, keep: boolean): Promise<void> {
    if (keep) await this.#changeFiles(() => this.#archive(fragment, media));
    else {
      this.#buffered.set(fragment.number, media);
      this.#bufferedBytes += fragment.sizeBytes;
      this.#fragments.push(fragment);
    }
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
  async media(fragment: Fragment): Promise<Media | undefined> {
    return this.#buffered.get(fragment.number) ?? (await this.#files.read(fragment));
  }

  /** Removes the files of fragments that have expired; returns how many fragments those are. */
  async sweep(): Promise<number> {
    this.#expire();
    const count = this.#expiredCount;
    this.#expiredCount = 0;
    if (count > 0) await this.#changeFiles(() => this.#files.keepOnly(this.#fragments));
    return count;
  }

  /** Removes all that the store holds. */
  async remove(): Promise<void> {
    for (const { number } of this.#fragments.splice(0)) this.#index.delete(number);
    this.#buffered.clear();
    await this.#changeFiles(() => this.#files.remove());
  }

  async #archive(fragment: Fragment, media: Media): Promise<void> {
    try {
      await this.#files.put(fragment, media);
      this.#index.put(fragment.number, fragment);
    } catch (error) {
      await this.#files.keepOnly(this.#fragments).catch(() => undefined);
      throw error;
    }
    this.#fragments.push(fragment);
  }

  /** One change of the files at a time: a sweep must not remove what is just being written. */
  #changeFiles<T>(change: () => Promise<T>): Promise<T> {
    const done = this.#filesChange.then(change, change);
    this.#filesChange = done.catch(() => undefined);
    return done;
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

  /** Forgets what is older than the retention: the first of those on disk, as they are in the order of their arrival. */
  #expire(): void {
    const latestMs = this.#clock.now() - this.#retentionMs();
    const isArchived = ({ number }: Fragment): boolean => !this.#buffered.has(number);
    const firstKept = this.#fragments.findIndex((one) => isArchived(one) && one.serverTimestampMs > latestMs);
    if (firstKept === 0) return;
    const old = this.#fragments.slice(0, firstKept < 0 ? undefined : firstKept);
    const expired = old.filter(isArchived);
    if (expired.length === 0) return;
    for (const { number } of expired) this.#index.delete(number);
    this.#fragments.splice(0, old.length, ...old.filter((one) => !isArchived(one)));
    this.#expiredCount += expired.length;
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
