import { setTimeout as sleep } from "node:timers/promises";
import { Logger } from "@aws-lambda-powertools/logger";
import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import * as v from "valibot";
import { stopProcessor } from "../aws/rekognition.ts";

const logger = new Logger();
/** Documented (Rekognition quotas): one stop a second and account. */
const STOP_INTERVAL_MS = 1000;

const stop = v.object({ processorName: v.string() });
let lastStopAtMs = 0;

/**
 * Stops one processor after another, a second apart. The queue's single message group never hands over the next before
 * this one is done; a stop that is throttled all the same comes again.
 */
export const handler = async ({ Records }: SQSEvent): Promise<SQSBatchResponse> => {
  for (const [index, { body }] of Records.entries())
    try {
      const { processorName } = v.parse(stop, JSON.parse(body));
      await sleep(Math.max(0, lastStopAtMs + STOP_INTERVAL_MS - Date.now()));
      lastStopAtMs = Date.now();
      const wasAtWork = await stopProcessor(processorName);
      logger.info(wasAtWork ? "processor stopped" : "processor was not at work", { processorName });
    } catch (error) {
      logger.error("processor not stopped", error as Error);
      // What follows in the group must not overtake it (documented: Lambda with SQS, FIFO queues).
      return {
        batchItemFailures: Records.slice(index).map(({ messageId }) => ({ itemIdentifier: messageId })),
      };
    }
  return { batchItemFailures: [] };
};
