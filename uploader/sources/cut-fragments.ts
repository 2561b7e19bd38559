import { SourceError } from "./source.ts";

/**
 * The limits of a fragment: 1..20 s, 50 MB, and 5 a second (documented: Kinesis Video Streams service quotas, PutMedia). No
 * acknowledgement error exists for a fragment that is too short, so the last one may be.
 */
export const FRAGMENT_LIMITS = { minMs: 1000, maxMs: 20_000, maxBytes: 50_000_000, perSecond: 5 } as const;

/** How much the times of neighbouring frames may be out of order before the clock counts as set back. */
const MAX_JITTER_MS = 100;

/** The properties of a packet that cutting needs. Times count from the source's first video frame. */
export interface PacketFacts {
  readonly track: "video" | "audio";
  readonly atMs: number;
  /** 0 where unknown. */
  readonly durationMs: number;
  readonly keyframe: boolean;
  readonly sizeBytes: number;
}

/** The packets of one fragment: a keyframe first, then all packets before the next fragment's keyframe. */
export interface CutFragment<P extends PacketFacts> {
  readonly startMs: number;
  readonly endMs: number;
  readonly sizeBytes: number;
  readonly packets: readonly P[];
  readonly hasAudio: boolean;
}

/**
 * Cuts packets into fragments: one starts at each keyframe, unless the previous one would be shorter than a second. Packets
 * are in decode order, audio interleaved with video by time. Packets before the first keyframe are left out.
 */
export class FragmentCutter<P extends PacketFacts> {
  #packets: P[] = [];
  #startMs = 0;
  /** Start and end of the frame shown last. */
  #lastMs = 0;
  #lastEndMs = 0;
  #sizeBytes = 0;
  #videoFrames = 0;

  /**
   * Adds the next packet; returns the fragment that it completes.
   * @throws SourceError when a fragment exceeds the limits of Kinesis Video Streams, or time jumps back
   */
  add(packet: P): CutFragment<P> | undefined {
    const isOpen = this.#packets.length > 0;
    const isKeyframe = packet.track === "video" && packet.keyframe;
    if (!isOpen && !isKeyframe) return undefined;
    if (isOpen && packet.track === "video") this.#checkTime(packet);
    if (isOpen && !(isKeyframe && Math.round(packet.atMs - this.#startMs) >= FRAGMENT_LIMITS.minMs)) {
      this.#append(packet);
      return undefined;
    }
    const finished = isOpen ? this.#finish(packet.atMs) : undefined;
    this.#packets = [];
    this.#sizeBytes = this.#videoFrames = 0;
    this.#startMs = this.#lastMs = packet.atMs;
    this.#append(packet);
    return finished;
  }

  /** The last fragment, after the last packet. */
  end(): CutFragment<P> | undefined {
    return this.#packets.length > 0 ? this.#finish(Infinity) : undefined;
  }

  #append(packet: P): void {
    this.#packets.push(packet);
    this.#sizeBytes += packet.sizeBytes;
    if (packet.track === "video") {
      this.#videoFrames++;
      if (packet.atMs >= this.#lastMs) {
        this.#lastMs = packet.atMs;
        this.#lastEndMs = packet.atMs + packet.durationMs;
      }
    }
    const from = `from ${seconds(this.#startMs)} on`;
    const { maxMs, maxBytes } = FRAGMENT_LIMITS;
    if (packet.atMs - this.#startMs > maxMs)
      throw new SourceError(
        "UNSUITABLE",
        `no keyframe for ${seconds(maxMs)} ${from}, but a fragment begins with one and lasts at most that long; ` +
          `encode it again with a keyframe every 2 s`,
      );
    if (this.#sizeBytes > maxBytes)
      throw new SourceError(
        "UNSUITABLE",
        `more than ${maxBytes} bytes ${from} without a keyframe to cut at, the most that a fragment holds; ` +
          `encode it again with a lower bit rate or more keyframes`,
      );
  }

  /** Frames may be reordered a little (B-frames), keyframes never (ITU-T H.264 and H.265). */
  #checkTime({ atMs, keyframe }: P): void {
    const earliestMs = keyframe ? this.#lastMs - MAX_JITTER_MS : this.#startMs - FRAGMENT_LIMITS.maxMs;
    if (atMs < earliestMs || (keyframe && atMs <= this.#startMs))
      throw new SourceError(
        "TIME_JUMPED_BACK",
        `its clock jumps back from ${seconds(this.#lastMs)} to ${seconds(atMs)}; fragments have to be in the order of time`,
      );
  }

  /** A fragment ends at the next one's start, unless the recording paused for longer than a fragment may last. */
  #finish(nextStartMs: number): CutFragment<P> {
    const averageMs = (this.#lastMs - this.#startMs) / Math.max(1, this.#videoFrames - 1);
    const lastEndMs = this.#lastEndMs > this.#lastMs ? this.#lastEndMs : this.#lastMs + averageMs;
    const endMs = nextStartMs - this.#startMs > FRAGMENT_LIMITS.maxMs ? lastEndMs : nextStartMs;
    return {
      startMs: this.#startMs,
      endMs,
      sizeBytes: this.#sizeBytes,
      packets: this.#packets,
      hasAudio: this.#packets.some(({ track }) => track === "audio"),
    };
  }
}

/** `1.5 s` */
export const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
