import type { AwsError } from "../../errors.ts";
import type { HeaderPart, Track } from "../../matroska/index.ts";
import {
  invalidCodecPrivateData,
  invalidMediaFrame,
  missingCodecPrivateData,
  unsupportedMedia,
} from "../errors.ts";

/** Codecs by their Matroska ids (documented: "Video playback track requirements"). */
const VIDEO_CODECS = { "V_MPEG4/ISO/AVC": "avc", "V_MPEGH/ISO/HEVC": "hevc" } as const;
const AAC = "A_AAC";
const MS_ACM = "A_MS/ACM";

/** A track that can be written to another container. */
export type PlayableTrack =
  | { readonly kind: "video"; readonly codec: "avc" | "hevc"; readonly track: Track }
  | { readonly kind: "audio"; readonly codec: "aac"; readonly track: Track };

/**
 * The tracks of a fragment, by number: H.264 or H.265 video and, after it, AAC audio; with `audioOnly`, also AAC alone
 * (documented: "Video playback track requirements").
 * @throws AwsError UnsupportedStreamMediaTypeException, MissingCodecPrivateDataException,
 * InvalidCodecPrivateDataException
 */
export function playableTracks(
  { tracks }: HeaderPart,
  { audioOnly }: { audioOnly: boolean },
): PlayableTrack[] {
  const ordered = tracks.toSorted((a, b) => a.number - b.number);
  const [first, second, third] = ordered.map(toPlayable);
  if (third || !first || (second ? first.kind !== "video" || second.kind !== "audio" : false))
    throw unsupported(ordered);
  if (first.kind === "audio" && !audioOnly) throw unsupported(ordered);
  const playable = second ? [first, second] : [first];
  for (const { track, codec } of playable) checkCodecPrivate(track, codec);
  return playable;
}

function toPlayable(track: Track): PlayableTrack {
  if (track.codecId === AAC) return { kind: "audio", codec: "aac", track };
  if (track.codecId === MS_ACM)
    throw unsupportedMedia(
      `Track ${track.number} is ${MS_ACM}: Kinesis Video Streams supports A-law in GetClip, the local cloud does not; use ${AAC}.`,
    );
  const codec = VIDEO_CODECS[track.codecId as keyof typeof VIDEO_CODECS];
  if (!codec) throw unsupported([track]);
  return { kind: "video", codec, track };
}

const unsupported = (tracks: readonly Track[]): AwsError =>
  unsupportedMedia(
    `The stream has ${tracks.map(({ number, codecId }) => `track ${number} ${codecId}`).join(", ") || "no tracks"}; ` +
      `expected track 1 ${Object.keys(VIDEO_CODECS).join(" or ")} and, optionally, track 2 ${AAC}.`,
  );

/** Whether fragments with these tracks can follow each other in one clip. */
export const sameTracks = (a: readonly PlayableTrack[], b: readonly PlayableTrack[]): boolean =>
  a.length === b.length && a.every(({ codec, track }, at) => isSame(codec, track, b[at]!));

const isSame = (codec: string, track: Track, other: PlayableTrack): boolean =>
  codec === other.codec && track.number === other.track.number;

export const sameCodecPrivate = (a: readonly PlayableTrack[], b: readonly PlayableTrack[]): boolean =>
  a.every(({ track }, at) => Buffer.compare(track.codecPrivate, b[at]!.track.codecPrivate) === 0);

/** Length of the fixed part: AVCDecoderConfigurationRecord, HEVCDecoderConfigurationRecord (ISO/IEC 14496-15). */
const MIN_CODEC_PRIVATE_BYTES = { avc: 7, hevc: 23, aac: 2 } as const;
const AVC_PARAMETER_SETS_MASK = 0x1f;

function checkCodecPrivate({ number, codecPrivate }: Track, codec: PlayableTrack["codec"]): void {
  if (codecPrivate.length === 0) throw missingCodecPrivateData(number);
  const isRecord =
    codecPrivate.length >= MIN_CODEC_PRIVATE_BYTES[codec] &&
    (codec !== "avc" || (codecPrivate[0] === 1 && (codecPrivate[5]! & AVC_PARAMETER_SETS_MASK) > 0));
  if (!isRecord)
    throw invalidCodecPrivateData(
      `The codec private data of track ${number} is not valid for ${codec}: ${codecPrivate.length} bytes.`,
    );
}

/** Size of a NAL unit's length field, as in the codec private data. */
const nalLengthBytes = ({ codec, track }: PlayableTrack): number =>
  (track.codecPrivate[codec === "hevc" ? 21 : 4]! & 0x03) + 1;

/**
 * A video frame consists of NAL units, each after its length, that fill it exactly (ISO/IEC 14496-15).
 * @throws AwsError InvalidMediaFrameException
 */
export function checkFrame(playable: PlayableTrack, frame: Uint8Array): void {
  if (frame.length > 0 && (playable.kind === "audio" || isNalUnits(frame, nalLengthBytes(playable)))) return;
  throw invalidMediaFrame(
    `A frame of ${frame.length} bytes in track ${playable.track.number} could not be parsed as ${playable.codec}.`,
  );
}

function isNalUnits(frame: Uint8Array, lengthBytes: number): boolean {
  let at = 0;
  while (at < frame.length) {
    if (at + lengthBytes > frame.length) return false;
    let length = 0;
    for (let i = 0; i < lengthBytes; i++) length = length * 256 + frame[at + i]!;
    if (length === 0) return false;
    at += lengthBytes + length;
  }
  return at === frame.length;
}
