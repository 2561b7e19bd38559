import { clusterPieces, fragmentTags } from "./matroska.ts";
import type { SourceFragment } from "./sources/source.ts";

export interface Timing {
  /** Producer time of the source's first frame, in epoch milliseconds. */
  readonly startMs: number;
  /** ABSOLUTE: cluster times are producer times. RELATIVE: they count from the first frame. */
  readonly timecodeType: "ABSOLUTE" | "RELATIVE";
}

/** The time of a fragment's cluster; acknowledgements refer to the fragment by it. */
export function timecodeMs({ startMs, timecodeType }: Timing, fragment: { startMs: number }): number {
  return Math.round((timecodeType === "ABSOLUTE" ? startMs : 0) + fragment.startMs);
}

/**
 * Encodes a fragment as Matroska, in pieces: its tags, then its cluster. The tag `doorstep.clip` has the source's name,
 * `doorstep.clip-start-ms` the producer time of its first frame.
 */
export function* encodeFragment(
  name: string,
  timing: Timing,
  fragment: SourceFragment,
): Generator<Uint8Array> {
  const { startMs, timecodeType } = timing;
  const tags = fragmentTags([
    { name: "doorstep.clip", value: name.slice(0, MAX_NAME_CHARS) },
    { name: "doorstep.clip-start-ms", value: String(startMs) },
  ]);
  const offsetMs = timecodeType === "ABSOLUTE" ? startMs : 0;
  const frames = fragment.frames.map((frame) => ({ ...frame, atMs: offsetMs + frame.atMs }));
  yield tags;
  yield* clusterPieces(timecodeMs(timing, fragment), frames);
}

/** A tag's value has at most 256 bytes; a character of UTF-16 at most 3. */
const MAX_NAME_CHARS = 85;
