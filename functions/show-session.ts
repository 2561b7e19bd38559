import { idle } from "../core/session.ts";
import { authenticate, once } from "./_authenticate.ts";
import { httpHandler } from "./_http.ts";
import { records } from "./_records.ts";
import { sessionView } from "./_session-view.ts";

/** `GET /cameras/{cameraId}/session`: 200 with the camera's current or last session. */
export const handler = httpHandler(async (request) => {
  const nowMs = Date.now();
  const { camera, webhookId } = await authenticate(request, nowMs);
  return await once(webhookId, nowMs, async () => {
    const record = (await records.find(camera.cameraId)) ?? idle(camera.cameraId);
    return { status: 200, body: sessionView(record) };
  });
});
