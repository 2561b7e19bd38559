import type { Message, MessageAttributeValue } from "@aws-sdk/client-sqs";
import type { SQSEvent, SQSMessageAttributes, SQSRecordAttributes } from "aws-lambda";

/** The event by which a function receives a batch of messages (documented: LAM with-sqs). */
export const sqsEvent = (messages: readonly Message[], queueArn: string, region: string): SQSEvent => ({
  Records: messages.map((message) => ({
    messageId: message.MessageId!,
    receiptHandle: message.ReceiptHandle!,
    body: message.Body ?? "",
    attributes: message.Attributes as unknown as SQSRecordAttributes,
    messageAttributes: Object.fromEntries(
      Object.entries(message.MessageAttributes ?? {}).map(([name, value]) => [name, attribute(value)]),
    ) as SQSMessageAttributes,
    md5OfBody: message.MD5OfBody!,
    eventSource: "aws:sqs",
    eventSourceARN: queueArn,
    awsRegion: region,
  })),
});

const attribute = ({ StringValue, BinaryValue, DataType }: MessageAttributeValue) => ({
  ...(StringValue !== undefined && { stringValue: StringValue }),
  ...(BinaryValue !== undefined && { binaryValue: Buffer.from(BinaryValue).toString("base64") }),
  stringListValues: [],
  binaryListValues: [],
  dataType: DataType,
});

/**
 * Ids of the messages that a function reports as failed, of a batch with these ids. A null or empty reply or list is a
 * success; a reply that is malformed fails the whole batch (documented: LAM services-sqs-errorhandling). That an id
 * which isn't in the batch does so too is unconfirmed.
 * @param payload the function's result as JSON
 */
export function failedIds(payload: string, batchIds: readonly string[]): readonly string[] {
  const reply = JSON.parse(payload) as { batchItemFailures?: unknown } | null;
  const failures = reply?.batchItemFailures ?? [];
  if (!Array.isArray(failures)) return batchIds;
  const ids = failures.map((failure: { itemIdentifier?: unknown } | null) => failure?.itemIdentifier);
  return ids.every((id) => batchIds.includes(id as string)) ? (ids as string[]) : batchIds;
}
