import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import * as v from "valibot";
import { camerasTable } from "../aws/cameras.ts";
import { eventBus } from "../aws/event-bus.ts";
import { ledger } from "../aws/ledger.ts";
import { stopQueue } from "../aws/queues.ts";
import { sessionMetrics } from "../core/metrics.ts";
import { deliverTo } from "../core/sessions/deliver.ts";
import { drive, find } from "../core/sessions/drive.ts";
import { engine } from "./_engine.ts";
import { environment } from "./_environment.ts";
import { log } from "./_log.ts";
import { count } from "./_metrics.ts";
import { records } from "./_records.ts";

const cameras = camerasTable(environment("CAMERAS_TABLE"));
const bus = eventBus(environment("EVENT_BUS_NAME"));
const coverage = ledger(environment("SESSIONS_DELIVERY_STREAM"));
const stops = stopQueue(environment("STOP_QUEUE_URL"));

const wakeUp = v.object({ cameraId: v.string() });

const deliver = deliverTo({
  enter: (rows) => coverage.enter(rows),
  put: async (events) => {
    const areTaken = await bus.put(events);
    count(sessionMetrics(events.filter((_, index) => areTaken[index])));
    return areTaken;
  },
  stop: (processorName, id) => stops.add(processorName, id),
});

/**
 * Wake-ups from the queue: whatever is due about a camera's session is done, be it the next of a chain, another try, a
 * look at the processor, or telling the ledger and the bus. A wake-up too many finds nothing to do.
 */
export const handler = async ({ Records }: SQSEvent): Promise<SQSBatchResponse> => {
  const batchItemFailures: SQSBatchResponse["batchItemFailures"] = [];
  for (const { messageId, body } of Records)
    try {
      const { cameraId } = v.parse(wakeUp, JSON.parse(body));
      const [known, camera] = await Promise.all([find(records, cameraId), cameras.find(cameraId)]);
      const { record, hasCalled } = await drive(records, engine, { record: known, camera }, { deliver });
      const { state, run, retry, blocked } = record;
      if (hasCalled)
        log.info("session asked for", {
          cameraId,
          state,
          sessionId: run?.sessionId,
          retry: retry?.reason,
          blocked,
          messageId,
        });
    } catch (error) {
      log.error("wake-up failed", error, { messageId });
      batchItemFailures.push({ itemIdentifier: messageId });
    }
  return { batchItemFailures };
};
