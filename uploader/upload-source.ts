import { systemClock, type Clock } from "../base/clock.ts";
import { systemRandom, type Random } from "../base/random.ts";
import type { VideoSource } from "./sources/source.ts";
import { checkStartMs } from "./start-time.ts";
import type { Pace } from "./upload/pace.ts";
import type { UploadSummary } from "./upload/summary.ts";
import { Upload, type UploadSettings } from "./upload/upload.ts";
import type { VideoStream } from "./video-stream.ts";

export interface UploadOptions extends Pick<
  UploadSettings,
  "onAck" | "onProgress" | "onSafe" | "resumeAt" | "signal"
> {
  readonly stream: VideoStream;
  /** Producer time of the first frame, epoch milliseconds. Default: the recording time in the source, else now. */
  readonly startMs?: number;
  /** Default ABSOLUTE: cluster times are producer times. RELATIVE: they count from the first frame. */
  readonly timecodeType?: "ABSOLUTE" | "RELATIVE";
  /** Default `fast`. */
  readonly pace?: Pace;
  readonly clock?: Clock;
  readonly random?: Random;
}

/**
 * Sends a source to a Kinesis video stream until every fragment is safe: PERSISTED, or RECEIVED where the stream stores
 * nothing. A fragment that was sent but not acknowledged when a connection failed is sent again: delivery is at least
 * once.
 * @throws RangeError for an implausible start, before anything is sent
 * @throws UploadError with the summary of what is safe
 */
export async function uploadSource(source: VideoSource, options: UploadOptions): Promise<UploadSummary> {
  const { clock = systemClock, random = systemRandom, pace = "fast", timecodeType = "ABSOLUTE" } = options;
  const startMs = checkStartMs(options.startMs ?? source.recordedAtMs ?? clock.now());
  return new Upload(source, { ...options, clock, random, pace, timecodeType, startMs }).run();
}
