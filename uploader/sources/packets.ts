import type { EncodedPacket, EncodedPacketSink } from "mediabunny";
import { errorMessage } from "../../base/errors.ts";
import type { ClusterFrame } from "../matroska.ts";
import { FRAGMENT_LIMITS, type CutFragment, type PacketFacts } from "./cut-fragments.ts";
import type { Format, Formats } from "./formats.ts";
import type { FrameClock } from "./frame-clock.ts";
import { seconds } from "./losses.ts";
import { SourceError, type SourceFragment } from "./source.ts";
import { AUDIO_TRACK_NUMBER, VIDEO_TRACK_NUMBER, type AudioTrack, type VideoTrack } from "./tracks.ts";

/** A packet, with its data in Matroska's format; empty where only the facts were read. */
export interface MediaPacket extends PacketFacts {
  data: Uint8Array;
  readonly format?: Format | undefined;
}

/** The tracks of one file, or of one of the files that stand in it one behind the other. */
export interface Tracks {
  readonly video: VideoTrack;
  readonly audio: AudioTrack | undefined;
  readonly formats: Formats;
}

interface ReadOptions {
  /** The time in the file, in seconds, that becomes 0. */
  readonly originS: number;
  readonly clock: FrameClock<MediaPacket>;
  /** The time of the keyframe to begin with. Default: the first packet. */
  readonly fromMs?: number;
  /** Leaves the data out. */
  readonly factsOnly?: boolean;
}

/**
 * Reads the packets of both tracks, their times settled by the clock: video in decode order, and each audio packet before
 * the first later video packet. Audio before the first or after the last video frame is left out.
 * @throws SourceError CORRUPT for a packet with missing data
 */
export async function* readPackets(
  { video, audio, formats }: Tracks,
  { originS, clock, fromMs, factsOnly = false }: ReadOptions,
): AsyncGenerator<MediaPacket> {
  const start =
    fromMs === undefined ? undefined : await video.sink.getKeyPacket(originS + fromMs / 1000 + 1e-6);
  if (start === null) throw new SourceError("CORRUPT", `no keyframe at ${fromMs} ms`);
  const firstSound = start && (await audio?.sink.getPacket(start.timestamp, { metadataOnly: factsOnly }));
  const sounds = new Sounds(audio && packetsFrom(audio.sink, firstSound ?? undefined, factsOnly), (packet) =>
    toMediaPacket("audio", packet, originS, audio!.toMatroska, factsOnly),
  );
  try {
    let endMs = 0;
    let beginMs: number | undefined;
    async function* withSounds(pictures: readonly MediaPacket[]): AsyncGenerator<MediaPacket> {
      for (const picture of pictures) {
        beginMs ??= picture.atMs;
        yield* sounds.before(picture.atMs, beginMs, clock);
        endMs = Math.max(endMs, picture.atMs + picture.durationMs);
        yield picture;
      }
    }
    for await (const packet of packetsFrom(video.sink, start, factsOnly, true)) {
      const read = toMediaPacket("video", packet, originS, video.toMatroska, factsOnly);
      const format = read.keyframe ? await formats.of(packet.data) : undefined;
      yield* withSounds(clock.video(format ? { ...read, format } : read));
    }
    yield* withSounds(clock.end());
    yield* sounds.before(endMs, beginMs ?? 0, clock);
  } finally {
    await sounds.close();
  }
}

/** The audio of a file, read as far as the video has come. */
class Sounds {
  readonly #packets: AsyncGenerator<EncodedPacket> | undefined;
  readonly #convert: (packet: EncodedPacket) => MediaPacket;
  #next: MediaPacket | undefined;
  #afterNext: MediaPacket | undefined;

  constructor(
    packets: AsyncGenerator<EncodedPacket> | undefined,
    convert: (packet: EncodedPacket) => MediaPacket,
  ) {
    this.#packets = packets;
    this.#convert = convert;
  }

