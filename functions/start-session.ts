import { systemClock } from "../base/clock.ts";
import { parseMotionStart } from "../core/motion/parse-motion.ts";
import { Problem } from "../core/motion/problem.ts";
import type { MotionStart } from "../schemas/motion.ts";
import { authenticate, once, type Authenticated } from "./_authenticate.ts";
import { drive } from "../core/sessions/drive.ts";
import { engine } from "./_engine.ts";
import { httpHandler, type Answer } from "./_http.ts";
import { log } from "./_log.ts";
import { count } from "./_metrics.ts";
import { records } from "./_records.ts";
import { sessionView } from "../core/sessions/session-view.ts";

/** When a camera whose start was refused may report again; the start is tried again meanwhile anyway. */
const RETRY_AFTER_SECONDS = 60;

/**
 * `/cameras/{cameraId}/motion/start`: 202 when a session was asked for, 200 when one is at work already or the camera
 * is not to analyse now.
 */
export const handler = httpHandler(async (request) => {
  const nowMs = systemClock.now();
  const sender = await authenticate(request, nowMs);
  const motion = parseMotionStart(request.rawBody, nowMs);
  return await once(sender, () => start(sender, motion, nowMs));
});

async function start(
  { report, ...known }: Authenticated,
  { at, maxDurationSeconds }: MotionStart,
  nowMs: number,
): Promise<Answer> {
  const { cameraId, motionTimeoutSeconds } = known.camera;
  const heard = {
    kind: "motion-began",
    atMs: at ?? nowMs,
    timeoutSeconds: motionTimeoutSeconds,
    maxDurationSeconds,
    report,
  } as const;
  const { record, hasCalled } = await drive(records, engine, known, { heard });
  const { state, run, failure, retry, blocked } = record;
  count({ MotionReported: 1 });
  log.info("motion began", { cameraId, state, sessionId: run?.sessionId, blocked, retry: retry?.reason });
  if (hasCalled && state === "failed" && failure !== undefined)
    throw new Problem("start-refused", failure, RETRY_AFTER_SECONDS);
  return { status: hasCalled ? 202 : 200, body: sessionView(record) };
}
