import { systemClock } from "../base/clock.ts";
import { Problem } from "../core/problem.ts";
import type { Motion } from "../core/motion/read-motion.ts";
import { drive } from "../core/sessions/drive.ts";
import { sessionView } from "../core/sessions/session-view.ts";
import { authenticate, once, type Authenticated } from "./_authenticate.ts";
import { cameraHandler, type ResponseContent } from "./_http.ts";
import { ended, ignored, motionOf } from "./_motion.ts";
import { count, log } from "./_runtime.ts";
import { countedEngines, sessionRecords } from "./_sessions.ts";

/** When a camera whose start was refused may report again; meanwhile the start is repeated anyway. */
const RETRY_AFTER_SECONDS = 60;

const records = sessionRecords();
const enginesFor = countedEngines();

/**
 * `/cameras/{cameraId}/motion/start`: 202 when a session start was requested, 200 when a session is running already or
 * the camera is not armed. Devices that send everything to one address send it here: the body of their format says
 * whether motion began, ended, or neither.
 */
export const handler = cameraHandler(async (request) => {
  const nowMs = systemClock.now();
  const sender = await authenticate(request, nowMs);
  const motion = motionOf(request, sender, "began", nowMs);
  switch (motion.kind) {
    case "none":
      return ignored(sender, motion);
    case "ended":
      return await once(sender, () => ended(records, sender, motion.at ?? nowMs));
    case "began":
      return await once(sender, () => start(sender, motion, nowMs));
  }
});

async function start(
  { motionRequest, ...known }: Authenticated,
  { at, maxDurationSeconds }: Motion,
  nowMs: number,
): Promise<ResponseContent> {
  const { cameraId, motionTimeoutSeconds } = known.camera;
  const event = {
    kind: "motion-started",
    atMs: at ?? nowMs,
    timeoutSeconds: motionTimeoutSeconds,
    maxDurationSeconds,
    request: motionRequest,
  } as const;
  const { record, startRequested } = await drive(records, enginesFor(known.camera), known, { event });
  const { state, run, failure, retry, blocked } = record;
  count({ MotionReported: 1 });
  const { credential, clockSkewMs } = known;
  log.info("motion started", {
    cameraId,
    state,
    sessionId: run?.sessionId,
    blocked,
    retry: retry?.reason,
    credential,
    clockSkewMs,
  });
  if (startRequested && state === "failed" && failure !== undefined)
    throw new Problem("start-refused", failure, RETRY_AFTER_SECONDS);
  return { status: startRequested ? 202 : 200, body: sessionView(record) };
}