  /** The audio before that time of the video, and not before its first frame. */
  async *before(
    videoMs: number,
    beginMs: number,
    clock: FrameClock<MediaPacket>,
  ): AsyncGenerator<MediaPacket> {
    for (;;) {
      this.#next ??= await this.#read();
      const next = this.#next;
      if (!next) return;
      const atMs = clock.soundMs(next, videoMs);
      if (atMs >= videoMs) {
        if (!(await this.#isAlone(atMs, videoMs, clock))) return;
        clock.dropSound(atMs);
      } else if (atMs >= beginMs) {
        const settled = clock.sound(next, atMs);
        if (settled) yield settled;
      }
      this.#next = this.#afterNext;
      this.#afterNext = undefined;
    }
  }

  async close(): Promise<void> {
    await this.#packets?.return(undefined);
  }

  /** Whether this packet alone is far ahead of the video, while the next one is not. */
  async #isAlone(atMs: number, videoMs: number, clock: FrameClock<MediaPacket>): Promise<boolean> {
    if (atMs - videoMs <= FRAGMENT_LIMITS.maxMs) return false;
    this.#afterNext ??= await this.#read();
    const after = this.#afterNext;
    return after !== undefined && clock.soundMs(after, videoMs) - videoMs <= FRAGMENT_LIMITS.maxMs;
  }

  async #read(): Promise<MediaPacket | undefined> {
    const next = await this.#packets?.next();
    return next?.value ? this.#convert(next.value) : undefined;
  }
}

/**
 * Reads one packet at a time: mediabunny's own iteration reads ahead by as much as a second takes, a lot at full speed.
 * @param withKeyframes whether keyframes come with their data even where only facts are read
 */
async function* packetsFrom(
  sink: EncodedPacketSink,
  first: EncodedPacket | undefined,
  factsOnly: boolean,
  withKeyframes = false,
): AsyncGenerator<EncodedPacket> {
  const options = { metadataOnly: factsOnly };
  let before: EncodedPacket | undefined;
  for (
    let packet = first ?? (await sink.getFirstPacket(options));
    packet;
    before = packet, packet = await sink.getNextPacket(packet, options)
  ) {
    if (!packet.isMetadataOnly || !withKeyframes || packet.type !== "key") yield packet;
    else yield (await (before ? sink.getNextPacket(before) : sink.getFirstPacket())) ?? packet;
  }
}

function toMediaPacket(
  track: "video" | "audio",
  { timestamp, duration, type, data, byteLength, isMetadataOnly }: EncodedPacket,
  originS: number,
  toMatroska: (data: Uint8Array) => Uint8Array,
  factsOnly: boolean,
): MediaPacket {
  const atMs = (timestamp - originS) * 1000;
  if (!Number.isFinite(atMs) || (!isMetadataOnly && data.length < byteLength))
    throw new SourceError("CORRUPT", `the ${track} at ${seconds(atMs)} is incomplete`);
  return {
    track,
    atMs,
    durationMs: duration * 1000,
    keyframe: type === "key",
    sizeBytes: byteLength,
    data: factsOnly ? NO_DATA : toMatroska(data),
  };
}

const NO_DATA = new Uint8Array();

/** Converts a cut fragment to the form in which it is sent, in whole milliseconds. */
export function toSourceFragment(
  index: number,
  header: Uint8Array,
  { packets, startMs, endMs, sizeBytes }: CutFragment<MediaPacket>,
  free?: () => void,
): SourceFragment {
  const frames: ClusterFrame[] = packets.map(({ track, atMs, keyframe, data }) => ({
    trackNumber: track === "video" ? VIDEO_TRACK_NUMBER : AUDIO_TRACK_NUMBER,
    atMs: Math.round(atMs),
    keyframe,
    data,
  }));
  return { index, header, startMs: Math.round(startMs), endMs, frames, sizeBytes, ...(free && { free }) };
}

/** Adds the source's name to an error of reading; an unknown error counts as damage. */
export function sourceError(name: string, error: unknown): Error {
  if (error instanceof SourceError) return new SourceError(error.code, `${name}: ${error.message}`, error);
  if (error instanceof Error && "syscall" in error) return error;
  const reason = errorMessage(error);
  return new SourceError("CORRUPT", `${name}: it cannot be read further: ${reason}`, error);
}
