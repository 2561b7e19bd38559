import { textFor, type Published } from "./published.ts";

/**
 * The JSON documents that endpoints receive (documented: SNS guide, "Parsing message formats"), without SignatureVersion,
 * Signature and SigningCertURL: what verifies them accepts certificates from SNS's own addresses alone.
 */

/** A message for the subscriptions of a protocol. */
export function notification(
  published: Published,
  { protocol, topicArn, unsubscribeUrl }: { protocol: string; topicArn: string; unsubscribeUrl: string },
  atMs: number,
): Record<string, unknown> {
  const { messageId, subject, attributes } = published;
  const values = Object.entries(attributes).map(([name, { DataType, StringValue, BinaryValue }]) => [
    name,
    { Type: DataType, Value: StringValue ?? BinaryValue ?? "" },
  ]);
  return {
    Type: "Notification",
    MessageId: messageId,
    TopicArn: topicArn,
    ...(subject !== undefined && { Subject: subject }),
    Message: textFor(protocol, published),
    Timestamp: new Date(atMs).toISOString(),
    UnsubscribeURL: unsubscribeUrl,
    ...(values.length > 0 && { MessageAttributes: Object.fromEntries(values) as unknown }),
  };
}

/** What an endpoint is sent so that its owner confirms. */
export const subscriptionConfirmation = (
  {
    messageId,
    token,
    topicArn,
    subscribeUrl,
  }: Record<"messageId" | "token" | "topicArn" | "subscribeUrl", string>,
  atMs: number,
): Record<string, unknown> => ({
  Type: "SubscriptionConfirmation",
  MessageId: messageId,
  Token: token,
  TopicArn: topicArn,
  Message:
    `You have chosen to subscribe to the topic ${topicArn}.\n` +
    "To confirm the subscription, visit the SubscribeURL included in this message.",
  SubscribeURL: subscribeUrl,
  Timestamp: new Date(atMs).toISOString(),
});

/** The text of a document, as the guide's examples write it. */
export const documentText = (document: Record<string, unknown>): string => JSON.stringify(document, null, 2);
