import { playableFile } from "../matroska/index.ts";
import type { Frame } from "./detector.ts";
import type { Fragment } from "./fragments.ts";

declare global {
  /** Standard WebCodecs, missing from the types that mediabunny brings. */
  interface VideoFrameCopyToOptions {
    format?: "RGBA";
  }
}

/** A frame is analysed at most this often: 5 a second. How often AWS looks is not documented. */
export const SAMPLE_INTERVAL_MS = 200;
/** Largest picture that is decoded: 4K. */
const MAX_FRAME_PIXELS = 4096 * 2304;

/**
 * Decodes the frames of a fragment that are due, one at a time. Every sampled frame is a real one: the last that
 * begins at or before its moment.
 * @throws Error when the video cannot be decoded
 */
export async function* sampleFrames(fragment: Fragment): AsyncGenerator<Frame> {
  const { BufferSource, Input, MATROSKA, VideoSampleSink } = await decoder();
  const { header, cluster, durationMs, producerTimestampMs } = fragment;
  using input = new Input({ source: new BufferSource(playableFile(header, [cluster])), formats: [MATROSKA] });
  const track = await input.getPrimaryVideoTrack();
  if (!track) throw new Error(`fragment ${fragment.number} has no video`);
  const pixels = (await track.getCodedWidth()) * (await track.getCodedHeight());
  if (pixels > MAX_FRAME_PIXELS)
    throw new Error(
      `fragment ${fragment.number} has frames of ${pixels} pixels; at most ${MAX_FRAME_PIXELS}`,
    );
  const startMs = (cluster.timecode * header.timecodeScaleNs) / 1e6;
  let lastOffsetMs = -1;
  for await (using sample of new VideoSampleSink(track).samplesAtTimestamps(moments(startMs, durationMs))) {
    if (!sample) continue;
    const offsetMs = Math.max(0, Math.round(sample.timestamp * 1000 - startMs));
    if (offsetMs === lastOffsetMs) continue;
    lastOffsetMs = offsetMs;
    const rgba = new Uint8Array(sample.allocationSize({ format: "RGBA" }));
    await sample.copyTo(rgba, { format: "RGBA" });
    const { width, height } = sample.visibleRect;
    yield { rgba, width, height, offsetMs, producerTimestampMs: producerTimestampMs + offsetMs };
  }
  if (lastOffsetMs < 0) throw new Error(`fragment ${fragment.number} gave no picture`);
}

/** In seconds; half a millisecond late, so that rounded frame times are not missed. */
function moments(startMs: number, durationMs: number): number[] {
  const count = Math.max(1, Math.ceil(durationMs / SAMPLE_INTERVAL_MS));
  return Array.from({ length: count }, (_, index) => (startMs + index * SAMPLE_INTERVAL_MS + 0.5) / 1000);
}

let loading: Promise<typeof import("mediabunny")> | undefined;

/** Loaded at the first frame: the codecs are large. */
function decoder(): Promise<typeof import("mediabunny")> {
  return (loading ??= (async () => {
    const [mediabunny, server, { AV_LOG_QUIET, Log }] = await Promise.all([
      import("mediabunny"),
      import("@mediabunny/server"),
      import("node-av"),
    ]);
    // Decoding in software gives the same pixels everywhere and does not probe for graphics cards.
    server.registerMediabunnyServer({ hardwareContext: null });
    Log.setLevel(AV_LOG_QUIET);
    return mediabunny;
  })());
}
