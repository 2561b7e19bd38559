import { Logger } from "@aws-lambda-powertools/logger";
import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import * as v from "valibot";
import { camerasTable } from "../aws/cameras.ts";
import { eventBus } from "../aws/event-bus.ts";
import { ledger } from "../aws/ledger.ts";
import { stopQueue } from "../aws/queues.ts";
import { findProcessor, startLabelSession } from "../aws/rekognition.ts";
import { deliverTo } from "./_deliver.ts";
import { drive, find, type Engine } from "./_drive.ts";
import { environment } from "./_environment.ts";
import { records } from "./_records.ts";

const logger = new Logger();
const cameras = camerasTable(environment("CAMERAS_TABLE"));
const bus = eventBus(environment("EVENT_BUS_NAME"));
const coverage = ledger(environment("SESSIONS_DELIVERY_STREAM"));
const stops = stopQueue(environment("STOP_QUEUE_URL"));

const wakeUp = v.object({ cameraId: v.string() });

const deliver = deliverTo({
  enter: (rows) => coverage.enter(rows),
  put: (events) => bus.put(events),
  stop: (processorName, id) => stops.add(processorName, id),
});

const engine: Engine = { start: startLabelSession, find: findProcessor };

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
        logger.info("session asked for", {
          cameraId,
          state,
          sessionId: run?.sessionId,
          retry: retry?.reason,
          blocked,
        });
    } catch (error) {
      logger.error(`wake-up ${messageId} failed`, error as Error);
      batchItemFailures.push({ itemIdentifier: messageId });
    }
  return { batchItemFailures };
};
