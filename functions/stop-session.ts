import { systemClock } from "../base/clock.ts";
import { authenticate, once } from "./_authenticate.ts";
import { cameraHandler } from "./_http.ts";
import { ended, ignored, motionOf } from "./_motion.ts";
import { sessionRecords } from "./_sessions.ts";

const records = sessionRecords();

/**
 * `/cameras/{cameraId}/motion/stop`: 200. A session of `frames` ends with the motion. A stream processor's has no
 * documented stop, so it is only not renewed.
 */
export const handler = cameraHandler(async (request) => {
  const nowMs = systemClock.now();
  const sender = await authenticate(request, nowMs);
  const motion = motionOf(request, sender, "ended", nowMs);
  if (motion.kind === "none") return ignored(sender, motion);
  return await once(sender, () => ended(records, sender, motion.at ?? nowMs));
});
