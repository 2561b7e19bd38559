import { systemClock } from "../base/clock.ts";
import { applyEvent } from "../core/sessions/drive.ts";
import { sessionView } from "../core/sessions/session-view.ts";
import { authenticate, once } from "./_authenticate.ts";
import { cameraHandler } from "./_http.ts";
import { sessionTable } from "./_sessions.ts";

const sessions = sessionTable();

/** `GET /cameras/{cameraId}/session`: 200 with the camera's current or last session. */
export const handler = cameraHandler(async (request) => {
  const sender = await authenticate(request, systemClock.now());
  return await once(sender, async () => {
    const event = { kind: "session-queried", request: sender.motionRequest } as const;
    const { record } = await applyEvent(sessions, sender.record, event);
    return { status: 200, body: sessionView(record) };
  });
});
