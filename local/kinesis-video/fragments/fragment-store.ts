import type { Clock } from "../../../base/clock.ts";
import { MINUTE_MS } from "../../../base/durations.ts";
import { Mutex } from "../../../base/mutex.ts";
import type { Collection } from "../../documents.ts";
import { FragmentFiles, type WriteFile } from "./fragment-files.ts";
import { nextFragmentNumber } from "./fragment-number.ts";
import type { Fragment, Media } from "./fragment.ts";

/** The buffer of a stream without data retention (documented: CreateStream, DataRetentionInHours). */
const BUFFER_MS = 5 * MINUTE_MS;
const BUFFER_BYTES = 200_000_000;

interface FragmentStoreOptions {
  /** For the files of this stream only. */
  readonly folder: string;
  readonly index: Collection<Fragment>;
  readonly clock: Clock;
  /** How long the stream currently retains a fragment after its server timestamp. */
  readonly retentionMs: () => number;
  /** Writes a file; to the disk by default. */
  readonly write?: WriteFile;
}

/**
 * The fragments of one stream, ordered by number: stored as files when the stream retains data, else buffered in memory
 * for five minutes or 200 MB. Files appear whole or not at all. An expired fragment is no longer listed; the next sweep
 * removes its file.
 */
export class FragmentStore {
  readonly #files: FragmentFiles;
  readonly #index: Collection<Fragment>;
  readonly #clock: Clock;
  readonly #retentionMs: () => number;
  readonly #fragments: Fragment[];
  readonly #buffered = new Map<string, Media>();
  #bufferedBytes = 0;
  /** Called when a fragment was added. */
  readonly #waiting = new Set<() => void>();
  #lastNumber: string | undefined;
  /** Fragments that expired since the last sweep. */
  #expiredCount = 0;
  /** One change of the files at a time: a sweep must not remove what is being written. */
  readonly #fileChanges = new Mutex();

  private constructor(files: FragmentFiles, fragments: Fragment[], options: FragmentStoreOptions) {
    this.#files = files;
    this.#index = options.index;
    this.#clock = options.clock;
    this.#retentionMs = options.retentionMs;
    this.#fragments = fragments;
    this.#lastNumber = fragments.at(-1)?.number;
  }

  /** Opens a stream's store as the last run left it, without a fragment that was only partly written. */
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

  /** The fragments that are on disk. */
  archived(): Fragment[] {
    return this.list().filter(({ number }) => !this.#buffered.has(number));
  }

  get(number: string): Fragment | undefined {
    const fragment = this.list()[this.#indexAfter(number) - 1];
    return fragment?.number === number ? fragment : undefined;
  }

  /** Assigns the number of a fragment that started to arrive. */
  nextNumber(): string {
    return (this.#lastNumber = nextFragmentNumber(this.#clock.now(), this.#lastNumber));
  }

  /** Adds the newest fragment. With `keep` it is on disk when this resolves, and no part of it is when this rejects. */
  async append(fragment: Fragment, media: Media, keep: boolean): Promise<void> {
    if (keep) await this.#fileChanges.run(() => this.#archive(fragment, media));
    else {
      this.#buffered.set(fragment.number, media);
      this.#bufferedBytes += fragment.sizeBytes;
      this.#fragments.push(fragment);
    }
    this.#evict();
    for (const wake of this.#waiting) wake();
  }

  /** The first fragment whose number is above `number`, as soon as there is one; undefined once `signal` aborts. */
  async next(number: string, signal: AbortSignal): Promise<Fragment | undefined> {
    for (;;) {
      if (signal.aborted) return undefined;
      const fragment = this.list()[this.#indexAfter(number)];
      if (fragment) return fragment;
      await this.#added(signal);
    }
  }

  /** A fragment's media; undefined when it is no longer stored. */
  async media(fragment: Fragment): Promise<Media | undefined> {
    return this.#buffered.get(fragment.number) ?? (await this.#files.read(fragment));
  }

  /** Removes the files of expired fragments; returns how many fragments expired since the last sweep. */
  async sweep(): Promise<number> {
    this.#expire();
    const count = this.#expiredCount;
    this.#expiredCount = 0;
    if (count > 0) await this.#fileChanges.run(() => this.#files.keepOnly(this.#fragments));
    return count;
  }

  /** Removes the store with everything in it. */
  async remove(): Promise<void> {
    for (const { number } of this.#fragments.splice(0)) this.#index.delete(number);
    this.#buffered.clear();
    await this.#fileChanges.run(() => this.#files.remove());
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

  /** Drops what is older than the retention: the first of the archived fragments, which are in the order of their arrival. */
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

  /** How many fragments have at most this number: the index of the next one. */
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

  /** Resolves when a fragment was added or the signal aborts. */
  #added(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.#waiting.delete(done);
        signal.removeEventListener("abort", done);
        resolve();
      };
      this.#waiting.add(done);
      signal.addEventListener("abort", done);
    });
  }
}
