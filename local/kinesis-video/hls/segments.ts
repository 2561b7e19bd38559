import { BufferTarget, CmafOutputFormat, MpegTsOutputFormat, Output } from "mediabunny";
import { resourceNotFound, unsupportedMedia } from "../errors.ts";
import type { Media } from "../fragments/fragment.ts";
import { addTracks } from "../media/mux.ts";
import { readPackets, type TrackPackets } from "../media/packets.ts";
import { parseMedia } from "../media/parse.ts";
import { playableTracks, type PlayableTrack } from "../media/tracks.ts";
import type { Rendition } from "./playlists.ts";
import { delayPresentation } from "./transport-times.ts";

/** A fragment to write as a segment. */
export interface SegmentMedia {
  readonly media: Media;
  readonly lengthMs: number;
  /** Its start on the session's timeline. */
  readonly offsetMs: number;
}

/** The attributes for the master playlist, from one fragment of the session. */
export async function renditionOf(media: Media, lengthMs: number): Promise<Rendition> {
  const { tracks, read } = await readTracks({ media, lengthMs, offsetMs: 0 });
  const [first, audio] = read;
  const { playable, width, height, packets } = first!;
  const lengthS = Math.max(lengthMs, 1) / 1000;
  return {
    trackNumber: playable.track.number,
    // hvc1 means that the parameter sets are in the initialisation segment (ISO/IEC 14496-15).
    codecs: read.map(({ config }) => config.codec.replace(/^hev1/, "hvc1")),
    bandwidthBps: (media.cluster.length * 8) / lengthS,
    width,
    height,
    frameRate: packets.length / lengthS,
    audioTrackNumber: audio && tracks[1]!.track.number,
  };
}

/**
 * One track of a fragment as fragmented MP4: its initialisation segment and its media segment, with times on the session's
 * timeline.
 * @throws AwsError ResourceNotFoundException for a track that does not exist, and the errors of unplayable media
 */
export async function mp4Segment(
  segment: SegmentMedia,
  trackNumber: number,
): Promise<{ init: Uint8Array; media: Uint8Array; contentType: string }> {
  const { tracks, read } = await readTracks(segment, trackNumber);
  const [initTarget, target] = [new BufferTarget(), new BufferTarget()];
  await write(new Output({ format: new CmafOutputFormat(), target, initTarget }), tracks, read, segment);
  return {
    init: new Uint8Array(initTarget.buffer!),
    media: new Uint8Array(target.buffer!),
    contentType: `${tracks[0]!.kind}/mp4`,
  };
}

/** A fragment as MPEG transport stream, with every track. H.265 is not offered in it (documented: track requirements). */
export async function tsSegment(segment: SegmentMedia): Promise<Uint8Array> {
  const { tracks, read } = await readTracks(segment);
  checkTs(tracks);
  const target = new BufferTarget();
  await write(new Output({ format: new MpegTsOutputFormat(), target }), tracks, read, segment);
  return delayPresentation(new Uint8Array(target.buffer!));
}

/** @throws AwsError UnsupportedStreamMediaTypeException */
export function checkTs(tracks: readonly PlayableTrack[]): void {
  if (tracks.some(({ codec }) => codec === "hevc"))
    throw unsupportedMedia(
      "The stream has H.265 video, which MPEG_TS does not support; use the ContainerFormat FRAGMENTED_MP4.",
    );
}

async function readTracks(
  { media, lengthMs }: SegmentMedia,
  trackNumber?: number,
): Promise<{ tracks: PlayableTrack[]; read: TrackPackets[] }> {
  const parsed = await parseMedia(media);
  const all = playableTracks(parsed.header, { audioOnly: true });
  const tracks = all.filter(({ track }) => trackNumber === undefined || track.number === trackNumber);
  if (tracks.length === 0) throw resourceNotFound(`The fragment has no track ${trackNumber}.`);
  return { tracks, read: await readPackets(parsed, tracks, lengthMs) };
}

async function write(
  output: Output,
  tracks: readonly PlayableTrack[],
  read: readonly TrackPackets[],
  { offsetMs }: SegmentMedia,
): Promise<void> {
  const add = addTracks(output, tracks);
  await output.start();
  await Promise.all(read.map((one) => add(one, offsetMs / 1000)));
  await output.finalize();
}
