import { sessionsTable } from "../aws/sessions.ts";
import { parseMotionStop } from "../core/motion.ts";
import { decideStop } from "../core/session.ts";
import { authenticate, once } from "./_authenticate.ts";
import { environment } from "./_environment.ts";
import { httpHandler, logger } from "./_http.ts";
import { sessionView } from "./_session-view.ts";

const sessions = sessionsTable(environment("SESSIONS_TABLE"));

/**
 * `POST /cameras/{cameraId}/motion/stop`: 200 with the session that is running out, or with the last one.
 * A label session has no documented stop; it ends at its longest duration.
 */
export const handler = httpHandler(async (request) => {
  const nowMs = Date.now();
  const { camera, webhookId } = await authenticate(request, nowMs);
  const { at = nowMs } = parseMotionStop(request.rawBody, nowMs);
  return await once(webhookId, nowMs, async () => {
    const decision = decideStop(await sessions.find(camera.cameraId), at, nowMs);
    if (decision.kind === "motion-ended") {
      // A record that moved on meanwhile has ended, and its end needs no word of the motion's.
      await sessions.move(decision.session, decision.session.state);
      logger.info("motion ended", { cameraId: camera.cameraId, sessionId: decision.session.sessionId });
    }
    const { session } = decision;
    return {
      status: 200,
      body: session ? sessionView(session) : { cameraId: camera.cameraId, state: "idle" },
    };
  });
});
