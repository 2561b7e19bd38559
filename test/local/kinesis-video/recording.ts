import {
  concatBytes,
  element,
  elementId,
  openElement,
  textElement,
  unsignedElement,
} from "../../../local/matroska/ebml.ts";
import {
  readSegment,
  segmentStart,
  type ClusterPart,
  type HeaderPart,
  type SegmentPart,
} from "../../../local/matroska/index.ts";

/** Matroska header of H.264 video in track 1 and AAC in the next ones; times are in milliseconds. */
export const header = (trackCount = 1): Uint8Array =>
  concatBytes([
    segmentStart(),
    element(elementId.info, unsignedElement(elementId.timestampScale, 1_000_000)),
    element(
      elementId.tracks,
      ...Array.from({ length: trackCount }, (_, index) =>
        element(
          elementId.trackEntry,
          unsignedElement(elementId.trackNumber, index + 1),
          unsignedElement(elementId.trackType, index === 0 ? 1 : 2),
          textElement(elementId.codecId, index === 0 ? "V_MPEG4/ISO/AVC" : "A_AAC"),
        ),
      ),
    ),
  ]);

/** The default content of a frame. */
const frameData = new Uint8Array(16).fill(7);

export interface Frame {
  readonly track?: number;
  /** From the start of its fragment. */
  readonly atMs?: number;
  readonly data?: Uint8Array;
}

/** A fragment of frames as the producer SDKs write it: a Cluster of unknown size. */
export const openFragment = (timecode: number, frames: readonly Frame[] = [{}, { atMs: 1000 }]): Uint8Array =>
  concatBytes([openElement(elementId.cluster), ...children(timecode, frames)]);

/** The same, of known size: complete with its last byte. */
export const fragment = (timecode: number, frames: readonly Frame[] = [{}, { atMs: 1000 }]): Uint8Array =>
  element(elementId.cluster, ...children(timecode, frames));

const children = (timecode: number, frames: readonly Frame[]): Uint8Array[] => [
  unsignedElement(elementId.timestamp, timecode),
  ...frames.map(({ track = 1, atMs = 0, data = frameData }, index) =>
    element(
      elementId.simpleBlock,
      Uint8Array.of(0x80 | track, (atMs >> 8) & 0xff, atMs & 0xff, index === 0 ? 0x80 : 0),
      data,
    ),
  ),
];

/** A returned fragment: its tags by name and its media. */
export interface ReadFragment {
  readonly header: HeaderPart;
  readonly tags: Readonly<Record<string, string>>;
  readonly cluster: ClusterPart;
}

/** The parts of a payload in order. */
export const readParts = (payload: AsyncIterable<Uint8Array>): AsyncGenerator<SegmentPart> =>
  readSegment(payload, { maxSegments: 10_000 });

/**
 * The fragments of a payload; their tags are those before the cluster. Stops after `count`, unless the payload ends.
 */
export async function readFragments(payload: unknown, count = Infinity): Promise<ReadFragment[]> {
  const fragments: ReadFragment[] = [];
  let header: HeaderPart | undefined;
  let tags: Record<string, string> = {};
  for await (const part of readParts(payload as AsyncIterable<Uint8Array>)) {
    if (part.kind === "header") [header, tags] = [part, {}];
    else if (part.kind === "tags") for (const { name, value } of part.tags) tags[name] = value;
    else if (part.kind === "cluster") {
      fragments.push({ header: header!, tags, cluster: part });
      if (fragments.length === count) break;
    }
  }
  return fragments;
}
