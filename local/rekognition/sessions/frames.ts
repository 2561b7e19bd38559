import { playableFile, timecodeMs } from "../../matroska/index.ts";
import { picturesAt } from "../../video/decode.ts";
import type { Frame } from "../detection/detector.ts";
import type { Fragment } from "./fragments.ts";

/** Interval of the frames in which labels are detected: 5 per second. AWS's rate is not documented. */
const SAMPLE_INTERVAL_MS = 200;

/**
 * Decodes the sampled frames of a fragment, one at a time: at each multiple of the interval the last frame that starts at
 * or before it.
 * @throws Error when the video cannot be decoded
 */
export async function* sampleFrames(
  fragment: Fragment,
  intervalMs = SAMPLE_INTERVAL_MS,
): AsyncGenerator<Frame> {
  const { header, cluster, durationMs, producerTimestampMs } = fragment;
  const startMs = timecodeMs(cluster.timecode, header.timecodeScaleNs);
  let lastOffsetMs = -1;
  for await (const picture of picturesAt(
    playableFile(header, [cluster]),
    sampleTimes(startMs, durationMs, intervalMs),
  )) {
    if (!picture) continue;
    const offsetMs = Math.max(0, Math.round(picture.atMs - startMs));
    if (offsetMs === lastOffsetMs) continue;
    lastOffsetMs = offsetMs;
    const { rgba, width, height } = picture;
    yield { rgba, width, height, offsetMs, producerTimestampMs: producerTimestampMs + offsetMs };
  }
  if (lastOffsetMs < 0) throw new Error(`fragment ${fragment.number} has no frame that could be decoded`);
}

function sampleTimes(startMs: number, durationMs: number, intervalMs: number): number[] {
  const count = Math.max(1, Math.ceil(durationMs / intervalMs));
  return Array.from({ length: count }, (_, index) => startMs + index * intervalMs);
}
