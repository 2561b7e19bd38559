import { systemClock } from "../base/clock.ts";
import { parseMotionStop } from "../core/motion/parse-motion.ts";
import { authenticate, once } from "./_authenticate.ts";
import { note } from "../core/sessions/drive.ts";
import { httpHandler } from "./_http.ts";
import { log } from "./_log.ts";
import { records } from "./_records.ts";
import { sessionView } from "../core/sessions/session-view.ts";

/**
 * `/cameras/{cameraId}/motion/stop`: 200 with the session that is running out, or with the last one. A label session
 * has no documented stop; it ends at its longest duration and is not renewed.
 */
export const handler = httpHandler(async (request) => {
  const nowMs = systemClock.now();
  const sender = await authenticate(request, nowMs);
  const { at = nowMs } = parseMotionStop(request.rawBody, nowMs);
  return await once(sender, async () => {
    const { report } = sender;
    const { record } = await note(records, sender.record, { kind: "motion-ended", atMs: at, report });
    const { cameraId, state, run } = record;
    log.info("motion ended", { cameraId, state, sessionId: run?.sessionId });
    return { status: 200, body: sessionView(record) };
  });
});
