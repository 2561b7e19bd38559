import { systemRandom } from "../base/random.ts";
import { systemClock, type Clock } from "../base/clock.ts";
import type { Pace } from "./session/pace.ts";
import type { UploadReport } from "./session/report.ts";
import { Session, type SessionOptions } from "./session/session.ts";
import type { VideoSource } from "./sources/source.ts";
import { checkStartMs } from "./start-time.ts";
import type { VideoStream } from "./video-stream.ts";

export interface UploadOptions extends Pick<
  SessionOptions,
  "onAck" | "onProgress" | "onSafe" | "resumeAt" | "signal"
> {
  readonly stream: VideoStream;
  /** Producer time of the first frame in epoch milliseconds; default: when it was recorded, as the source says, else now. */
  readonly startMs?: number;
  /** Default ABSOLUTE: cluster times are producer times. RELATIVE: they count from the first frame. */
  readonly timecodeType?: "ABSOLUTE" | "RELATIVE";
  /** Default `fast`. */
  readonly pace?: Pace;
  readonly clock?: Clock;
  readonly random?: () => number;
}

/**
 * Sends a source to a Kinesis video stream until every fragment is safe: PERSISTED, or RECEIVED where the stream stores
 * nothing. A fragment that was sent when a connection failed, but not acknowledged, is sent again: delivery is at least
 * once.
 * @throws RangeError for an implausible start, before anything is sent
 * @throws UploadError with the report of what is safe
 */
export async function upload(source: VideoSource, options: UploadOptions): Promise<UploadReport> {
  const { clock = systemClock, random = systemRandom, pace = "fast", timecodeType = "ABSOLUTE" } = options;
  const startMs = checkStartMs(options.startMs ?? source.recordedAtMs ?? clock.now());
  return new Session(source, { ...options, clock, random, pace, timecodeType, startMs }).run();
}
