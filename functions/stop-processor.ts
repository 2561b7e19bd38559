import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import * as v from "valibot";
import { sleep, systemClock } from "../base/clock.ts";
import { stopProcessor } from "../aws/rekognition.ts";
import { log } from "./_log.ts";

/** Documented (Rekognition quotas): one stop a second and account. */
const STOP_INTERVAL_MS = 1000;

const stop = v.object({ processorName: v.string() });

const OUTCOMES = {
  stopped: "processor stopped",
  "not-at-work": "processor was not at work",
  "not-found": "processor does not exist; nothing to stop",
} as const;

/**
 * Stops one processor after another, a second apart: the queue's single message group hands over no message before the
 * one before it is done, and none is done before its second is over. A stop that fails comes again.
 */
export const handler = async ({ Records }: SQSEvent): Promise<SQSBatchResponse> => {
  for (const [index, { body, messageId }] of Records.entries())
    try {
      const { processorName } = v.parse(stop, JSON.parse(body));
      const outcome = await stopProcessor(processorName);
      log.info(OUTCOMES[outcome], { processorName, messageId });
    } catch (error) {
      log.error("processor not stopped", error, { messageId });
      // What follows in the group must not overtake it (documented: Lambda with SQS, FIFO queues).
      return {
        batchItemFailures: Records.slice(index).map((one) => ({ itemIdentifier: one.messageId })),
      };
    } finally {
      await sleep(systemClock, STOP_INTERVAL_MS);
    }
  return { batchItemFailures: [] };
};
