import { systemClock, type Clock } from "../base/clock.ts";
import { systemRandom, type Random } from "../base/random.ts";
import type { VideoSource } from "./sources/source.ts";
import { sourceError } from "./sources/packets.ts";
import { chooseStart, type StartFrom, type StartOptions } from "./start-time.ts";
import type { Pace } from "./upload/pace.ts";
import type { UploadSummary } from "./upload/summary.ts";
import { Upload, type UploadSettings } from "./upload/upload.ts";
import type { VideoStream } from "./video-stream.ts";

export interface UploadOptions
  extends StartOptions, Pick<UploadSettings, "onAck" | "onProgress" | "onSafe" | "resumeAt" | "signal"> {
  readonly stream: VideoStream;
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
 * @throws RangeError or SourceError for an implausible start, before anything is sent
 * @throws UploadError with the summary of what is safe
 */
export async function uploadSource(source: VideoSource, options: UploadOptions): Promise<UploadSummary> {
  const { clock = systemClock, random = systemRandom, pace = "fast", timecodeType = "ABSOLUTE" } = options;
  const start = startOf(source, options, clock);
  return new Upload(source, { ...options, clock, random, pace, timecodeType, ...start }).run();
}

/** Chooses the time of the source's first frame. @throws SourceError or RangeError, as `chooseStart` does */
export function startOf(
  source: VideoSource,
  options: StartOptions & { readonly pace?: Pace },
  clock: Clock,
): { startMs: number; startFrom: StartFrom } {
  const { name, recordedAtMs, plan } = source;
  const moment = { nowMs: clock.now(), isRealtime: options.pace === "realtime" };
  try {
    return chooseStart({ recordedAtMs, durationMs: plan?.durationMs }, options, moment);
  } catch (error) {
    throw error instanceof RangeError ? error : sourceError(name, error);
  }
}
