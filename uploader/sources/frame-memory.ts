import { Buffer } from "node:buffer";

/** The frames of one fragment, side by side. */
export interface FrameShelf {
  /** A copy of the data; the data itself where there is no room for it. */
  keep(data: Uint8Array): Uint8Array;
  /** Its copies are needed no more: the next shelf overwrites them. */
  free(): void;
}

/**
 * Memory for the frames of a fragment that is sent, used again for the next. What a demuxer hands out otherwise lives
 * just long enough to grow old, and is then collected late: several fragments' worth of it piles up.
 */
export class FrameMemory {
  readonly #shelfBytes: number;
  #free: Buffer | undefined;

  /** @param shelfBytes of the largest fragment */
  constructor(shelfBytes: number) {
    this.#shelfBytes = shelfBytes;
  }

  /** Room for one fragment; as long as an earlier one is not free, in memory of its own. */
  shelf(): FrameShelf {
    const buffer = this.#free ?? Buffer.allocUnsafeSlow(this.#shelfBytes);
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
