import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import * as v from "valibot";
import { camerasTable } from "../aws/cameras.ts";
import { eventBus } from "../aws/event-bus.ts";
import { streamFragments } from "../aws/fragments.ts";
import { stopQueue } from "../aws/queues.ts";
import { rowsInto } from "../aws/rows.ts";
import { sessionMetrics } from "../core/metrics.ts";
import type { FragmentsOf } from "../core/sessions/analysed-video.ts";
import { deliverTo } from "../core/sessions/deliver.ts";
import { drive, findSession } from "../core/sessions/drive.ts";
import type { Engine } from "../engines/engine.ts";
import type { EngineName } from "../schemas/engine.ts";
import { handled } from "./_queue.ts";
import { count, environment, log } from "./_runtime.ts";
import { countedEngines, sessionRecords } from "./_sessions.ts";

const cameras = camerasTable(environment("CAMERAS_TABLE"));
const records = sessionRecords();
const enginesFor = countedEngines();
const bus = eventBus(environment("EVENT_BUS_NAME"));
const coverage = rowsInto(environment("SESSIONS_DELIVERY_STREAM"));
const stops = stopQueue(environment("STOP_QUEUE_URL"));

const listFragments = streamFragments();
/** The streams' fragments. A list that fails is logged and repeated later. */
const fragments: FragmentsOf = (streamName) => {
  const list = listFragments(streamName);
  return async (...range) => {
    try {
      return await list(...range);
    } catch (error) {
      log.error("fragments not listed", error, { streamName });
      throw error;
    }
  };
};

const wakeUp = v.object({ cameraId: v.string() });

const deliverWith = (engines: Readonly<Record<EngineName, Pick<Engine, "stop">>>) =>
  deliverTo({
    enter: coverage.enter,
    put: async (events) => {
      const areAccepted = await bus.put(events);
      count(sessionMetrics(events.filter((_, index) => areAccepted[index])));
      return areAccepted;
    },
    // A stream processor may be stopped once a second in the account.
    stop: ({ engine, processorName, videoEndMs, id }) =>
      engine === "stream-processor"
        ? stops.add(processorName, id)
        : engines[engine].stop(processorName, videoEndMs),
  });

/**
 * Handles wake-ups from the queue: does what is due for a camera's session, be it the next of a chain, another attempt, a
 * check of the run, the list of what it analysed, or the delivery of the outbox. A wake-up too many finds nothing to do.
 */
export const handler = async ({ Records }: SQSEvent): Promise<SQSBatchResponse> => {
  const batchItemFailures: SQSBatchResponse["batchItemFailures"] = [];
  for (const record of Records)
    batchItemFailures.push(
      ...(await handled(record, "wake-up failed", (message) => wake(message, record.messageId))),
    );
  return { batchItemFailures };
};

async function wake(message: unknown, messageId: string): Promise<void> {
  const { cameraId } = v.parse(wakeUp, message);
  const [known, camera] = await Promise.all([findSession(records, cameraId), cameras.find(cameraId)]);
  const engines = enginesFor(camera);
  const { record, startRequested } = await drive(
    records,
    engines,
    { record: known, camera },
    { deliver: deliverWith(engines), fragments },
  );
  if (!startRequested) return;
  const { state, run, retry, blocked } = record;
  const fields = { cameraId, state, sessionId: run?.sessionId, retry: retry?.reason, blocked, messageId };
  log.info("session start requested", fields);
}
