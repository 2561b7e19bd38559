import { wakeQueue } from "../aws/queues.ts";
import type { Records } from "./_drive.ts";
import { environment } from "./_environment.ts";
import { sessions } from "./_sessions.ts";

const queue = wakeQueue(environment("WAKE_QUEUE_URL"));

/** The sessions' table and the queue of wake-ups, with the machine's clock and chance. */
export const records: Records = {
  now: () => Date.now(),
  random: () => Math.random(),
  find: (cameraId) => sessions.find(cameraId),
  put: (record) => sessions.put(record),
  wake: (cameraId, delayMs) => queue.wake(cameraId, delayMs),
};
