import { wakeQueue } from "../aws/queues.ts";
import { sessionsTable } from "../aws/sessions.ts";
import { systemClock } from "../base/clock.ts";
import { WAKE_SHARDS } from "../schemas/session.ts";
import { environment, log } from "./_runtime.ts";

const sessions = sessionsTable(environment("SESSIONS_TABLE"));
const queue = wakeQueue(environment("WAKE_QUEUE_URL"));

/**
 * Each minute, wakes the sessions that are due and whose own wake-up was lost, or lay too far ahead for the queue. No
 * step that was interrupted waits longer than that.
 */
export const handler = async (): Promise<void> => {
  const nowMs = systemClock.now();
  const counts = await Promise.all(
    WAKE_SHARDS.map(async (shard) => {
      let count = 0;
      for await (const cameraIds of sessions.due(shard, nowMs)) {
        await queue.wakeAll(cameraIds);
        count += cameraIds.length;
      }
      return count;
    }),
  );
  const woken = counts.reduce((sum, count) => sum + count, 0);
  if (woken > 0) log.info("sessions woken", { woken });
};
