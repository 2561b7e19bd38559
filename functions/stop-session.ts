import { parseMotionStop } from "../core/motion.ts";
import { authenticate, once } from "./_authenticate.ts";
import { note } from "./_drive.ts";
import { httpHandler, logger } from "./_http.ts";
import { records } from "./_records.ts";
import { sessionView } from "./_session-view.ts";

/**
 * `/cameras/{cameraId}/motion/stop`: 200 with the session that is running out, or with the last one. A label session
 * has no documented stop; it ends at its longest duration and is not renewed.
 */
export const handler = httpHandler(async (request) => {
  const nowMs = Date.now();
  const { camera, webhookId } = await authenticate(request, nowMs);
  const { at = nowMs } = parseMotionStop(request.rawBody, nowMs);
  const { cameraId } = camera;
  return await once(webhookId, nowMs, async () => {
    const { record } = await note(records, cameraId, { kind: "motion-ended", atMs: at });
    logger.info("motion ended", { cameraId, state: record.state, sessionId: record.run?.sessionId });
    return { status: 200, body: sessionView(record) };
  });
});
