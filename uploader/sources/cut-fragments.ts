import { seconds } from "./losses.ts";
import { SourceError } from "./source.ts";

/**
 * The limits of a fragment: 1..20 s, 50 MB, and 5 a second (documented: Kinesis Video Streams service quotas, PutMedia). No
 * acknowledgement error exists for a fragment that is too short, so the last one may be.
 */
export const FRAGMENT_LIMITS = { minMs: 1000, maxMs: 20_000, maxBytes: 50_000_000, perSecond: 5 } as const;

/** How much the times of neighbouring frames may be out of order before the clock counts as set back. */
export const MAX_JITTER_MS = 100;

/** The properties of a packet that cutting needs. Times count from the source's first video frame. */
export interface PacketFacts {
  readonly track: "video" | "audio";
  readonly atMs: number;
  /** 0 where unknown. */
  readonly durationMs: number;
  readonly keyframe: boolean;
  readonly sizeBytes: number;
  /** Of a keyframe: what identifies its coding parameters. A fragment has one format. */
  readonly format?: object | undefined;
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
 * Cuts packets into fragments: one starts at each keyframe, unless the previous one would be shorter than a second and has
 * the same format. Packets are in decode order, audio interleaved with video by time. Packets before the first keyframe
 * are left out.
 *
 * Every frame of a fragment, of any track, comes after every frame of the fragment before it, in whole milliseconds
 * (documented: PutMedia; that audio counts was reported with error 4004: producer-sdk-cpp #709). So audio moves to the
 * next fragment where that one's reordered frames or rounding reach it, and a late video frame is moved by milliseconds.
 */
export class FragmentCutter<P extends PacketFacts> {
  #packets: P[] = [];
  #startMs = 0;
  /** Start and end of the frame shown last. */
  #lastMs = 0;
  #lastEndMs = 0;
  #sizeBytes = 0;
  #videoFrames = 0;
  #format: object | undefined;
  /** The fragment before, until it is known which frames of this one are shown before its keyframe. */
  #closing: { packets: P[]; startMs: number; endMs: number } | undefined;
  /** How many video packets came before the first keyframe. */
  leftOut = 0;
  /** How many fragments have begun. */
  begun = 0;

  /**
   * Adds the next packet; returns the fragment that it completes.
   * @throws SourceError when a fragment exceeds the limits of Kinesis Video Streams, or time jumps back
   */
  add(packet: P): CutFragment<P> | undefined {
    const isOpen = this.#packets.length > 0;
    const isVideo = packet.track === "video";
    const isKeyframe = isVideo && packet.keyframe;
    if (!isOpen && !isKeyframe) {
      if (isVideo) this.leftOut++;
      return undefined;
    }
    if (isOpen && isVideo) this.#checkTime(packet);
    const isNewFormat = packet.format !== undefined && packet.format !== this.#format;
    const isLong = Math.round(packet.atMs - this.#startMs) >= FRAGMENT_LIMITS.minMs;
    if (isOpen && !(isKeyframe && (isLong || isNewFormat))) {
      const isShownBefore = packet.atMs < this.#startMs;
      const finished = isVideo && !isShownBefore ? this.#close() : undefined;
      this.#append(packet);
      return finished;
    }
    const finished = this.#close();
    this.begun++;
    if (isOpen) this.#closing = this.#finish(packet.atMs);
    this.#packets = [];
    this.#sizeBytes = this.#videoFrames = 0;
    this.#startMs = this.#lastMs = packet.atMs;
    this.#format = packet.format;
    this.#append(packet);
    return finished;
  }

  /** The last fragments, after the last packet. */
  end(): CutFragment<P>[] {
    const before = this.#close();
    if (this.#packets.length === 0) return before ? [before] : [];
    const last = cutOf(this.#finish(Infinity));
    this.#packets = [];
    return before ? [before, last] : [last];
  }

  /** Completes the fragment before: its frames end before the first one of this fragment. */
  #close(): CutFragment<P> | undefined {
    const closing = this.#closing;
    if (!closing) return undefined;
    this.#closing = undefined;
    const video = this.#packets.filter(({ track }) => track === "video");
    const boundaryMs = Math.min(...video.map(({ atMs }) => Math.round(atMs)));
    const isLate = ({ atMs }: P) => Math.round(atMs) >= boundaryMs;
    if (!closing.packets.some(isLate)) return cutOf(closing);
    const isMoved = (packet: P) => packet.track === "audio" && isLate(packet);
    const kept = closing.packets.filter((packet) => !isMoved(packet));
    const moved = closing.packets.filter(isMoved);
    this.#packets.splice(1, 0, ...moved);
    this.#sizeBytes += sizeOf(moved);
    return cutOf({ ...closing, packets: endBefore(boundaryMs, kept) });
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
  #finish(nextStartMs: number) {
    const averageMs = (this.#lastMs - this.#startMs) / Math.max(1, this.#videoFrames - 1);
    const lastEndMs = this.#lastEndMs > this.#lastMs ? this.#lastEndMs : this.#lastMs + averageMs;
    const endMs = nextStartMs - this.#startMs > FRAGMENT_LIMITS.maxMs ? lastEndMs : nextStartMs;
    return { startMs: this.#startMs, endMs, packets: this.#packets };
  }
}

const sizeOf = (packets: readonly PacketFacts[]): number =>
  packets.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);

function cutOf<P extends PacketFacts>(cut: { packets: P[]; startMs: number; endMs: number }): CutFragment<P> {
  const { packets } = cut;
  return { ...cut, sizeBytes: sizeOf(packets), hasAudio: packets.some(({ track }) => track === "audio") };
}

/** The same packets, those that reach the boundary moved before it: the last one a millisecond, the others before it. */
function endBefore<P extends PacketFacts>(boundaryMs: number, packets: readonly P[]): P[] {
  const moved = new Map<P, number>();
  let limitMs = boundaryMs - 1;
  for (const packet of packets.toSorted((a, b) => b.atMs - a.atMs)) {
    if (Math.round(packet.atMs) <= limitMs) break;
    moved.set(packet, limitMs--);
  }
  return packets.map((packet) => ({ ...packet, atMs: moved.get(packet) ?? packet.atMs }));
}
