import { randomUUID } from "node:crypto";
import { SNSClient, SubscribeCommand, UnsubscribeCommand } from "@aws-sdk/client-sns";
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import * as v from "valibot";
import type { ClientConfig } from "./journey.ts";

const LONG_POLL_SECONDS = 5;

const notification = v.object({
  sessionId: v.string(),
  eventNamespace: v.object({ type: v.string() }),
  labels: v.optional(v.array(v.object({ name: v.string() })), []),
});

export type HeardNotification = v.InferOutput<typeof notification>;

/** Listens to the detections topic through a queue of its own. */
export class Listener {
  readonly #sns: SNSClient;
  readonly #sqs: SQSClient;
  readonly #queueUrl: string;
  readonly #subscriptionArn: string;

  private constructor(sns: SNSClient, sqs: SQSClient, queueUrl: string, subscriptionArn: string) {
    this.#sns = sns;
    this.#sqs = sqs;
    this.#queueUrl = queueUrl;
    this.#subscriptionArn = subscriptionArn;
  }

  static async subscribe(topicArn: string, config: ClientConfig): Promise<Listener> {
    const sqs = new SQSClient(config);
    const sns = new SNSClient(config);
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: `listener-${randomUUID()}` }));
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }),
    );
    const { SubscriptionArn } = await sns.send(
      new SubscribeCommand({
        TopicArn: topicArn,
        Protocol: "sqs",
        Endpoint: Attributes!["QueueArn"],
        Attributes: { RawMessageDelivery: "true" },
        ReturnSubscriptionArn: true,
      }),
    );
    return new Listener(sns, sqs, QueueUrl!, SubscriptionArn!);
  }

  /**
   * Hears the topic until every session has said that it is complete.
   * @throws Error when they have not within the given time
   */
  async untilComplete(sessionIds: readonly string[], withinMs: number): Promise<HeardNotification[]> {
    const heard: HeardNotification[] = [];
    const open = new Set(sessionIds);
    const deadlineMs = performance.now() + withinMs;
    while (open.size > 0) {
      if (performance.now() > deadlineMs)
        throw new Error(`no word of the end of ${[...open].join(", ")} within ${withinMs / 1000} s`);
      const { Messages = [] } = await this.#sqs.send(
        new ReceiveMessageCommand({
          QueueUrl: this.#queueUrl,
          MaxNumberOfMessages: 10,
          WaitTimeSeconds: LONG_POLL_SECONDS,
        }),
      );
      for (const { Body, ReceiptHandle } of Messages) {
        await this.#sqs.send(new DeleteMessageCommand({ QueueUrl: this.#queueUrl, ReceiptHandle }));
        const message = v.parse(notification, JSON.parse(Body!));
        if (!sessionIds.includes(message.sessionId)) continue;
        heard.push(message);
        if (message.eventNamespace.type === "STREAM_PROCESSING_COMPLETE") open.delete(message.sessionId);
      }
    }
    return heard;
  }

  async close(): Promise<void> {
    await this.#sns.send(new UnsubscribeCommand({ SubscriptionArn: this.#subscriptionArn }));
    await this.#sqs.send(new DeleteQueueCommand({ QueueUrl: this.#queueUrl }));
  }
}
