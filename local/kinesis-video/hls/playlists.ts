import { playlistSegments, type Progress, type Segment, type SessionSettings } from "./session.ts";

/** The media's attributes in the master playlist. */
export interface Rendition {
  readonly trackNumber: number;
  /** Of every track, e.g. `avc1.42c01e` (RFC 6381). */
  readonly codecs: readonly string[];
  readonly bandwidthBps: number;
  readonly width: number;
  readonly height: number;
  readonly frameRate: number;
  /** An audio track, which has a playlist of its own. */
  readonly audioTrackNumber?: number | undefined;
}

/** Tokens need no escaping in a URL. */
const mediaPlaylistUrl = (token: string, trackNumber: number): string =>
  `getHLSMediaPlaylist.m3u8?SessionToken=${token}&TrackNumber=${trackNumber}`;

/** The master playlist: one rendition with its audio. Attributes are those observed in AWS's playlists. */
export function masterPlaylist(token: string, rendition: Rendition): string {
  const { codecs, width, height, frameRate, bandwidthBps, trackNumber, audioTrackNumber } = rendition;
  const attributes = [
    `CODECS="${codecs.join(",")}"`,
    ...(width > 0 ? [`RESOLUTION=${width}x${height}`, `FRAME-RATE=${frameRate.toFixed(3)}`] : []),
    `BANDWIDTH=${Math.ceil(bandwidthBps)}`,
    ...(audioTrackNumber !== undefined ? ['AUDIO="audio"'] : []),
  ];
  return lines(
    "#EXTM3U",
    "#EXT-X-VERSION:7",
    ...(audioTrackNumber !== undefined
      ? [
          `#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="audio",DEFAULT=YES,AUTOSELECT=YES,URI="${mediaPlaylistUrl(token, audioTrackNumber)}"`,
        ]
      : []),
    `#EXT-X-STREAM-INF:${attributes.join(",")}`,
    mediaPlaylistUrl(token, trackNumber),
  );
}

/** The media playlist of one track: tags, their order and the segments' URLs are those observed in AWS's playlists. */
export function mediaPlaylist(
  token: string,
  settings: SessionSettings,
  progress: Progress,
  trackNumber: number,
): string {
  const segments = playlistSegments(progress, settings);
  const first = segments[0];
  const discontinuitiesBefore = first ? first.discontinuities - marksIn(progress, first) : 0;
  return lines(
    "#EXTM3U",
    "#EXT-X-VERSION:7",
    ...(settings.mode === "ON_DEMAND" ? ["#EXT-X-PLAYLIST-TYPE:VOD"] : []),
    `#EXT-X-TARGETDURATION:${Math.max(1, Math.round(progress.longestMs / 1000))}`,
    `#EXT-X-MEDIA-SEQUENCE:${first?.sequence ?? 0}`,
    ...(discontinuitiesBefore > 0 ? [`#EXT-X-DISCONTINUITY-SEQUENCE:${discontinuitiesBefore}`] : []),
    "#EXT-X-INDEPENDENT-SEGMENTS",
    ...segments.flatMap((segment, at) =>
      segmentLines(token, settings, progress, segment, segments[at - 1], trackNumber),
    ),
    ...(progress.complete ? ["#EXT-X-ENDLIST"] : []),
  );
}

function segmentLines(
  token: string,
  { container, displaysTimestamps }: SessionSettings,
  progress: Progress,
  segment: Segment,
  before: Segment | undefined,
  trackNumber: number,
): string[] {
  const isMp4 = container === "FRAGMENTED_MP4";
  const access = `SessionToken=${token}&TrackNumber=${trackNumber}`;
  const init = `getMP4InitFragment.mp4?${access}&SequenceNumber=${segment.header}`;
  return [
    ...(marksIn(progress, segment) > 0 ? ["#EXT-X-DISCONTINUITY"] : []),
    ...(isMp4 && before?.header !== segment.header ? [`#EXT-X-MAP:URI="${init}"`] : []),
    ...(displaysTimestamps ? [`#EXT-X-PROGRAM-DATE-TIME:${new Date(segment.startMs).toISOString()}`] : []),
    `#EXTINF:${(segment.lengthMs / 1000).toFixed(3)},`,
    `${isMp4 ? "getMP4MediaFragment.mp4" : "getTSFragment.ts"}?FragmentNumber=${segment.number}&${access}`,
  ];
}

/** 1 when the segment starts with a discontinuity marker. */
function marksIn({ segments }: Progress, segment: Segment): number {
  const before = segments[segments.indexOf(segment) - 1];
  return before ? segment.discontinuities - before.discontinuities : 0;
}

const lines = (...all: string[]): string => `${all.join("\n")}\n`;
