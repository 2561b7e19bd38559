import type { EncodedPacket, EncodedPacketSink } from "mediabunny";
import { errorMessage } from "../../base/errors.ts";
import type { ClusterFrame } from "../matroska.ts";
import { seconds, type CutFragment, type PacketFacts } from "./cut-fragments.ts";
import { SourceError, type SourceFragment } from "./source.ts";
import { AUDIO_TRACK_NUMBER, VIDEO_TRACK_NUMBER, type AudioTrack, type VideoTrack } from "./tracks.ts";

/** A packet, with its data in Matroska's format; empty where only the facts were read. */
export interface MediaPacket extends PacketFacts {
  data: Uint8Array;
}

interface ReadOptions {
  /** The time of the keyframe to begin with, from the first video frame. */
  readonly fromMs?: number;
  /** Leaves the data out. */
  readonly factsOnly?: boolean;
}

/**
 * Reads the packets of both tracks: video in decode order, and each audio packet before the first later video packet. Audio
 * before the first or after the last video frame is left out.
 * @throws SourceError CORRUPT for a packet with missing data
 */
export async function* readPackets(
  video: VideoTrack,
  audio: AudioTrack | undefined,
  { fromMs = 0, factsOnly = false }: ReadOptions = {},
): AsyncGenerator<MediaPacket> {
  const originS = video.first.timestamp;
  const options = { metadataOnly: factsOnly };
  const start = fromMs === 0 ? video.first : await video.sink.getKeyPacket(originS + fromMs / 1000 + 1e-6);
  if (!start) throw new SourceError("CORRUPT", `no keyframe at ${fromMs} ms`);
  const firstSound = fromMs === 0 ? undefined : await audio?.sink.getPacket(start.timestamp, options);
  const sounds = audio && packetsFrom(audio.sink, firstSound ?? undefined, factsOnly);
  try {
    const nextSound = async (): Promise<MediaPacket | undefined> => {
      const next = await sounds?.next();
      if (!next?.value) return undefined;
      return toMediaPacket("audio", next.value, originS, audio!.toMatroska, factsOnly);
    };
    const startMs = (start.timestamp - originS) * 1000;
    let sound = await nextSound();
    while (sound && sound.atMs < startMs) sound = await nextSound();
    let endMs = 0;
    for await (const packet of packetsFrom(video.sink, start, factsOnly)) {
      const picture = toMediaPacket("video", packet, originS, video.toMatroska, factsOnly);
      for (; sound && sound.atMs < picture.atMs; sound = await nextSound()) yield sound;
      endMs = Math.max(endMs, picture.atMs + picture.durationMs);
      yield picture;
    }
    for (; sound && sound.atMs < endMs; sound = await nextSound()) yield sound;
  } finally {
    await sounds?.return(undefined);
  }
}

/** Reads one packet at a time: mediabunny's own iteration reads ahead by as much as a second takes, a lot at full speed. */
async function* packetsFrom(
  sink: EncodedPacketSink,
  first: EncodedPacket | undefined,
  factsOnly: boolean,
): AsyncGenerator<EncodedPacket> {
  const options = { metadataOnly: factsOnly };
  for (
    let packet = first ?? (await sink.getFirstPacket(options));
    packet;
    packet = await sink.getNextPacket(packet, options)
  )
    yield packet;
}

function toMediaPacket(
  track: "video" | "audio",
  { timestamp, duration, type, data, byteLength }: EncodedPacket,
  originS: number,
  toMatroska: (data: Uint8Array) => Uint8Array,
  factsOnly: boolean,
): MediaPacket {
  const atMs = (timestamp - originS) * 1000;
  if (!Number.isFinite(atMs) || (!factsOnly && data.length < byteLength))
    throw new SourceError("CORRUPT", `the ${track} at ${seconds(atMs)} is incomplete`);
  return {
    track,
    atMs,
    durationMs: duration * 1000,
    keyframe: type === "key",
    sizeBytes: byteLength,
    data: factsOnly ? data : toMatroska(data),
  };
}

/** Converts a cut fragment to the form in which it is sent. */
export function toSourceFragment(
  index: number,
  header: Uint8Array,
  { packets, startMs, endMs, sizeBytes }: CutFragment<MediaPacket>,
  free?: () => void,
): SourceFragment {
  const frames: ClusterFrame[] = packets.map(({ track, atMs, keyframe, data }) => ({
    trackNumber: track === "video" ? VIDEO_TRACK_NUMBER : AUDIO_TRACK_NUMBER,
    atMs,
    keyframe,
    data,
  }));
  return { index, header, startMs, endMs, frames, sizeBytes, ...(free && { free }) };
}

/** Adds the source's name to an error of reading; an unknown error counts as damage. */
export function sourceError(name: string, error: unknown): Error {
  if (error instanceof SourceError) return new SourceError(error.code, `${name}: ${error.message}`, error);
  if (error instanceof Error && "syscall" in error) return error;
  const reason = errorMessage(error);
  return new SourceError("CORRUPT", `${name}: it cannot be read further: ${reason}`, error);
}
