import { sleep } from "../../base/clock.ts";
import { forEachConcurrently } from "../../base/concurrency.ts";
import { errorMessage } from "../../base/errors.ts";
import { DetectionsListener } from "../../operator/detections-listener.ts";
import { Fleet, type CameraParts } from "../../operator/fleet.ts";
import { Footage } from "../../operator/footage.ts";
import { endMsOf } from "../../analysis/coverage.ts";
import { MAX_FRAGMENT_MS } from "../../analysis/clip-plan.ts";
import { MAX_MOTION_AGE_MS } from "../../core/sessions/reduce.ts";
import { PAUSE_MS, startsBefore } from "./plan-sessions.ts";
import type { Camera } from "../../schemas/camera.ts";
import type { SimulatedClip } from "./clips.ts";
import { runClip, type ClipOptions, type ClipSummary } from "./run-clip.ts";

interface SimulationOptions extends Pick<ClipOptions, "config" | "pace" | "maxSeconds" | "signal" | "clock"> {
  readonly stack: string;
  /** How many cameras run at a time. */
  readonly parallel: number;
  /** Whether to remove what was created at the end, even after an error. */
  readonly clean: boolean;
  readonly onProgress: (clip: string, text: string) => void;
  readonly onClip: (summary: ClipSummary) => void;
}

export interface Simulation {
  /** In the order in which they ended. */
  readonly clips: readonly ClipSummary[];
  /** What was created of cameras and still exists. */
  readonly left: readonly CameraParts[];
  /** How many cameras were removed. */
  readonly removed: number;
  /** Errors beside those of the clips: a camera that could not be created, or removed. */
  readonly problems: readonly string[];
}

/** Streams every clip through its camera, several at a time, and removes what it created if requested. Never throws. */
export async function simulateClips(
  clips: readonly SimulatedClip[],
  options: SimulationOptions,
): Promise<Simulation> {
  const summaries: ClipSummary[] = [];
  const created: CameraParts[] = [];
  const problems: string[] = [];
  let fleet: Fleet | undefined;
  let listener: DetectionsListener | undefined;
  const attempt = async (step: () => Promise<void>): Promise<void> => {
    await step().catch((error: unknown) => problems.push(errorMessage(error)));
  };
  await attempt(async () => {
    fleet = await Fleet.open(options.stack, options.config, options.clock);
    listener = await DetectionsListener.subscribe(
      fleet.outputs.DetectionsTopicArn,
      options.config,
      options.clock,
    );
    const cameras = Map.groupBy(clips, ({ cameraId }) => cameraId);
    const run = { fleet, listener, options, created, summaries };
    await forEachConcurrently([...cameras], { limit: options.parallel }, ([cameraId, itsClips]) =>
      attempt(() => runCamera(cameraId, itsClips, run)),
    );
  });
  await attempt(async () => listener?.close());
  let removed = 0;
  if (options.clean)
    await forEachConcurrently(created.filter(exists), { limit: options.parallel }, (one) =>
      attempt(async () => {
        await fleet!.remove(one);
        removed++;
      }),
    );
  return { clips: summaries, left: created.filter(exists), removed, problems };
}

const exists = ({ streamName, processorName, hasRecord }: CameraParts): boolean =>
  streamName !== undefined || processorName !== undefined || hasRecord === true;

interface Run {
  readonly fleet: Fleet;
  readonly listener: DetectionsListener;
  readonly options: SimulationOptions;
  readonly created: CameraParts[];
  readonly summaries: ClipSummary[];
}

/** Runs a camera's clips one after another. @throws Error when the camera cannot be created */
async function runCamera(
  cameraId: string,
  clips: readonly SimulatedClip[],
  { fleet, listener, options, created, summaries }: Run,
): Promise<void> {
  const { signal, clock, pace, onProgress } = options;
  signal.throwIfAborted();
  const parts: CameraParts = { cameraId };
  created.push(parts);
  onProgress(cameraId, "creating the camera");
  const { camera } = await fleet.add({ cameraId, engine: "auto" }, { created: parts });
  const durationsMs = pace === "fast" ? clips.map(({ durationMs }) => durationMs) : [];
  await untilFree(camera, durationsMs, options);
  const starts = startsBefore(clock.now(), durationsMs);
  for (const [index, clip] of clips.entries()) {
    if (signal.aborted) return;
    const summary = await runClip(clip, starts[index] ?? clock.now(), {
      ...options,
      fleet,
      listener,
      camera,
      onProgress: (text) => onProgress(clip.name, text),
    });
    summaries.push(summary);
    options.onClip(summary);
  }
}

/**
 * Waits until clips that end now begin after the camera's last footage: two videos of the same time would mix.
 * @throws Error for more than a day of video
 */
async function untilFree(
  camera: Camera,
  durationsMs: readonly number[],
  { config, signal, clock, onProgress }: SimulationOptions,
): Promise<void> {
  const nowMs = clock.now();
  const [firstMs = nowMs] = startsBefore(nowMs, durationsMs);
  if (nowMs - firstMs > MAX_MOTION_AGE_MS)
    throw new Error(
      `the clips of ${camera.cameraId} are longer than a day together, and older video is not analysed; run fewer at a time`,
    );
  const footage = new Footage(camera.streamName, config, clock);
  try {
    const range = { fromMs: firstMs - MAX_FRAGMENT_MS, toMs: nowMs };
    const existing = await footage.fragments(range, { signal });
    const lastMs = existing.reduce((last, fragment) => Math.max(last, endMsOf(fragment)), 0);
    const waitMs = lastMs + PAUSE_MS - firstMs;
    if (waitMs <= 0) return;
    onProgress(camera.cameraId, `waiting ${Math.ceil(waitMs / 1000)} s until its last footage is over`);
    await sleep(clock, waitMs, signal);
    signal.throwIfAborted();
  } finally {
    footage.close();
  }
}
