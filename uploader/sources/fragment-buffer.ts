import type { SourceFragment } from "./source.ts";

/**
 * Fragments of a live source between the moment they were recorded and the one they are known to be safe, at most so
 * many bytes of them.
 */
export class FragmentBuffer {
  readonly #maxBytes: number;
  #fragments: SourceFragment[] = [];
  #sizeBytes = 0;
  #end: { error?: unknown } | undefined;
  #wake = Promise.withResolvers<void>();

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Whether a fragment of that size has room; an empty buffer takes any. */
  hasRoom(sizeBytes: number): boolean {
    return this.#fragments.length === 0 || this.#sizeBytes + sizeBytes <= this.#maxBytes;
  }

  /** Adds the newest fragment, and drops the oldest ones for it where there is no room. */
  push(fragment: SourceFragment): void {
    while (!this.hasRoom(fragment.sizeBytes)) this.#shift();
    this.#fragments.push(fragment);
    this.#sizeBytes += fragment.sizeBytes;
    this.#changed();
  }

  /** Drops what lies below that index: it is safe. */
  release(below: number): void {
    while (this.#fragments[0] && this.#fragments[0].index < below) this.#shift();
    this.#changed();
  }

  /** No more will come; with an error, that is why. */
  end(error?: unknown): void {
    this.#end ??= error === undefined ? {} : { error };
    this.#changed();
  }

  /**
   * The first fragment from that index on, as soon as there is one; undefined when none will come any more or the
   * signal aborts. @throws the error that the buffer ended with, once everything before it was taken
   */
  async take(from: number, signal?: AbortSignal): Promise<SourceFragment | undefined> {
    for (;;) {
      if (signal?.aborted) return undefined;
      const fragment = this.#fragments.find(({ index }) => index >= from);
      if (fragment) return fragment;
      if (this.#end) {
        if ("error" in this.#end) throw this.#end.error;
        return undefined;
      }
      await this.change(signal);
    }
  }

  /** Resolves at the next change, or when the signal aborts. */
  async change(signal?: AbortSignal): Promise<void> {
    const { promise } = this.#wake;
    if (!signal) return promise;
    const aborted = Promise.withResolvers<void>();
    const onAbort = () => aborted.resolve();
    signal.addEventListener("abort", onAbort);
    await Promise.race([promise, aborted.promise]);
    signal.removeEventListener("abort", onAbort);
  }

  #shift(): void {
    this.#sizeBytes -= this.#fragments.shift()!.sizeBytes;
  }

  #changed(): void {
    this.#wake.resolve();
    this.#wake = Promise.withResolvers<void>();
  }
}
