/** What the functions have in common that handle the messages of a queue one by one. */
import type { SQSBatchItemFailure, SQSRecord } from "aws-lambda";
import { log } from "./_runtime.ts";

/**
 * Handles a message of a queue.
 * @param problem what is logged when it fails
 * @returns the message if it failed, so that it is received again
 */
export async function handled(
  { messageId, body }: SQSRecord,
  problem: string,
  handle: (message: unknown) => Promise<void>,
): Promise<SQSBatchItemFailure[]> {
  try {
    await handle(JSON.parse(body));
    return [];
  } catch (error) {
    log.error(problem, error, { messageId });
    return [{ itemIdentifier: messageId }];
  }
}
