import { systemClock } from "../base/clock.ts";
import { parseMotionStop } from "../core/motion/parse-motion.ts";
import { applyEvent } from "../core/sessions/drive.ts";
import { sessionView } from "../core/sessions/session-view.ts";
import { authenticate, once } from "./_authenticate.ts";
import { httpHandler } from "./_http.ts";
import { log } from "./_runtime.ts";
import { sessionRecords } from "./_sessions.ts";

const records = sessionRecords();

/**
 * `/cameras/{cameraId}/motion/stop`: 200 with the session that runs until its longest duration, or with the last one. A
 * label session has no documented stop, so it is only not renewed.
 */
export const handler = httpHandler(async (request) => {
  const nowMs = systemClock.now();
  const sender = await authenticate(request, nowMs);
  const { at = nowMs } = parseMotionStop(request.rawBody, nowMs);
  return await once(sender, async () => {
    const event = { kind: "motion-stopped", atMs: at, request: sender.motionRequest } as const;
    const { record } = await applyEvent(records, sender.record, event);
    const { cameraId, state, run } = record;
    log.info("motion stopped", { cameraId, state, sessionId: run?.sessionId });
    return { status: 200, body: sessionView(record) };
  });
});
