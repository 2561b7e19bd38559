import { authenticate, once } from "./_authenticate.ts";
import { httpHandler } from "./_http.ts";
import { sessionView } from "./_session-view.ts";

/** `GET /cameras/{cameraId}/session`: 200 with the camera's current or last session. */
export const handler = httpHandler(async (request) => {
  const nowMs = Date.now();
  const sender = await authenticate(request, nowMs);
  return await once(sender, nowMs, async (record) => ({ status: 200, body: sessionView(record) }));
});
