import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  type BatchResultErrorEntry,
  type MessageAttributeValue,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import { chunksOf } from "../base/chunks.ts";

/** The most messages of one call (documented: SQS quotas). */
export const BATCH_SIZE = 10;
/** Longer than a batch takes; the messages of an interrupted run become visible again after it. */
const VISIBILITY_TIMEOUT_SECONDS = 300;
/** Long polling queries every server of the queue, short polling only some (documented: SQS, short and long polling). */
const POLL_SECONDS = 1;
/** Attribute of a message that was put back once: if it returns, it has failed again. */
const REDRIVEN = "DoorstepRedriven";

/** A message of a dead-letter queue, invisible to other consumers until it is deleted or released. */
export interface DeadLetter {
  readonly id: string;
  readonly body: string;
  readonly receipt: string;
  /** Of a FIFO queue. */
  readonly groupId: string | undefined;
  readonly wasRedriven: boolean;
  readonly attributes: Readonly<Record<string, MessageAttributeValue>>;
}

/** A dead-letter queue. */
export const deadLetters = (queueUrl: string, client: SQSClient) => ({
  /** A FIFO queue does not deliver a group's later messages while earlier ones are invisible. */
  isFifo: queueUrl.endsWith(".fifo"),

  /** The approximate number of messages (documented: SQS, eventually exact). */
  async count(): Promise<number> {
    const { Attributes } = await client.send(
      new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ["ApproximateNumberOfMessages"] }),
    );
    return Number(Attributes?.["ApproximateNumberOfMessages"] ?? 0);
  },

  async receive(): Promise<DeadLetter[]> {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({
        QueueUrl: queueUrl,
        MaxNumberOfMessages: BATCH_SIZE,
        WaitTimeSeconds: POLL_SECONDS,
        VisibilityTimeout: VISIBILITY_TIMEOUT_SECONDS,
        MessageSystemAttributeNames: ["MessageGroupId"],
        MessageAttributeNames: ["All"],
      }),
    );
    return Messages.map(({ MessageId, Body, ReceiptHandle, Attributes, MessageAttributes = {} }) => ({
      id: MessageId!,
      body: Body ?? "",
      receipt: ReceiptHandle!,
      groupId: Attributes?.MessageGroupId,
      wasRedriven: REDRIVEN in MessageAttributes,
      attributes: MessageAttributes,
    }));
  },

  /** @throws Error when some could not be deleted; the next redrive puts them back once more */
  async delete(letters: readonly DeadLetter[]): Promise<void> {
    if (letters.length === 0) return;
    const { Failed } = await client.send(
      new DeleteMessageBatchCommand({
        QueueUrl: queueUrl,
        Entries: letters.map(({ receipt }, index) => ({ Id: String(index), ReceiptHandle: receipt })),
      }),
    );
    if (Failed?.length)
      throw new Error(`${Failed.length} messages were put back but not deleted: ${reason(Failed[0])}`);
  },

  /** Makes the messages visible again at once. */
  async release(letters: readonly DeadLetter[]): Promise<void> {
    for (const chunk of chunksOf(letters, BATCH_SIZE))
      await client.send(
        new ChangeMessageVisibilityBatchCommand({
          QueueUrl: queueUrl,
          Entries: chunk.map(({ receipt }, index) => ({
            Id: String(index),
            ReceiptHandle: receipt,
            VisibilityTimeout: 0,
          })),
        }),
      );
  },
});

export type DeadLetters = ReturnType<typeof deadLetters>;

/**
 * Sends at most ten messages to their source queue, marked as redriven.
 * @returns for each message why it was refused, or undefined
 */
export async function sendAgain(
  queueUrl: string,
  letters: readonly DeadLetter[],
  client: SQSClient,
): Promise<(string | undefined)[]> {
  if (letters.length === 0) return [];
  const { Failed = [] } = await client.send(
    new SendMessageBatchCommand({
      QueueUrl: queueUrl,
      Entries: letters.map(({ id, body, groupId, attributes }, index) => ({
        Id: String(index),
        MessageBody: body,
        MessageAttributes: { ...attributes, [REDRIVEN]: { DataType: "String", StringValue: "1" } },
        // The dead letter's id, so that SQS accepts it once within five minutes (documented: SQS).
        ...(groupId && { MessageGroupId: groupId, MessageDeduplicationId: `redrive-${id}` }),
      })),
    }),
  );
  const failed = new Map(Failed.map((entry) => [entry.Id, reason(entry)]));
  return letters.map((_letter, index) => failed.get(String(index)));
}

const reason = (entry: BatchResultErrorEntry | undefined): string =>
  `${entry?.Code ?? "unknown"}: ${entry?.Message ?? "no reason given"}`;
