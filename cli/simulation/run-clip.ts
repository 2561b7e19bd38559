import type { Clock } from "../../base/clock.ts";
import { errorMessage } from "../../base/errors.ts";
import type { DetectionsListener } from "../../operator/detections-listener.ts";
import type { Fleet } from "../../operator/fleet.ts";
import type { Camera } from "../../schemas/camera.ts";
import type { Video } from "./plan-sessions.ts";
import { uploadClip } from "../../uploader/upload-clip.ts";
import type { ClientConfig } from "../../operator/client-config.ts";
import { shareLabels, type Labels } from "../labels.ts";
import type { Dropped } from "../../uploader/upload/summary.ts";
import { runChain, type ChainSummary } from "./chain.ts";
import type { SimulatedClip } from "./clips.ts";

export interface ClipOptions {
  readonly fleet: Fleet;
  readonly listener: DetectionsListener;
  readonly camera: Camera;
  readonly config: ClientConfig;
  /** `realtime`: sessions run during the upload. `fast`: after it. */
  readonly pace: "fast" | "realtime";
  readonly maxSeconds: number;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly onProgress: (text: string) => void;
}

/** The result of one clip. Times are producer times, epoch milliseconds. */
export interface ClipSummary extends ChainSummary, Partial<Labels> {
  readonly clip: string;
  readonly cameraId: string;
  readonly startMs: number;
  readonly durationMs: number;
  /** How many fragments are safe in the stream. */
  safeFragments: number;
  readonly fragments: number;
  /** What was left out of the clip, and what else is worth knowing. */
  notices?: readonly string[];
  dropped?: readonly Dropped[];
  failure?: string;
}

/** Uploads one clip and sends motion requests for all of it. A failure is part of the summary. */
export async function runClip(
  clip: SimulatedClip,
  startMs: number,
  options: ClipOptions,
): Promise<ClipSummary> {
  const { name, cameraId, durationMs, fragments } = clip;
  const summary: ClipSummary = {
    clip: name,
    cameraId,
    startMs,
    durationMs,
    fragments,
    safeFragments: 0,
    sessions: [],
    detections: [],
  };
  try {
    Object.assign(summary, await shareLabels(clip.file, options.config));
    await stream(clip, summary, options);
    if (summary.safeFragments < fragments) options.signal.throwIfAborted();
  } catch (error) {
    summary.failure = errorMessage(error);
  }
  return summary;
}

async function stream(clip: SimulatedClip, summary: ClipSummary, options: ClipOptions): Promise<void> {
  const { camera, config, pace, clock, onProgress } = options;
  const { startMs, durationMs } = summary;
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
    clock,
    onAck: ({ eventType, fragmentTimecode }) => {
      if (eventType === "BUFFERING" && fragmentTimecode !== undefined)
        fragmentStartsMs.push(fragmentTimecode);
    },
    onSafe: (below) => {
      summary.safeFragments = below;
      firstSafe.resolve();
      onProgress(`${below} of ${clip.fragments} fragments`);
    },
  });
  const uploaded = uploading.then(({ notices, dropped }) => Object.assign(summary, { notices, dropped }));
  const chain = async (): Promise<void> => {
    await (pace === "realtime" ? Promise.race([firstSafe.promise, uploaded]) : uploaded);
    signal.throwIfAborted();
    await runChain(
      video,
      {
        ...options,
        signal,
        onSession: ({ atMs, maxDurationSeconds }) =>
          onProgress(
            `session ${summary.sessions.length + 1}, ${maxDurationSeconds} s from ${(atMs - startMs) / 1000} s`,
          ),
      },
      summary,
    );
  };
  // An error of one ends the other, and both have ended when this returns.
  const both = [uploaded, chain()].map((one) =>
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
