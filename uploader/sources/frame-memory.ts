import { Buffer } from "node:buffer";

/** Memory for the frames of one fragment. */
interface FragmentMemory {
  /** Copies the data; returns the data itself where there is no room. */
  keep(data: Uint8Array): Uint8Array;
  /** Releases the copies: the next fragment may overwrite them. */
  free(): void;
}

/**
 * Memory for the frames of the fragment that is sent, reused for the next one. Without it, a demuxer's buffers live just
 * long enough to be promoted to the old generation, and the garbage of several fragments piles up.
 */
export class FrameMemory {
  readonly #fragmentBytes: number;
  #free: Buffer | undefined;

  /** @param fragmentBytes size of the largest fragment */
  constructor(fragmentBytes: number) {
    this.#fragmentBytes = fragmentBytes;
  }

  /** Memory for one fragment; a separate buffer while the previous one is not released. */
  forFragment(): FragmentMemory {
    const buffer = this.#free ?? Buffer.allocUnsafeSlow(this.#fragmentBytes);
    this.#free = undefined;
    let usedBytes = 0;
    return {
      keep: (data) => {
        const endBytes = usedBytes + data.length;
        if (endBytes > buffer.length) return data;
        const copy = buffer.subarray(usedBytes, endBytes);
        copy.set(data);
        usedBytes = endBytes;
        return copy;
      },
      free: () => {
        this.#free = buffer;
      },
    };
  }
}
