import { isThrottling } from "../../aws/throttling.ts";
import { asError, errorMessage } from "../../base/errors.ts";
import { isoTimestamp } from "../../core/lake/time.ts";
import type { Camera } from "../../schemas/camera.ts";
import type { RunStatus, SessionRequest, StartResult, StopResult } from "../../schemas/engine.ts";
import type { FrameSession } from "../../schemas/frame-session.ts";
import type { Engine } from "../engine.ts";
import { cameraTimeMs, dueAtMs, isDead } from "./moments.ts";
import type { FrameParts } from "./parts.ts";

/** What starting, finding and stopping a session uses; none of it reaches the camera's video. */
export interface FramesEngineParts extends Pick<FrameParts, "now" | "sessions" | "schedule"> {
  /** An id that is never returned twice. */
  randomId(): string;
  /** The camera whose sessions run under that name. */
  cameraOf(processorName: string): Promise<Camera | undefined>;
}

/** How often a stop is written anew because a step of the session was faster. */
const MAX_ATTEMPTS = 5;

/**
 * Samples a session's video: images of Kinesis Video Streams, in which DetectLabels finds objects. A session is a record
 * and a chain of messages, each of which is a step: see `runStep`.
 */
export const framesEngine = (parts: FramesEngineParts): Engine => ({
  async start(request) {
    try {
      return await start(parts, request);
    } catch (error) {
      if (isThrottling(error)) return { kind: "throttled" };
      throw error;
    }
  },
  find: (processorName) => find(parts, processorName),
  stop: (processorName, videoEndMs) => stop(parts, processorName, videoEndMs),
});

async function start(parts: FramesEngineParts, request: SessionRequest): Promise<StartResult> {
  const { processorName } = request;
  const nowMs = parts.now();
  const camera = await parts.cameraOf(processorName);
  if (!camera) return { kind: "refused", reason: `no camera has the name ${processorName}` };
  const last = await parts.sessions.find(processorName);
  if (last?.state === "running" && !isDead(last, nowMs)) return { kind: "processor-busy" };
  const session = firstRecord(request, camera, {
    version: (last?.version ?? 0) + 1,
    sessionId: parts.randomId(),
    nowMs,
  });
  if (!(await parts.sessions.put(session))) return { kind: "processor-busy" };
  try {
    await parts.schedule({ processorName, sessionId: session.sessionId, step: 0 }, 0);
  } catch (error) {
    await parts.sessions.put({ ...session, version: session.version + 1, state: "ended" }).catch((again) => {
      throw new AggregateError(
        [error, again],
        `session ${session.sessionId} could neither be scheduled (${errorMessage(error)}) nor ended ` +
          `(${errorMessage(again)}); it counts as failed later`,
      );
    });
    throw asError(error);
  }
  return { kind: "started", sessionId: session.sessionId };
}

const firstRecord = (
  { processorName, videoStartMs, maxDurationSeconds }: SessionRequest,
  camera: Camera,
  { version, sessionId, nowMs }: { version: number; sessionId: string; nowMs: number },
): FrameSession => ({
  processorName,
  version,
  sessionId,
  state: "running",
  streamName: camera.streamName,
  videoStartMs,
  maxDurationSeconds,
  videoEndMs: videoStartMs + maxDurationSeconds * 1000,
  startedAtMs: nowMs,
  dueAtMs: nowMs,
  step: 0,
  labels: camera.labels,
  regionsOfInterest: camera.regionsOfInterest,
  maxSampleGapSeconds: camera.maxSampleGapSeconds,
  whenAllDetected: camera.whenAllDetected,
  faces: camera.faces,
  tags: { ...camera.tags, camera: camera.cameraId },
  nextAtMs: videoStartMs,
  samples: [],
  detected: [],
  refusals: 0,
});

async function find(parts: FramesEngineParts, processorName: string): Promise<RunStatus> {
  const session = await parts.sessions.find(processorName);
  if (!session) return { kind: (await parts.cameraOf(processorName)) ? "stopped" : "not-found" };
  const { state, failure = "the session failed without a reason" } = session;
  if (state === "ended") return { kind: "stopped" };
  if (state === "failed") return { kind: "failed", reason: failure };
  return isDead(session, parts.now())
    ? { kind: "failed", reason: `no step of the session has run since ${isoTimestamp(session.dueAtMs)}` }
    : { kind: "running" };
}

async function stop(
  parts: FramesEngineParts,
  processorName: string,
  videoEndMs: number | undefined,
): Promise<StopResult> {
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const session = await parts.sessions.find(processorName);
    const nowMs = parts.now();
    if (!session) return (await parts.cameraOf(processorName)) ? "not-running" : "not-found";
    if (session.state !== "running" || isDead(session, nowMs)) return "not-running";
    const endMs = Math.max(session.videoStartMs, videoEndMs ?? cameraTimeMs(session, nowMs));
    const isShorter = endMs < session.videoEndMs;
    const stopped = isShorter ? { ...session, version: session.version + 1, videoEndMs: endMs } : session;
    if (isShorter && !(await parts.sessions.put(stopped))) continue;
    // A session that waits longer than it now lasts continues at its new end.
    const endDueMs = dueAtMs(stopped, stopped.videoEndMs);
    if (session.dueAtMs > Math.max(endDueMs, nowMs))
      await parts.schedule(
        { processorName, sessionId: session.sessionId, step: session.step },
        Math.max(0, endDueMs - nowMs),
      );
    return "stopped";
  }
  throw new Error(`the session of ${processorName} changed ${MAX_ATTEMPTS} times while it was stopped`);
}
