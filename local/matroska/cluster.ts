import {
  children,
  concatBytes,
  element,
  elementId,
  hex,
  MatroskaError,
  readUnsigned,
  readVint,
  vintLength,
  type Child,
} from "./ebml.ts";
import type { Track } from "./header.ts";

/** One frame (or a laced group of frames) in a cluster. */
export type Block = {
  trackNumber: number;
  /** Absolute within the stream, in units of the header's `timecodeScaleNs`. */
  timecode: number;
  keyframe: boolean;
  /** The frame data, without the block's own header. */
  sizeBytes: number;
  /** In units of `timecodeScaleNs`, where the block states it. */
  duration?: number;
};

/** Collects the children of one cluster. */
export class ClusterBuilder {
  timecode: number | undefined;
  readonly blocks: Block[] = [];
  readonly #kept: Uint8Array[] = [];
  readonly #maxElements: number;
  readonly #offset: number;

  /** @param offset the cluster's position in the stream */
  constructor(offset: number, maxElements: number) {
    this.#offset = offset;
    this.#maxElements = maxElements;
  }

  /** Adds the next child; returns its block, if it is one. */
  add(child: Child): Block | undefined {
    // Positions and checksums refer to the original file and would be wrong in any other.
    if (child.id === elementId.position || child.id === elementId.prevSize) return undefined;
    if (child.id === elementId.void || child.id === elementId.crc32) return undefined;
    if (this.#kept.length >= this.#maxElements)
      throw new MatroskaError(
        "too-large",
        this.#offset,
        `a Cluster of more than ${this.#maxElements} elements`,
      );
    this.#kept.push(element(child.id, child.content));
    if (child.id === elementId.timestamp) {
      if (this.timecode !== undefined)
        throw new MatroskaError("invalid", child.offset, "a second Timestamp in one Cluster");
      this.timecode = readUnsigned(child);
    }
    const block =
      child.id === elementId.simpleBlock
        ? readBlock(child, this.#requireTimecode(child))
        : child.id === elementId.blockGroup && readBlockGroup(child, this.#requireTimecode(child));
    if (!block) return undefined;
    this.blocks.push(block);
    return block;
  }

  /** The complete cluster, of known size, with its duration. */
  finish(tracks: readonly Track[], timecodeScaleNs: number) {
    if (this.timecode === undefined)
      throw new MatroskaError("invalid", this.#offset, "a Cluster without a Timestamp");
    return {
      kind: "cluster" as const,
      timecode: this.timecode,
      bytes: element(elementId.cluster, concatBytes(this.#kept)),
      blocks: this.blocks,
      durationMs: clusterDurationMs(this.blocks, tracks, timecodeScaleNs),
    };
  }

  #requireTimecode(child: Child): number {
    if (this.timecode === undefined)
      throw new MatroskaError("invalid", child.offset, "a block before its Cluster's Timestamp");
    return this.timecode;
  }
}

function readBlock({ id, content, offset }: Child, clusterTimecode: number): Block {
  const trackNumber = readVint(content, 0, offset);
  const numberBytes = vintLength(content[0] ?? 0);
  if (trackNumber === undefined || content.length < numberBytes + 3)
    throw new MatroskaError(
      "invalid",
      offset,
      `block ${hex(id)} is too short for a track number, a time and flags`,
    );
  const view = new DataView(content.buffer, content.byteOffset, content.length);
  return {
    trackNumber,
    timecode: clusterTimecode + view.getInt16(numberBytes),
    keyframe: (content[numberBytes + 2]! & 0x80) !== 0,
    sizeBytes: content.length - numberBytes - 3,
  };
}

function readBlockGroup(group: Child, clusterTimecode: number): Block {
  let block: Block | undefined;
  let duration: number | undefined;
  let keyframe = true;
  for (const child of children(group.content, group.offset)) {
    if (child.id === elementId.block) block = readBlock(child, clusterTimecode);
    if (child.id === elementId.blockDuration) duration = readUnsigned(child);
    if (child.id === elementId.referenceBlock) keyframe = false;
  }
  if (!block) throw new MatroskaError("invalid", group.offset, "a BlockGroup without a Block");
  return { ...block, keyframe, ...(duration !== undefined && { duration }) };
}

/**
 * From the first frame's start to the last frame's end, of the longest track. A last frame without a stated duration has
 * the average duration of the frames before it.
 */
function clusterDurationMs(
  blocks: readonly Block[],
  tracks: readonly Track[],
  timecodeScaleNs: number,
): number {
  const defaultDurationNs = new Map(tracks.map((track) => [track.number, track.defaultDurationNs]));
  const spans = new Map<number, { first: number; last: Block; count: number }>();
  for (const block of blocks) {
    const span = spans.get(block.trackNumber) ?? { first: block.timecode, last: block, count: 0 };
    span.first = Math.min(span.first, block.timecode);
    if (block.timecode >= span.last.timecode) span.last = block;
    span.count++;
    spans.set(block.trackNumber, span);
  }
  let longest = 0;
  for (const [trackNumber, { first, last, count }] of spans) {
    const length = last.timecode - first;
    const statedNs = defaultDurationNs.get(trackNumber);
    const average = count > 1 ? length / (count - 1) : 0;
    const lastFrame = last.duration ?? (statedNs !== undefined ? statedNs / timecodeScaleNs : average);
    longest = Math.max(longest, length + lastFrame);
  }
  return Math.round((longest * timecodeScaleNs) / 1_000_000);
}
