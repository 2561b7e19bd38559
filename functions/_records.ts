import { wakeQueue } from "../aws/queues.ts";
import type { Records } from "../core/sessions/drive.ts";
import { environment } from "./_environment.ts";
import { sessions } from "./_sessions.ts";

const queue = wakeQueue(environment("WAKE_QUEUE_URL"));

/** The sessions' table and the queue of wake-ups. */
export const records: Records = {
  ...sessions,
  wake: (cameraId, delayMs) => queue.wake(cameraId, delayMs),
};
