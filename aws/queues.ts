import {
  ChangeMessageVisibilityCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { chunksOf } from "../base/chunks.ts";
import type { AlertDelivery } from "../schemas/alert-message.ts";
import type { SessionMessage } from "../schemas/engine-session.ts";
import type { FaceRequest } from "../schemas/face.ts";
import type { FacesSeen } from "../schemas/faces-seen.ts";
import { sendInBatches } from "./batches.ts";

const defaultClient = /* @__PURE__ */ new SQSClient({});

/** Documented (SQS quotas): a message is delayed by 900 s at most, and a batch has 10 messages. */
const LONGEST_DELAY_SECONDS = 900;
const BATCH_SIZE = 10;
/** Attributes count as part of a message. */
const MAX_REASON_LENGTH = 1000;
/** Documented (SQS, batch actions): 10 messages and 1 MiB together at most. */
const BATCH_LIMITS = { entries: BATCH_SIZE, bytes: 1024 * 1024 };

/** The queue of wake-ups, by which a camera's session continues later. */
export const wakeQueue = (queueUrl: string, client = defaultClient) => ({
  /** A wake-up later than the longest delay is not sent: the schedule wakes sessions that are due. */
  async wake(cameraId: string, delayMs: number): Promise<void> {
    const DelaySeconds = Math.ceil(delayMs / 1000);
    if (DelaySeconds > LONGEST_DELAY_SECONDS) return;
    await client.send(
      new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: JSON.stringify({ cameraId }), DelaySeconds }),
    );
  },

  /** @throws Error when the queue refused any; the schedule's next run finds them again */
  async wakeAll(cameraIds: readonly string[]): Promise<void> {
    for (const chunk of chunksOf(cameraIds, BATCH_SIZE)) {
      const { Failed = [] } = await client.send(
        new SendMessageBatchCommand({
          QueueUrl: queueUrl,
          Entries: chunk.map((cameraId, index) => ({
            Id: String(index),
            MessageBody: JSON.stringify({ cameraId }),
          })),
        }),
      );
      if (Failed.length > 0)
        throw new Error(
          `the queue refused ${Failed.length} wake-ups, the first because: ${Failed[0]!.Message}`,
        );
    }
  },
});

/** The FIFO queue of the processors to stop: it has one message group, so that one is stopped at a time. */
export const stopQueue = (queueUrl: string, client = defaultClient) => ({
  /** @param id of the stop; repeated within five minutes, it counts once (documented: SQS deduplication) */
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

/** Sends a message after the delay, in whole seconds, and after the longest delay of a message at the latest. */
const sendDelayed = async (
  client: SQSClient,
  queueUrl: string,
  message: object,
  delayMs: number,
): Promise<void> => {
  await client.send(
    new SendMessageCommand({
      QueueUrl: queueUrl,
      MessageBody: JSON.stringify(message),
      DelaySeconds: Math.min(Math.ceil(Math.max(0, delayMs) / 1000), LONGEST_DELAY_SECONDS),
    }),
  );
};

/** A queue of messages that continue the sessions of an engine. */
export const sessionQueue = (queueUrl: string, client = defaultClient) => ({
  /** Sends a message; it arrives earlier if the delay is longer than a message's. */
  schedule: (message: SessionMessage, delayMs: number): Promise<void> =>
    sendDelayed(client, queueUrl, message, delayMs),
});

/** The queue of images whose faces are to be searched. */
export const faceQueue = (
  queueUrl: string,
  // Labels wait for it, so it is tried once and not for long.
  client = new SQSClient({
    maxAttempts: 1,
    requestHandler: { requestTimeout: 1000, connectionTimeout: 1000 },
  }),
) => ({
  async sendPersons(request: FaceRequest): Promise<void> {
    await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: JSON.stringify(request) }));
  },
});

/** The queue of the records of data streams that could not be read. */
export const unrecordedQueue = (queueUrl: string, client = defaultClient) => ({
  /** @param record as Lambda delivers it, and its data stream */
  async put(
    { data, sequenceNumber, streamArn }: { data: string; sequenceNumber: string; streamArn: string },
    reason: string,
  ): Promise<void> {
    await client.send(
      new SendMessageCommand({
        QueueUrl: queueUrl,
        MessageBody: JSON.stringify({ streamArn, sequenceNumber, data }),
        MessageAttributes: {
          reason: { DataType: "String", StringValue: reason.slice(0, MAX_REASON_LENGTH) },
        },
      }),
    );
  },
});

/** The queue of what alerts are decided by. */
export const alertQueue = (queueUrl: string, client = defaultClient) => ({
  /** Sends a wake-up of a camera's alerts; it arrives earlier if the delay is longer than a message's. */
  wake: (cameraId: string, delayMs: number): Promise<void> =>
    sendDelayed(client, queueUrl, { wake: { cameraId } }, delayMs),

  /** @throws the client's error when one was not accepted; those before it were */
  async report(messages: readonly FacesSeen[]): Promise<void> {
    for (const message of messages) await sendDelayed(client, queueUrl, message, 0);
  },
});

/** The queue of messages to the targets of alerts. */
export const alertDeliveryQueue = (queueUrl: string, client = defaultClient) => ({
  /**
   * @returns for each message whether it was accepted
   * @throws the client's error when none was
   */
  async send(deliveries: readonly AlertDelivery[]): Promise<boolean[]> {
    const sized = deliveries.map((delivery) => {
      const entry = JSON.stringify(delivery);
      return { entry, bytes: Buffer.byteLength(entry) };
    });
    return await sendInBatches(sized, BATCH_LIMITS, async (batch) => {
      const Entries = batch.map((MessageBody, index) => ({ Id: String(index), MessageBody }));
      const { Successful = [] } = await client.send(
        new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }),
      );
      return Entries.map(({ Id }) => Successful.some((one) => one.Id === Id));
    });
  },
});

/** A message as its queue delivered it to a function, as far as it is put elsewhere. */
interface QueuedMessage {
  readonly receiptHandle: string;
  readonly body: string;
  readonly messageAttributes: Readonly<
    Record<string, { readonly dataType: string; readonly stringValue?: string | undefined }>
  >;
}

/** The queue of messages to targets, whose messages stay in it until they are accepted. */
export const deliveryQueue = (
  { queueUrl, unsentUrl }: { readonly queueUrl: string; readonly unsentUrl: string },
  client = defaultClient,
) => ({
  /** Makes a received message visible after the delay, and no earlier: the function must report it as failed. */
  async postpone({ receiptHandle }: Pick<QueuedMessage, "receiptHandle">, delayMs: number): Promise<void> {
    await client.send(
      new ChangeMessageVisibilityCommand({
        QueueUrl: queueUrl,
        ReceiptHandle: receiptHandle,
        VisibilityTimeout: Math.ceil(delayMs / 1000),
      }),
    );
  },

  /** Puts a copy of a message, with the reason, into the queue of the unsent. */
  async giveUp(
    { body, messageAttributes }: Omit<QueuedMessage, "receiptHandle">,
    reason: string,
  ): Promise<void> {
    const kept = Object.entries(messageAttributes).flatMap(([name, { dataType, stringValue }]) =>
      stringValue === undefined ? [] : [[name, { DataType: dataType, StringValue: stringValue }] as const],
    );
    await client.send(
      new SendMessageCommand({
        QueueUrl: unsentUrl,
        MessageBody: body,
        MessageAttributes: {
          ...Object.fromEntries(kept),
          reason: { DataType: "String", StringValue: reason.slice(0, MAX_REASON_LENGTH) },
        },
      }),
    );
  },
});
