import { timecodeMs, type Block, type Tag, type Track } from "../../matroska/index.ts";
import { PutMediaError } from "./put-media-error.ts";

/** Documented: Kinesis Video Streams service quotas, PutMedia and streaming metadata. */
const MAX_TRACKS = 3;
const MAX_FRAGMENT_MS = 20_000;
const MAX_TAGS = 10;
const MAX_TAG_NAME_BYTES = 128;
const MAX_TAG_VALUE_BYTES = 256;

/** Metadata of the producer with names that start with AWS (documented: image generation, notifications). */
const PRODUCER_AWS_TAGS = new Set([
  "AWS_KINESISVIDEO_IMAGE_GENERATION",
  "AWS_KINESISVIDEO_IMAGE_PREFIX",
  "AWS_KINESISVIDEO_NOTIFICATION",
]);

/** AWS's C producer SDK sends this tag, with an empty value, after every fragment (observed: `pic`, `Stream.h`). */
const END_OF_FRAGMENT = "AWS_KINESISVIDEO_END_OF_FRAGMENT";

/**
 * The metadata of the producer in a Tags element: without the mark of a fragment's end, which is no metadata of a
 * fragment and does not count as a tag. That AWS does not return it is unconfirmed.
 */
export const producerTags = (tags: readonly Tag[]): Tag[] =>
  tags.filter(({ name }) => name !== END_OF_FRAGMENT);

/** The latest time with a four-digit year in ISO 8601: a later one is in the wrong unit, e.g. ms for s. */
const LATEST_TIMESTAMP_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** @throws PutMediaError 4005 */
export function checkTracks(tracks: readonly Track[]): void {
  if (tracks.length > MAX_TRACKS)
    throw new PutMediaError(
      "MORE_THAN_ALLOWED_TRACKS_FOUND",
      `${tracks.length} tracks; at most ${MAX_TRACKS}`,
    );
}

/**
 * The metadata before a fragment. That an invalid name or value is 4012 and too many tags are 4009 follows the errors'
 * names; which one AWS sends is unconfirmed.
 * @throws PutMediaError 4009, 4012
 */
export function checkTags(tags: readonly Tag[]): void {
  if (tags.length > MAX_TAGS)
    throw new PutMediaError("FRAGMENT_METADATA_LIMIT_REACHED", `${tags.length} tags; at most ${MAX_TAGS}`);
  for (const { name, value } of tags) {
    const nameBytes = Buffer.byteLength(name);
    const refuse = (problem: string) => new PutMediaError("INVALID_FRAGMENT_METADATA", problem);
    if (nameBytes < 1 || nameBytes > MAX_TAG_NAME_BYTES)
      throw refuse(`a tag's name of ${nameBytes} bytes; expected 1..${MAX_TAG_NAME_BYTES}`);
    if (name.startsWith("AWS") && !PRODUCER_AWS_TAGS.has(name))
      throw refuse(`the tag ${name}; names that start with AWS are reserved`);
    if (Buffer.byteLength(value) > MAX_TAG_VALUE_BYTES)
      throw refuse(`the tag ${name} has a value of over ${MAX_TAG_VALUE_BYTES} bytes`);
  }
}

/** @throws PutMediaError 4007: which timestamps AWS refuses is unconfirmed; here, those outside the years 1970 to 9999 */
export function checkProducerTimestamp(atMs: number): void {
  if (!(atMs >= 0 && atMs <= LATEST_TIMESTAMP_MS))
    throw new PutMediaError(
      "INVALID_PRODUCER_TIMESTAMP",
      `producer timestamp ${atMs} ms; expected epoch milliseconds of the years 1970 to 9999`,
    );
}

/**
 * The rules for the times and tracks of a connection's fragments, checked as each frame arrives.
 *
 * A first frame that is not a keyframe is accepted, since no error is documented for it. So is a fragment of less than a
 * second: the quotas page names MIN_FRAGMENT_DURATION_REACHED for it, which has no ErrorId, and the last fragment of a
 * recording is often shorter.
 */
export class FrameRules {
  readonly #tracks: readonly number[];
  readonly #timecodeScaleNs: number;
  #timecode: number | undefined;
  #first = 0;
  #last = 0;
  /** The latest frame of the fragment before this one. */
  #latestBefore: number | undefined;
  /** The tracks that have a frame in this fragment. */
  #seen = new Set<number>();

  constructor(tracks: readonly Track[], timecodeScaleNs: number) {
    this.#tracks = tracks.map(({ number }) => number);
    this.#timecodeScaleNs = timecodeScaleNs;
  }

  /**
   * A fragment starts.
   * @throws PutMediaError 4004: fragments come in order within a connection (documented: PutMedia, ErrorId), whatever
   * the producer's clock; that no two start at the same time follows from their not overlapping
   */
  begin(timecode: number): void {
    if (this.#timecode !== undefined && timecode <= this.#timecode)
      throw new PutMediaError(
        "FRAGMENT_TIMECODE_LESSER_THAN_PREVIOUS",
        `timecode ${timecode} after ${this.#timecode}; timecodes increase`,
      );
    this.#latestBefore = this.#seen.size > 0 ? this.#last : this.#latestBefore;
    this.#seen = new Set();
    this.#timecode = this.#first = this.#last = timecode;
  }

  /**
   * A frame of the fragment arrives. "The earliest frame timestamp in a fragment must be after the latest frame
   * timestamp in the previous fragment" (documented: PutMedia). That this is 4004, and that it holds for the frames of
   * all tracks together, was reported of AWS: an audio frame in the millisecond of the next cluster ended the connection
   * (producer-sdk-cpp #709), and the producer SDK orders the frames of several tracks so as to avoid it (FrameOrderMode).
   * @throws PutMediaError 4002, 4004, 4010
   */
  add({ trackNumber, timecode }: Pick<Block, "trackNumber" | "timecode">): void {
    if (!this.#tracks.includes(trackNumber))
      throw new PutMediaError(
        "TRACK_NUMBER_MISMATCH",
        `a frame of track ${trackNumber}; the header has ${this.#tracks.join(", ")}`,
      );
    const before = this.#latestBefore;
    if (before !== undefined && timecode <= before)
      throw new PutMediaError(
        "FRAGMENT_TIMECODE_LESSER_THAN_PREVIOUS",
        `a frame of track ${trackNumber} at ${timecode}, while the previous fragment goes up to ${before}`,
      );
    this.#seen.add(trackNumber);
    this.#first = Math.min(this.#first, timecode);
    this.#last = Math.max(this.#last, timecode);
    const spanMs = Math.round(timecodeMs(this.#last - this.#first, this.#timecodeScaleNs));
    if (spanMs > MAX_FRAGMENT_MS)
      throw new PutMediaError(
        "MAX_FRAGMENT_DURATION_REACHED",
        `timecodes span ${spanMs} ms; at most ${MAX_FRAGMENT_MS}`,
      );
  }

  /**
   * The fragment is complete.
   * @throws PutMediaError 4011
   */
  finish(): void {
    const missing = this.#tracks.filter((track) => !this.#seen.has(track));
    if (missing.length > 0)
      throw new PutMediaError("FRAMES_MISSING_FOR_TRACK", `no frame for track ${missing.join(", ")}`);
  }
}
