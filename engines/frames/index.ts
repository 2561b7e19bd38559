import type { Camera } from "../../schemas/camera.ts";
import type { EngineSession } from "../../schemas/engine-session.ts";
import type { FrameSession } from "../../schemas/frame-session.ts";
import type { Engine } from "../engine.ts";
import { recordedEngine, type RecordedEngineParts } from "../recorded-engine.ts";
import { cameraTimeMs, dueAtMs, isDead } from "./moments.ts";

/** What starting, finding and stopping a session uses; none of it reaches the camera's video. */
export type FramesEngineParts = RecordedEngineParts<FrameSession>;

/**
 * Samples a session's video: images of Kinesis Video Streams, in which DetectLabels finds objects. Each message of a session
 * is a step: see `runStep`.
 */
export const framesEngine = (parts: FramesEngineParts): Engine =>
  recordedEngine(parts, {
    turn: "step",
    firstDelayMs: 0,
    begun,
    isDead,
    shorten: (session, nowMs, videoEndMs) => shorten(parts, session, nowMs, videoEndMs),
  });

const begun = (session: EngineSession, camera: Camera): FrameSession => ({
  ...session,
  videoEndMs: session.videoStartMs + session.maxDurationSeconds * 1000,
  labels: camera.labels,
  regionsOfInterest: camera.regionsOfInterest,
  maxSampleGapSeconds: camera.maxSampleGapSeconds,
  whenAllDetected: camera.whenAllDetected,
  faces: camera.faces,
  nextAtMs: session.videoStartMs,
  samples: [],
  detected: [],
  refusals: 0,
});

async function shorten(
  parts: FramesEngineParts,
  session: FrameSession,
  nowMs: number,
  videoEndMs = cameraTimeMs(session, nowMs),
): Promise<boolean> {
  const { processorName, sessionId, step, videoStartMs } = session;
  const endMs = Math.max(videoStartMs, videoEndMs);
  const isShorter = endMs < session.videoEndMs;
  const stopped = isShorter ? { ...session, version: session.version + 1, videoEndMs: endMs } : session;
  if (isShorter && !(await parts.sessions.put(stopped))) return false;
  // A session that waits longer than it now lasts continues at its new end.
  const endDueMs = dueAtMs(stopped, stopped.videoEndMs);
  if (session.dueAtMs > Math.max(endDueMs, nowMs))
    await parts.schedule({ processorName, sessionId, step }, Math.max(0, endDueMs - nowMs));
  return true;
}
