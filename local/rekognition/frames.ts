import { playableFile } from "../matroska/index.ts";
import { picturesAt } from "../video/decode.ts";
import type { Frame } from "./detector.ts";
import type { Fragment } from "./fragments.ts";

/** A frame is analysed at most this often: 5 a second. How often AWS looks is not documented. */
export const SAMPLE_INTERVAL_MS = 200;

/**
 * Decodes the frames of a fragment that are due, one at a time. Every sampled frame is a real one: the last that
 * begins at or before its moment.
 * @throws Error when the video cannot be decoded
 */
export async function* sampleFrames(fragment: Fragment): AsyncGenerator<Frame> {
  const { header, cluster, durationMs, producerTimestampMs } = fragment;
  const startMs = (cluster.timecode * header.timecodeScaleNs) / 1e6;
  let lastOffsetMs = -1;
  for await (const picture of picturesAt(playableFile(header, [cluster]), moments(startMs, durationMs))) {
    if (!picture) continue;
    const offsetMs = Math.max(0, Math.round(picture.atMs - startMs));
    if (offsetMs === lastOffsetMs) continue;
    lastOffsetMs = offsetMs;
    const { rgba, width, height } = picture;
    yield { rgba, width, height, offsetMs, producerTimestampMs: producerTimestampMs + offsetMs };
  }
  if (lastOffsetMs < 0) throw new Error(`fragment ${fragment.number} gave no picture`);
}

function moments(startMs: number, durationMs: number): number[] {
  const count = Math.max(1, Math.ceil(durationMs / SAMPLE_INTERVAL_MS));
  return Array.from({ length: count }, (_, index) => startMs + index * SAMPLE_INTERVAL_MS);
}
