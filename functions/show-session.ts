import { systemClock } from "../base/clock.ts";
import { authenticate, once } from "./_authenticate.ts";
import { note } from "../core/sessions/drive.ts";
import { httpHandler } from "./_http.ts";
import { sessionView } from "../core/sessions/session-view.ts";
import { sessions } from "./_sessions.ts";

/** `GET /cameras/{cameraId}/session`: 200 with the camera's current or last session. */
export const handler = httpHandler(async (request) => {
  const sender = await authenticate(request, systemClock.now());
  return await once(sender, async () => {
    const { record } = await note(sessions, sender.record, { kind: "asked", report: sender.report });
    return { status: 200, body: sessionView(record) };
  });
});
