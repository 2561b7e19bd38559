import { systemClock, sleep } from "../../base/clock.ts";
import { forEachConcurrently } from "../../base/concurrency.ts";
import { errorMessage } from "../../base/errors.ts";
import { DetectionsListener } from "../../operator/detections-listener.ts";
import { Fleet, type Made } from "../../operator/fleet.ts";
import { Footage } from "../../operator/footage.ts";
import { endMsOf } from "../../analysis/coverage.ts";
import { MAX_FRAGMENT_MS } from "../../analysis/clip-plan.ts";
import { MAX_MOTION_AGE_MS } from "../../core/sessions/reduce.ts";
import { PAUSE_MS, startsBefore } from "./plan-sessions.ts";
import type { Camera } from "../../schemas/camera.ts";
import type { SimulatedClip } from "./clips.ts";
import { runClip, type ClipOptions, type ClipReport } from "./run-clip.ts";

export interface SimulationOptions extends Pick<ClipOptions, "config" | "pace" | "maxSeconds" | "signal"> {
  readonly stack: string;
  /** Clips at a time, each of another camera. */
  readonly parallel: number;
  /** Whether what was made is removed at the end, whatever happened. */
  readonly clean: boolean;
  readonly onProgress: (clip: string, text: string) => void;
  readonly onClip: (report: ClipReport) => void;
}

export interface Simulation {
  /** In the order in which they ended. */
  readonly clips: readonly ClipReport[];
  /** What was made of cameras and is still there. */
  readonly left: readonly Made[];
  /** How many cameras were removed again. */
  readonly removed: number;
  /** What went wrong beside the clips: a camera that could not be made, or removed. */
  readonly problems: readonly string[];
}

/** Streams every clip through its camera, several at a time, and removes again what it made for it. Never throws. */
export async function simulateClips(
  clips: readonly SimulatedClip[],
  options: SimulationOptions,
): Promise<Simulation> {
  const reports: ClipReport[] = [];
  const made: Made[] = [];
  const problems: string[] = [];
  let fleet: Fleet | undefined;
  let listener: DetectionsListener | undefined;
  const attempt = async (step: () => Promise<void>): Promise<void> => {
    await step().catch((error: unknown) => problems.push(errorMessage(error)));
  };
  await attempt(async () => {
    fleet = await Fleet.open(options.stack, options.config);
    listener = await DetectionsListener.subscribe(fleet.outputs.DetectionsTopicArn, options.config);
    const cameras = Map.groupBy(clips, ({ cameraId }) => cameraId);
    const shown = { fleet, listener, options, made, reports };
    await forEachConcurrently([...cameras], { limit: options.parallel }, ([cameraId, itsClips]) =>
      attempt(() => showAll(cameraId, itsClips, shown)),
    );
  });
  await attempt(async () => listener?.close());
  let removed = 0;
  if (options.clean)
    await forEachConcurrently(made.filter(isThere), { limit: options.parallel }, (one) =>
      attempt(async () => {
        await fleet!.remove(one);
        removed++;
      }),
    );
  return { clips: reports, left: made.filter(isThere), removed, problems };
}

const isThere = ({ streamName, processorName, hasRecord }: Made): boolean =>
  streamName !== undefined || processorName !== undefined || hasRecord === true;

interface Shown {
  readonly fleet: Fleet;
  readonly listener: DetectionsListener;
  readonly options: SimulationOptions;
  readonly made: Made[];
  readonly reports: ClipReport[];
}

/** Shows a camera's clips one after another. @throws Error when the camera cannot be made */
async function showAll(
  cameraId: string,
  clips: readonly SimulatedClip[],
  { fleet, listener, options, made, reports }: Shown,
): Promise<void> {
  const { signal, pace, onProgress } = options;
  signal.throwIfAborted();
  const mine: Made = { cameraId };
  made.push(mine);
  onProgress(cameraId, "the camera is made");
  const { camera } = await fleet.add({ cameraId }, { made: mine });
  const durationsMs = pace === "fast" ? clips.map(({ durationMs }) => durationMs) : [];
  await untilFree(camera, durationsMs, options);
  const starts = startsBefore(systemClock.now(), durationsMs);
  for (const [index, clip] of clips.entries()) {
    if (signal.aborted) return;
    const report = await runClip(clip, starts[index] ?? systemClock.now(), {
      ...options,
      fleet,
      listener,
      camera,
      onProgress: (text) => onProgress(clip.name, text),
    });
    reports.push(report);
    options.onClip(report);
  }
}

/**
 * Waits until clips that end now begin behind the camera's last footage: two videos of one time cannot be told apart.
 * @throws Error for more video than a day
 */
async function untilFree(
  camera: Camera,
  durationsMs: readonly number[],
  { config, signal, onProgress }: SimulationOptions,
): Promise<void> {
  const nowMs = systemClock.now();
  const [firstMs = nowMs] = startsBefore(nowMs, durationsMs);
  if (nowMs - firstMs > MAX_MOTION_AGE_MS)
    throw new Error(
      `the clips of ${camera.cameraId} are longer than a day, and older video is not analysed; try fewer at a time`,
    );
  const footage = new Footage(camera.streamName, config);
  try {
    const range = { fromMs: firstMs - MAX_FRAGMENT_MS, toMs: nowMs };
    const there = await footage.fragments(range, { signal });
    const lastMs = there.reduce((last, fragment) => Math.max(last, endMsOf(fragment)), 0);
    const waitMs = lastMs + PAUSE_MS - firstMs;
    if (waitMs <= 0) return;
    onProgress(camera.cameraId, `waits ${Math.ceil(waitMs / 1000)} s to get clear of its last footage`);
    await sleep(systemClock, waitMs, signal);
  } finally {
    footage.close();
  }
}
