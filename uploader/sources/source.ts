import type { ClusterFrame } from "../matroska.ts";

/** One fragment of a source, ready to be sent. Times count from the source's first video frame. */
export interface SourceFragment {
  /** Counts from 0. A live source that had to drop fragments leaves theirs out. */
  readonly index: number;
  /** The Matroska header that it belongs under; a different one needs a new connection. */
  readonly header: Uint8Array;
  readonly startMs: number;
  readonly endMs: number;
  readonly frames: readonly ClusterFrame[];
  readonly sizeBytes: number;
  /** Tells that the frames' data is needed no more: its memory may be used for another fragment. */
  readonly free?: () => void;
}

/** What is known of a source that can be looked through before anything is sent. */
export interface SourcePlan {
  readonly fragments: number;
  /** From the first video frame's start to the last one's end. */
  readonly durationMs: number;
  readonly sizeBytes: number;
}

/** Where video comes from: a file, standard input, a camera. */
export interface VideoSource {
  /** Goes along as the tag `doorstep.clip`. */
  readonly name: string;
  readonly videoCodec: "avc" | "hevc";
  readonly width: number;
  readonly height: number;
  /** When the first frame was recorded, in epoch milliseconds, if the source says so. */
  readonly recordedAtMs: number | undefined;
  /** Undefined for a live source, whose length nobody knows. */
  readonly plan: SourcePlan | undefined;
  /** What was or will be left out, and why; a live source may add to it. */
  readonly notices: readonly string[];
  /**
   * The fragments from that index on. Ends early once the signal aborts. One such reading at a time.
   * @throws SourceError for video that cannot be read on or sent
   */
  fragments(from: number, signal?: AbortSignal): AsyncGenerator<SourceFragment>;
  /** Tells that no fragment below this index will be asked for again. */
  release(below: number): void;
  /** Lets go of the file, stream or connection. */
  close(): Promise<void>;
}

/**
 * `UNSUITABLE`: video that Kinesis Video Streams would not take. `CORRUPT`: a file or stream that cannot be read on.
 * `TIME_JUMPED_BACK`: its clock was set back. `UNREACHABLE`: a camera that does not answer. `NOT_SUPPORTED`: this
 * installation lacks what reading it takes.
 */
export type SourceErrorCode = "UNSUITABLE" | "CORRUPT" | "TIME_JUMPED_BACK" | "UNREACHABLE" | "NOT_SUPPORTED";

/** A source that cannot be sent (on); the message names the source, the reason and a remedy where there is one. */
export class SourceError extends Error {
  override readonly name = "SourceError";
  readonly code: SourceErrorCode;

  constructor(code: SourceErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}
