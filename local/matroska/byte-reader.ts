import { concatBytes } from "./ebml.ts";

/** Reads a stream of chunks by numbers of bytes, with only the chunks of one read in memory. */
export class ByteReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #ended = false;
  /** Bytes consumed since the start of the stream. */
  offset = 0;

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /**
   * The next bytes without consuming them: `count` of them, or fewer where the stream ends. Includes up to `atMost` bytes
   * if they have already arrived.
   */
  async peek(count: number, atMost = count): Promise<Uint8Array> {
    while (this.#heldBytes < count && (await this.#pull()));
    const first = this.#held[0];
    if (first && first.length >= count) return first.subarray(0, atMost);
    this.#held = [concatBytes(this.#held)];
    return this.#held[0]!.subarray(0, atMost);
  }

  /** Consumes and returns `count` bytes, or fewer where the stream ends. */
  async take(count: number): Promise<Uint8Array> {
    const bytes = await this.peek(count);
    this.#drop(bytes.length);
    return bytes;
  }

  /** Consumes `count` bytes without storing them; returns how many there were. */
  async skip(count: number): Promise<number> {
    let left = count;
    while (left > 0 && (this.#heldBytes > 0 || (await this.#pull()))) {
      const step = Math.min(left, this.#heldBytes);
      this.#drop(step);
      left -= step;
    }
    return count - left;
  }

  /** Ends the source, so that it can free its resources. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  async #pull(): Promise<boolean> {
    if (this.#ended) return false;
    const next = await this.#chunks.next();
    if (next.done) {
      this.#ended = true;
      return false;
    }
    if (next.value.length > 0) {
      this.#held.push(next.value);
      this.#heldBytes += next.value.length;
    }
    return true;
  }

  #drop(count: number): void {
    this.offset += count;
    this.#heldBytes -= count;
    let left = count;
    while (left > 0) {
      const first = this.#held[0]!;
      if (first.length > left) {
        this.#held[0] = first.subarray(left);
        return;
      }
      left -= first.length;
      this.#held.shift();
    }
  }
}
