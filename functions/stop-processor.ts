import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import * as v from "valibot";
import { sleep, systemClock, type Clock } from "../base/clock.ts";
import { SECOND_MS } from "../base/durations.ts";
import { streamProcessorEngine } from "../engines/stream-processor/index.ts";
import { log } from "./_runtime.ts";

/** Documented (Rekognition quotas): one stop a second and account. */
const STOP_INTERVAL_MS = SECOND_MS;

const stopRequest = v.object({ processorName: v.string() });

const engine = streamProcessorEngine();

const MESSAGES = {
  stopped: "processor stopped",
  "not-running": "processor was not running",
  "not-found": "processor does not exist; nothing to stop",
} as const;

/**
 * Stops one processor after another, a second apart: the queue has a single message group, so SQS sends no message before
 * the one before it is handled, which takes at least a second. A stop that fails is received again.
 */
export const stopProcessors =
  (clock: Clock = systemClock) =>
  async ({ Records }: SQSEvent): Promise<SQSBatchResponse> => {
    for (const [index, { body, messageId }] of Records.entries())
      try {
        const { processorName } = v.parse(stopRequest, JSON.parse(body));
        const result = await engine.stop(processorName);
        log.info(MESSAGES[result], { processorName, messageId });
      } catch (error) {
        log.error("processor not stopped", error, { messageId });
        // What follows in the group must not overtake it (documented: Lambda with SQS, FIFO queues).
        return {
          batchItemFailures: Records.slice(index).map((one) => ({ itemIdentifier: one.messageId })),
        };
      } finally {
        await sleep(clock, STOP_INTERVAL_MS);
      }
    return { batchItemFailures: [] };
  };

export const handler = stopProcessors();
