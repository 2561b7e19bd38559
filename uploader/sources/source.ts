import type { ClusterFrame } from "../matroska.ts";
import type { Losses } from "./losses.ts";

/** A fragment of a source, ready to be sent. Times count from the source's first video frame. */
export interface SourceFragment {
  /** Counts from 0. The indexes of fragments that a live source has dropped are left out. */
  readonly index: number;
  /** The Matroska header of its stream; a fragment with a different header needs a new connection. */
  readonly header: Uint8Array;
  readonly startMs: number;
  readonly endMs: number;
  readonly frames: readonly ClusterFrame[];
  readonly sizeBytes: number;
  /** Releases the memory of the frames' data for another fragment. */
  readonly free?: () => void;
}

/** The plan of a source that can be read before anything is sent. */
export interface SourcePlan {
  readonly fragments: number;
  /** From the first video frame's start to the last one's end. */
  readonly durationMs: number;
  readonly sizeBytes: number;
}

/** Where video comes from: a file, standard input, a camera. */
export interface VideoSource {
  /** Sent as the tag `doorstep.clip`. */
  readonly name: string;
  readonly videoCodec: "avc" | "hevc";
  readonly width: number;
  readonly height: number;
  /** When the first frame was recorded, epoch milliseconds, if known. */
  readonly recordedAtMs: number | undefined;
  /** Undefined for a live source. */
  readonly plan: SourcePlan | undefined;
  /** What is left out, and why; a live source may add to it. */
  readonly losses: Losses;
  /**
   * Reads the fragments from that index on, one reading at a time. Ends early when the signal aborts.
   * @throws SourceError for video that cannot be read further or sent
   */
  fragments(from: number, signal?: AbortSignal): AsyncGenerator<SourceFragment>;
  /** Allows the source to drop the fragments below this index. */
  release(below: number): void;
  /** Closes the file, stream or connection. */
  close(): Promise<void>;
}

/**
 * `UNSUITABLE`: video that Kinesis Video Streams would refuse. `CORRUPT`: a file or stream that cannot be read further.
 * `TIME_JUMPED_BACK`: its keyframes are out of order. `UNREACHABLE`: a camera that does not respond, or a missing file.
 * `NOT_SUPPORTED`: this installation lacks a package to read it. `IMPLAUSIBLE_TIME`: a creation time that is not to be
 * trusted.
 */
type SourceErrorCode =
  "IMPLAUSIBLE_TIME" | "UNSUITABLE" | "CORRUPT" | "TIME_JUMPED_BACK" | "UNREACHABLE" | "NOT_SUPPORTED";

/** A source that cannot be sent further; the message names the source, the reason and, if there is one, a remedy. */
export class SourceError extends Error {
  override readonly name = "SourceError";
  readonly code: SourceErrorCode;

  constructor(code: SourceErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}
