import type { SourceFragment } from "./source.ts";

/**
 * Holds the fragments of a live source until they are safe, up to a number of bytes.
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

  /** Whether a fragment of that size fits; an empty buffer takes any. */
  hasRoom(sizeBytes: number): boolean {
    return this.#fragments.length === 0 || this.#sizeBytes + sizeBytes <= this.#maxBytes;
  }

  /** Adds the newest fragment; drops the oldest ones if it does not fit. */
  push(fragment: SourceFragment): void {
    while (!this.hasRoom(fragment.sizeBytes)) this.#shift();
    this.#fragments.push(fragment);
    this.#sizeBytes += fragment.sizeBytes;
    this.#changed();
  }

  /** Drops the fragments below that index: they are safe. */
  release(below: number): void {
    while (this.#fragments[0] && this.#fragments[0].index < below) this.#shift();
    this.#changed();
  }

  /** Ends the buffer: no more fragments will be added. @param error the reason, if it is an error */
  end(error?: unknown): void {
    this.#end ??= error === undefined ? {} : { error };
    this.#changed();
  }

  /**
   * Waits for the first fragment from that index on.
   * @returns undefined when the buffer has ended or the signal aborts
   * @throws the error that the buffer ended with, after all fragments before it
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
