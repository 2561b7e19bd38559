import { wakeQueue } from "../aws/queues.ts";
import { sessionsTable } from "../aws/sessions.ts";
import type { Records } from "./_drive.ts";
import { environment } from "./_environment.ts";

const sessions = sessionsTable(environment("SESSIONS_TABLE"));
const queue = wakeQueue(environment("WAKE_QUEUE_URL"));

/** The sessions' table and the queue of wake-ups, with the machine's clock and chance. */
export const records: Records = {
  now: () => Date.now(),
  random: () => Math.random(),
  find: (cameraId) => sessions.find(cameraId),
  put: (record) => sessions.put(record),
  wake: (cameraId, delayMs) => queue.wake(cameraId, delayMs),
};
