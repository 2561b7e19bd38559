import type { EncodedPacket, InputVideoTrack, VideoSample } from "mediabunny";

declare global {
  /** Standard WebCodecs, missing from the types that mediabunny brings. */
  interface VideoFrameCopyToOptions {
    format?: "RGBA";
  }
}

/** A decoded frame. */
export interface Picture {
  readonly rgba: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** When it begins on the file's own timeline. */
  readonly atMs: number;
}

/** Largest picture that is decoded: 4K. */
const MAX_FRAME_PIXELS = 4096 * 2304;
/** Times in a file are rounded: a frame may begin this much after the moment that names it. */
const ROUNDING_S = 0.0005;

/**
 * The frames shown at the given moments of a Matroska file's timeline, in ms and ascending: each the last that begins
 * at or before its moment, or the first of all. Frames are decoded once, in order, and no further than is needed.
 * Undefined stands for a frame that is missing after decoding.
 * @throws Error when the file has no H.264 or H.265 video, or it cannot be decoded
 */
export async function* picturesAt(
  file: Uint8Array,
  momentsMs: readonly number[],
): AsyncGenerator<Picture | undefined> {
  // Loaded at the first frame: the codecs are large.
  const [{ BufferSource, Input, Logging, LogLevel, MATROSKA }, { decode, isDecoded, microseconds }] =
    await Promise.all([import("mediabunny"), import("./decoder.ts")]);
  // It prints what is wrong with a damaged file as well as failing over it, which the caller tells.
  Logging.level = LogLevel.Silent;
  using input = new Input({ source: new BufferSource(file), formats: [MATROSKA] });
  const track = await input.getPrimaryVideoTrack();
  if (!track) throw new Error("there is no video track");
  const pixels = (await track.getCodedWidth()) * (await track.getCodedHeight());
  if (pixels > MAX_FRAME_PIXELS)
    throw new Error(`the frames have ${pixels} pixels; at most ${MAX_FRAME_PIXELS}`);
  const [codec, config] = [await track.getCodec(), await track.getDecoderConfig()];
  if (!isDecoded(codec) || !config) throw new Error(`there is no decoder for ${codec ?? "the video"}`);

  const { packets, timestamps } = await packetsFor(track, momentsMs);
  const wanted = timestamps.map(microseconds);
  let next = 0;
  for await (using sample of decode(codec, config, packets)) {
    const shownAt = microseconds(sample.timestamp);
    for (; next < wanted.length && wanted[next]! < shownAt; next++) yield undefined;
    if (wanted[next] !== shownAt) continue;
    const picture = await toPicture(sample);
    for (; wanted[next] === shownAt; next++) yield picture;
  }
  for (; next < wanted.length; next++) yield undefined;
}

/** The timestamp of each moment's frame, and the packets up to the last one of them, in decode order. */
async function packetsFor(
  track: InputVideoTrack,
  momentsMs: readonly number[],
): Promise<{ packets: EncodedPacket[]; timestamps: number[] }> {
  const { EncodedPacketSink } = await import("mediabunny");
  const all: EncodedPacket[] = [];
  for await (const packet of new EncodedPacketSink(track).packets()) all.push(packet);
  const shown = all.map(({ timestamp }) => timestamp).toSorted((a, b) => a - b);
  const timestamps = momentsMs.map(
    (atMs) => shown.findLast((timestamp) => timestamp <= atMs / 1000 + ROUNDING_S) ?? shown[0]!,
  );
  const needed = new Set(timestamps);
  const end = all.findLastIndex(({ timestamp }) => needed.has(timestamp)) + 1;
  return { packets: all.slice(0, end), timestamps };
}

async function toPicture(sample: VideoSample): Promise<Picture> {
  const rgba = new Uint8Array(sample.allocationSize({ format: "RGBA" }));
  await sample.copyTo(rgba, { format: "RGBA" });
  const { width, height } = sample.visibleRect;
  return { rgba, width, height, atMs: sample.timestamp * 1000 };
}
