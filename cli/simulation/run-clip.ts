import { errorMessage } from "../../base/errors.ts";
import type { DetectionsListener } from "../../operator/detections-listener.ts";
import type { Fleet } from "../../operator/fleet.ts";
import type { Camera } from "../../schemas/camera.ts";
import type { Video } from "./plan-sessions.ts";
import { uploadClip } from "../../uploader/upload-clip.ts";
import type { ClientConfig } from "../cloud.ts";
import { runChain, type ChainReport } from "./chain.ts";
import type { SimulatedClip } from "./clips.ts";

export interface ClipOptions {
  readonly fleet: Fleet;
  readonly listener: DetectionsListener;
  readonly camera: Camera;
  readonly config: ClientConfig;
  /** `realtime`: the sessions run while the video comes. `fast`: behind it. */
  readonly pace: "fast" | "realtime";
  readonly maxSeconds: number;
  readonly signal: AbortSignal;
  readonly onProgress: (text: string) => void;
}

/** What came of one clip. Times are producer times, epoch milliseconds. */
export interface ClipReport extends ChainReport {
  readonly clip: string;
  readonly cameraId: string;
  readonly startMs: number;
  readonly durationMs: number;
  /** Of those, how many the stream has safely. */
  safeFragments: number;
  readonly fragments: number;
  failure?: string;
}

/** Streams one clip and has its camera report motion over all of it. A failure is told in the report. */
export async function runClip(
  clip: SimulatedClip,
  startMs: number,
  options: ClipOptions,
): Promise<ClipReport> {
  const { name, cameraId, durationMs, fragments } = clip;
  const report: ClipReport = {
    clip: name,
    cameraId,
    startMs,
    durationMs,
    fragments,
    safeFragments: 0,
    sessions: [],
    sightings: [],
  };
  try {
    await stream(clip, report, options);
    if (report.safeFragments < fragments) options.signal.throwIfAborted();
  } catch (error) {
    report.failure = errorMessage(error);
  }
  return report;
}

async function stream(clip: SimulatedClip, report: ClipReport, options: ClipOptions): Promise<void> {
  const { camera, config, pace, onProgress } = options;
  const { startMs, durationMs } = report;
  const fragmentStartsMs: number[] = [];
  const video: Video = { startMs, endMs: Math.floor(startMs + durationMs), fragmentStartsMs };
  const failure = new AbortController();
  const signal = AbortSignal.any([options.signal, failure.signal]);
  const firstSafe = Promise.withResolvers<void>();
  const uploading = uploadClip({
    ...config,
    file: clip.file,
    streamName: camera.streamName,
    startMs,
    pace,
    signal,
    onAck: ({ eventType, fragmentTimecode }) => {
      if (eventType === "BUFFERING" && fragmentTimecode !== undefined)
        fragmentStartsMs.push(fragmentTimecode);
    },
    onSafe: (below) => {
      report.safeFragments = below;
      firstSafe.resolve();
      onProgress(`${below} of ${clip.fragments} fragments`);
    },
  });
  const chain = async (): Promise<void> => {
    await (pace === "realtime" ? Promise.race([firstSafe.promise, uploading]) : uploading);
    signal.throwIfAborted();
    await runChain(
      video,
      {
        ...options,
        signal,
        onSession: ({ atMs, maxDurationSeconds }) =>
          onProgress(
            `session ${report.sessions.length + 1}, ${maxDurationSeconds} s from ${(atMs - startMs) / 1000} s on`,
          ),
      },
      report,
    );
  };
  // Neither goes on without the other, and both have ended when this has.
  const both = [uploading, chain()].map((one) =>
    one.then(
      () => {},
      (error: unknown) => {
        if (!failure.signal.aborted) failure.abort(error);
      },
    ),
  );
  await Promise.all(both);
  if (failure.signal.aborted) throw failure.signal.reason;
}
