import { SendMessageBatchCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";

const defaultClient = /* @__PURE__ */ new SQSClient({});

/** Documented (SQS quotas): a message is delayed by 900 s at most, and a batch has 10 messages. */
const LONGEST_DELAY_SECONDS = 900;
const BATCH_SIZE = 10;

/** The queue by which a camera's record is looked at later. */
export const wakeQueue = (queueUrl: string, client = defaultClient) => ({
  /** What is due later than a message may be delayed is found by the schedule that looks for due records. */
  async wake(cameraId: string, delayMs: number): Promise<void> {
    const DelaySeconds = Math.ceil(delayMs / 1000);
    if (DelaySeconds > LONGEST_DELAY_SECONDS) return;
    await client.send(
      new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: JSON.stringify({ cameraId }), DelaySeconds }),
    );
  },

  /** @throws Error when the queue did not take some; the next look for due records finds them again */
  async wakeAll(cameraIds: readonly string[]): Promise<void> {
    for (let first = 0; first < cameraIds.length; first += BATCH_SIZE) {
      const { Failed = [] } = await client.send(
        new SendMessageBatchCommand({
          QueueUrl: queueUrl,
          Entries: cameraIds
            .slice(first, first + BATCH_SIZE)
            .map((cameraId, index) => ({ Id: String(index), MessageBody: JSON.stringify({ cameraId }) })),
        }),
      );
      if (Failed.length > 0)
        throw new Error(`${Failed.length} wake-ups were not taken: ${Failed[0]!.Message}`);
    }
  },
});

/** The first-in-first-out queue of the processors to stop: one message group, so that one is stopped at a time. */
export const stopQueue = (queueUrl: string, client = defaultClient) => ({
  /** @param id the same for the same stop, which then counts once within five minutes (documented: SQS deduplication) */
  async add(processorName: string, id: string): Promise<void> {
    await client.send(
      new SendMessageCommand({
        QueueUrl: queueUrl,
        MessageBody: JSON.stringify({ processorName }),
        MessageGroupId: "stops",
        MessageDeduplicationId: id.replaceAll(/[^\w/-]/g, "-").slice(0, 128),
      }),
    );
  },
});
