import { findProcessor, startLabelSession } from "../aws/rekognition.ts";
import { parseMotionStart } from "../core/motion.ts";
import { Problem } from "../core/problem.ts";
import type { Camera } from "../schemas/camera.ts";
import type { MotionStart } from "../schemas/motion.ts";
import { authenticate, once } from "./_authenticate.ts";
import { drive } from "./_drive.ts";
import { httpHandler, logger, type Answer } from "./_http.ts";
import { records } from "./_records.ts";
import { sessionView } from "./_session-view.ts";

/** When a camera whose start was refused may report again; the start is tried again meanwhile anyway. */
const RETRY_AFTER_SECONDS = 60;

/**
 * `/cameras/{cameraId}/motion/start`: 202 when a session was asked for, 200 when one is at work already or the camera
 * is not to analyse now.
 */
export const handler = httpHandler(async (request) => {
  const nowMs = Date.now();
  const { camera, webhookId } = await authenticate(request, nowMs);
  const motion = parseMotionStart(request.rawBody, nowMs);
  return await once(webhookId, nowMs, () => start(camera, motion, nowMs));
});

async function start(
  camera: Camera,
  { at, maxDurationSeconds }: MotionStart,
  nowMs: number,
): Promise<Answer> {
  const { cameraId, motionTimeoutSeconds } = camera;
  const engine = { camera: async () => camera, start: startLabelSession, find: findProcessor };
  const { record, hasCalled } = await drive(records, engine, cameraId, {
    heard: {
      kind: "motion-began",
      atMs: at ?? nowMs,
      timeoutSeconds: motionTimeoutSeconds,
      maxDurationSeconds,
    },
  });
  const { state, run, failure, retry, blocked } = record;
  logger.info("motion began", { cameraId, state, sessionId: run?.sessionId, blocked, retry: retry?.reason });
  if (hasCalled && state === "failed" && failure !== undefined)
    throw new Problem("start-refused", failure, RETRY_AFTER_SECONDS);
  return { status: hasCalled ? 202 : 200, body: sessionView(record) };
}
