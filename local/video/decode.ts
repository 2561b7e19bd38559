import type { EncodedPacket, InputVideoTrack, VideoSample } from "mediabunny";
import { checkSegment } from "../matroska/index.ts";

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
  /** Its start on the file's timeline. */
  readonly atMs: number;
}

/** Largest picture that can be decoded: 4K. */
const MAX_FRAME_PIXELS = 4096 * 2304;
/** Times in a file are rounded: a frame may start this much after its time. */
const ROUNDING_S = 0.0005;

/**
 * The frames shown at these times, ascending, of a Matroska file's timeline: each the last frame that starts at or before
 * its time, else the first frame of the file; undefined for a frame that is missing after decoding. Frames are decoded
 * once, in order, up to the last one that is shown.
 * @throws MatroskaError when the file is damaged between its clusters; Error when it has no H.264 or H.265 video, or that
 *   cannot be decoded
 */
export async function* picturesAt(
  file: Uint8Array,
  timesMs: readonly number[],
): AsyncGenerator<Picture | undefined> {
  checkSegment(file);
  // Loaded at the first frame: the codecs are large.
  const [{ BufferSource, Input, Logging, LogLevel, MATROSKA }, { decode, isDecoded, microseconds }] =
    await Promise.all([import("mediabunny"), import("./decoder.ts")]);
  // It logs what is wrong with a damaged file in addition to the error, which the caller reports.
  Logging.level = LogLevel.Silent;
  using input = new Input({ source: new BufferSource(file), formats: [MATROSKA] });
  const track = await input.getPrimaryVideoTrack();
  if (!track) throw new Error("there is no video track");
  const pixels = (await track.getCodedWidth()) * (await track.getCodedHeight());
  if (pixels > MAX_FRAME_PIXELS)
    throw new Error(`the frames have ${pixels} pixels; at most ${MAX_FRAME_PIXELS}`);
  const [codec, config] = [await track.getCodec(), await track.getDecoderConfig()];
  if (!isDecoded(codec) || !config) throw new Error(`there is no decoder for ${codec ?? "the video"}`);

  const { packets, timestamps } = await packetsFor(track, timesMs);
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

/** The timestamp of the frame at each time, and the packets up to the last one of them, in decode order. */
async function packetsFor(
  track: InputVideoTrack,
  timesMs: readonly number[],
): Promise<{ packets: EncodedPacket[]; timestamps: number[] }> {
  const { EncodedPacketSink } = await import("mediabunny");
  const all: EncodedPacket[] = [];
  for await (const packet of new EncodedPacketSink(track).packets()) all.push(packet);
  const shown = all.map(({ timestamp }) => timestamp).toSorted((a, b) => a - b);
  const timestamps = timesMs.map(
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
