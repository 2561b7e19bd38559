import type { EncodedPacket, EncodedPacketSink } from "mediabunny";
import { errorMessage } from "../../base/errors.ts";
import type { ClusterFrame } from "../matroska.ts";
import type { CutFragment, PacketFacts } from "./cut-fragments.ts";
import { SourceError, type SourceFragment } from "./source.ts";
import { AUDIO_TRACK_NUMBER, VIDEO_TRACK_NUMBER, type AudioTrack, type VideoTrack } from "./tracks.ts";

/** A packet as it is cut into fragments, its data as Matroska holds it; empty where only the facts were read. */
export interface MediaPacket extends PacketFacts {
  data: Uint8Array;
}

export interface ReadOptions {
  /** Where to begin, from the first video frame; a keyframe's time. */
  readonly fromMs?: number;
  /** Leaves the data out. */
  readonly factsOnly?: boolean;
}

/**
 * The packets of both tracks, each sound before the first picture that comes later; the pictures keep their decode
 * order. Sounds before the first picture or behind the last are left out.
 * @throws SourceError CORRUPT for a packet whose data isn't all there
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

/** One packet at a time: mediabunny's own iteration reads ahead what a second takes, which is a lot at full speed. */
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
    throw new SourceError("CORRUPT", `the ${track} at ${(atMs / 1000).toFixed(1)} s is not all there`);
  return {
    track,
    atMs,
    durationMs: duration * 1000,
    keyframe: type === "key",
    sizeBytes: byteLength,
    data: factsOnly ? data : toMatroska(data),
  };
}

/** A cut fragment as it is sent. */
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

/** An error of reading, told with the source's name: what is not ours to explain is damage. */
export function sourceError(name: string, error: unknown): Error {
  if (error instanceof SourceError) return new SourceError(error.code, `${name}: ${error.message}`, error);
  if (error instanceof Error && "syscall" in error) return error;
  const reason = errorMessage(error);
  return new SourceError("CORRUPT", `${name}: it cannot be read on: ${reason}`, error);
}
