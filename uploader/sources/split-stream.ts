import { STEP_BYTES, stepsOf, type ReadStep } from "./file-starts.ts";

/** Splits a stream into the files that stand in it one behind the other, as `cat` and GetMedia send them. */
export class StreamFiles {
  readonly #chunks: AsyncIterator<Uint8Array>;
  /** What was read and is not passed on yet. */
  #held: Buffer = Buffer.alloc(0);
  #hasEnded = false;
  #step: ReadStep | undefined;
  #isFirst = true;

  constructor(stream: AsyncIterable<Uint8Array>) {
    this.#chunks = stream[Symbol.asyncIterator]();
  }

  /** Whether another file follows the one that was read to its end. */
  async hasNext(): Promise<boolean> {
    await this.#fill(1);
    return this.#held.length > 0;
  }

  /** The bytes of the next file, as they arrive. */
  async *next(): AsyncGenerator<Uint8Array> {
    if (this.#isFirst) {
      this.#isFirst = false;
      await this.#fill(8);
      this.#step = stepsOf(this.#held);
    }
    let isStart = true;
    for (;;) {
      const step = await this.#nextStep();
      if (step?.isStart && !isStart) return;
      isStart = false;
      // What is no container's is passed on as it is, to the end.
      if (!(yield* this.#pass(step?.bytes ?? Infinity))) return;
    }
  }

  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  async #nextStep() {
    for (let bytes = 1; ; bytes = this.#held.length + 1) {
      await this.#fill(bytes);
      const step = this.#step?.(this.#held.subarray(0, STEP_BYTES));
      if (step !== "more") return step;
      if (this.#held.length < bytes) return undefined;
    }
  }

  /** Passes bytes on; false at the end of the stream. */
  async *#pass(bytes: number): AsyncGenerator<Uint8Array, boolean> {
    for (let left = bytes; left > 0;) {
      await this.#fill(1);
      if (this.#held.length === 0) return false;
      const piece = this.#held.subarray(0, left);
      this.#held = this.#held.subarray(piece.length);
      left -= piece.length;
      yield piece;
    }
    return true;
  }

  /** Reads until that many bytes are held, or the stream ends. */
  async #fill(bytes: number): Promise<void> {
    while (!this.#hasEnded && this.#held.length < bytes) {
      const { done, value } = await this.#chunks.next();
      if (done) this.#hasEnded = true;
      else this.#held = this.#held.length === 0 ? Buffer.from(value) : Buffer.concat([this.#held, value]);
    }
  }
}
