import {
  BufferSource,
  BufferTarget,
  EncodedAudioPacketSource,
  EncodedPacket,
  EncodedPacketSink,
  EncodedVideoPacketSource,
  Input,
  MkvOutputFormat,
  MP4,
  Mp4OutputFormat,
  NullTarget,
  Output,
  Logging,
  LogLevel,
} from "mediabunny";
import { bufferOf, lengthPrefixed, prefixedUnitsOf, unitsOf, withoutAdtsHeader } from "./bitstream.ts";
import { SourceError } from "./source.ts";

// What it would print about a file is in the errors and the notices.
Logging.level = LogLevel.Silent;

export const VIDEO_TRACK_NUMBER = 1;
export const AUDIO_TRACK_NUMBER = 2;

/** A track that is sent. */
interface Track<Config> {
  readonly sink: EncodedPacketSink;
  /** Always has the description that Matroska calls CodecPrivate. */
  readonly config: Config;
  /** Converts a packet's data to Matroska's format. */
  readonly toMatroska: (data: Uint8Array) => Uint8Array;
}

export interface VideoTrack extends Track<VideoDecoderConfig> {
  readonly codec: "avc" | "hevc";
  /** The first keyframe; the source's times count from it. */
  readonly first: EncodedPacket;
  /** The units of a packet's data, as stored in the file. */
  readonly units: (data: Uint8Array) => Iterable<Uint8Array>;
  /** Degrees by which a player turns the picture clockwise. */
  readonly rotation: number;
}

export type AudioTrack = Track<AudioDecoderConfig>;

const same = (data: Uint8Array): Uint8Array => data;

/** @throws SourceError when there is no H.264 or H.265 video */
export async function findVideo(input: Input): Promise<VideoTrack> {
  const video = await input.getPrimaryVideoTrack();
  const codec = await video?.getCodec();
  if (!video || (codec !== "avc" && codec !== "hevc"))
    throw unsuitable(
      `its video is ${video ? (codec ?? "of an unknown codec") : "missing"}; expected H.264 (avc) or H.265 (hevc)`,
    );
  const sink = new EncodedPacketSink(video);
  const first = await sink.getFirstKeyPacket();
  if (!first) throw unsuitable("it has no keyframe");
  const config = await video.getDecoderConfig();
  if (!config) throw unsuitable("its video lacks a decoder configuration");
  const rotation = await video.getRotation();
  const track = { codec, sink, first, rotation } as const;
  if (config.description) {
    const lengthBytes = unitLengthBytes(codec, config.description);
    const units = (data: Uint8Array) => prefixedUnitsOf(data, lengthBytes);
    return { ...track, config, units, toMatroska: same };
  }
  const description = await describeAnnexB(codec, config, first);
  return { ...track, config: { ...config, description }, units: unitsOf, toMatroska: lengthPrefixed };
}

/** The input's AAC track, or the reason why its audio is left out; neither when it has no audio. */
export async function findAudio(input: Input): Promise<{ audio?: AudioTrack; notice?: string }> {
  const track = await input.getPrimaryAudioTrack();
  if (!track) return {};
  const codec = await track.getCodec();
  if (codec !== "aac") return { notice: `it is ${codec ?? "of an unknown codec"}; only AAC is sent` };
  const config = await track.getDecoderConfig();
  if (!config) return { notice: "it lacks a decoder configuration" };
  const sink = new EncodedPacketSink(track);
  const toMatroska = config.description ? same : withoutAdtsHeader;
  return { audio: { sink, config, toMatroska } };
}

/** The size of a unit's length, in the decoder configuration record (ISO/IEC 14496-15). */
function unitLengthBytes(codec: "avc" | "hevc", description: ArrayBufferLike | ArrayBufferView): number {
  const byte = bufferOf(description)[codec === "avc" ? 4 : 21] ?? 3;
  return (byte & 3) + 1;
}

/** Creates the decoder configuration record, as in MP4, of video with its parameter sets in the frames. */
export async function describeAnnexB(
  codec: "avc" | "hevc",
  decoderConfig: VideoDecoderConfig,
  first: EncodedPacket,
): Promise<NonNullable<VideoDecoderConfig["description"]>> {
  const output = new Output({ format: new Mp4OutputFormat(), target: new BufferTarget() });
  const source = new EncodedVideoPacketSource(codec);
  output.addVideoTrack(source);
  await output.start();
  await source.add(first.clone({ timestamp: 0 }), { decoderConfig });
  await output.finalize();
  using written = new Input({ source: new BufferSource(output.target.buffer!), formats: [MP4] });
  const described = await (await written.getPrimaryVideoTrack())?.getDecoderConfig();
  if (!described?.description) throw unsuitable("its first keyframe comes without parameter sets");
  return described.description;
}

/** The EBML header, the Segment's start, Info and Tracks, as mediabunny writes them before the first packets. */
export async function matroskaHeader(video: VideoTrack, audio: AudioTrack | undefined): Promise<Uint8Array> {
  const header: Uint8Array[] = [];
  const output = new Output({
    format: new MkvOutputFormat({
      appendOnly: true,
      onEbmlHeader: (bytes) => header.push(bytes),
      onSegmentHeader: (bytes) => header.push(bytes),
    }),
    target: new NullTarget(),
  });
  const videoOut = new EncodedVideoPacketSource(video.codec);
  output.addVideoTrack(videoOut);
  const audioOut = audio && new EncodedAudioPacketSource("aac");
  if (audioOut) output.addAudioTrack(audioOut);
  await output.start();
  const empty = new EncodedPacket(new Uint8Array(1), "key", 0, 0);
  await videoOut.add(empty, { decoderConfig: video.config });
  if (audio && audioOut) {
    // AAC with its configuration in the frames is described by its first packet.
    const packet = audio.config.description ? empty : await audio.sink.getFirstPacket();
    if (!packet) throw unsuitable("its audio track is empty");
    await audioOut.add(packet.clone({ timestamp: 0 }), { decoderConfig: audio.config });
  }
  await output.finalize();
  return Buffer.concat(header);
}

function unsuitable(message: string): SourceError {
  return new SourceError("UNSUITABLE", message);
}
