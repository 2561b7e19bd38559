import { children, elementId, MatroskaError, readText, readUnsigned, type Child } from "./ebml.ts";

/** One track of a Matroska file. */
export type Track = {
  number: number;
  /** Other: Matroska's subtitle, button, control and metadata tracks. */
  type: "video" | "audio" | "other";
  /** For example `V_MPEG4/ISO/AVC` (H.264), `V_MPEGH/ISO/HEVC` (H.265), `A_AAC`. */
  codecId: string;
  /** Decoder configuration; for H.264 the AVCC record. Empty if the track has none. */
  codecPrivate: Uint8Array;
  name?: string;
  pixelWidth?: number;
  pixelHeight?: number;
  /** Duration of one frame, if the file states it. */
  defaultDurationNs?: number;
};

/** A name and value attached to the stream; Kinesis Video Streams calls them fragment metadata. */
export type Tag = { name: string; value: string };

const NS_PER_MS = 1_000_000;
const DEFAULT_TIMECODE_SCALE_NS = NS_PER_MS;

/** A timecode in milliseconds, not rounded. */
export const timecodeMs = (timecode: number, timecodeScaleNs: number): number =>
  (timecode * timecodeScaleNs) / NS_PER_MS;

/** Nanoseconds per unit of time, from an Info element. */
export function readTimecodeScaleNs(info: Child | undefined): number {
  if (!info) return DEFAULT_TIMECODE_SCALE_NS;
  for (const child of children(info.content, info.offset)) {
    if (child.id !== elementId.timestampScale) continue;
    const scaleNs = readUnsigned(child);
    if (scaleNs === 0)
      throw new MatroskaError("invalid", child.offset, "TimestampScale is 0; expected at least 1 ns");
    return scaleNs;
  }
  return DEFAULT_TIMECODE_SCALE_NS;
}

/** The tracks of a Tracks element. */
export function readTracks(tracks: Child): Track[] {
  return [...children(tracks.content, tracks.offset)]
    .filter((child) => child.id === elementId.trackEntry)
    .map(readTrack);
}

function readTrack(entry: Child): Track {
  const track: Track = { number: 0, type: "other", codecId: "", codecPrivate: new Uint8Array() };
  for (const child of children(entry.content, entry.offset)) {
    if (child.id === elementId.trackNumber) track.number = readUnsigned(child);
    else if (child.id === elementId.trackType) track.type = trackType(readUnsigned(child));
    else if (child.id === elementId.codecId) track.codecId = readText(child);
    else if (child.id === elementId.codecPrivate) track.codecPrivate = child.content;
    else if (child.id === elementId.name) track.name = readText(child);
    else if (child.id === elementId.defaultDuration) track.defaultDurationNs = readUnsigned(child);
    else if (child.id === elementId.video) Object.assign(track, readPixelSize(child));
  }
  if (track.number === 0)
    throw new MatroskaError("invalid", entry.offset, "a TrackEntry without a TrackNumber above 0");
  return track;
}

function trackType(code: number): Track["type"] {
  if (code === 1) return "video";
  return code === 2 ? "audio" : "other";
}

function readPixelSize(video: Child): Pick<Track, "pixelWidth" | "pixelHeight"> {
  const size: Pick<Track, "pixelWidth" | "pixelHeight"> = {};
  for (const child of children(video.content, video.offset)) {
    if (child.id === elementId.pixelWidth) size.pixelWidth = readUnsigned(child);
    if (child.id === elementId.pixelHeight) size.pixelHeight = readUnsigned(child);
  }
  return size;
}

/** The tags of a Tags element, in order. A tag without text (binary or empty) has the value "". */
export function readTags(tags: Child): Tag[] {
  const found: Tag[] = [];
  for (const tag of children(tags.content, tags.offset)) {
    if (tag.id !== elementId.tag) continue;
    for (const simpleTag of children(tag.content, tag.offset)) {
      if (simpleTag.id !== elementId.simpleTag) continue;
      const { name, value } = readSimpleTag(simpleTag);
      if (name !== undefined) found.push({ name, value });
    }
  }
  return found;
}

function readSimpleTag(simpleTag: Child): { name: string | undefined; value: string } {
  let name: string | undefined;
  let value = "";
  for (const child of children(simpleTag.content, simpleTag.offset)) {
    if (child.id === elementId.tagName) name = readText(child);
    if (child.id === elementId.tagString) value = readText(child);
  }
  return { name, value };
}
