import { createHash } from "node:crypto";
import {
  GetSubscriptionAttributesCommand,
  ListSubscriptionsByTopicCommand,
  paginateListSubscriptions,
  SetSubscriptionAttributesCommand,
  SNSClient,
  SubscribeCommand,
  UnsubscribeCommand,
} from "@aws-sdk/client-sns";
import { CreateQueueCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { Cloud } from "../cloud.ts";
import type { Fauxqs } from "../fauxqs.ts";
import { Delivery, type Target } from "./delivery.ts";
import { DeliveryQueue, deliveryQueueName } from "./delivery-queue.ts";

/**
 * The subscriptions that fauxqs cannot deliver. Each has a queue, which fauxqs fills by the filter policy, and a delivery
 * from the queue to the function or the delivery stream. The queue keeps messages over a restart.
 */
export class Subscriptions {
  readonly #cloud: Cloud;
  readonly #fauxqs: Fauxqs;
  readonly #deliveries = new Map<string, Delivery>();

  constructor(cloud: Cloud, fauxqs: Fauxqs) {
    this.#cloud = cloud;
    this.#fauxqs = fauxqs;
  }

  /** @returns the ARN of the subscription */
  async add(target: Target, attributes: Record<string, string>): Promise<string> {
    const { topicArn, endpoint } = target;
    const hash = createHash("sha256").update(`${topicArn} ${endpoint}`).digest("hex").slice(0, 16);
    const queueName = deliveryQueueName(hash);
    const queueArn = this.#cloud.arn("sqs", queueName);
    await this.#cloud
      .client(SQSClient, this.#cloud.owner)
      .send(new CreateQueueCommand({ QueueName: queueName }));
    const subscriptionArn = await subscribe(this.#cloud, topicArn, queueArn, attributes);
    const queue = new DeliveryQueue(this.#fauxqs, queueName);
    this.#deliveries.set(queueArn, new Delivery(this.#cloud, queue, target, subscriptionArn));
    return subscriptionArn;
  }

  /** Starts the deliveries, and removes subscriptions that are no longer in the template. */
  async start(): Promise<void> {
    const sns = this.#cloud.client(SNSClient, this.#cloud.owner);
    const prefix = this.#cloud.arn("sqs", deliveryQueueName(""));
    for await (const { Subscriptions = [] } of paginateListSubscriptions({ client: sns }, {}))
      for (const { Endpoint = "", SubscriptionArn } of Subscriptions)
        if (Endpoint.startsWith(prefix) && !this.#deliveries.has(Endpoint))
          await sns.send(new UnsubscribeCommand({ SubscriptionArn }));
    for (const delivery of this.#deliveries.values()) delivery.start();
  }

  /** Resolves when the delivery streams have every message that was published before the call, or have refused it. */
  async passedOn(): Promise<void> {
    const toStreams = [...this.#deliveries.values()].filter((delivery) => delivery.isToStream);
    await Promise.all(toStreams.map((delivery) => delivery.passedOn()));
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#deliveries.values()].map((delivery) => delivery.stop()));
  }
}

/** What the attributes are that a subscription can be created with, where they are absent. */
const ABSENT = { RawMessageDelivery: "false", FilterPolicy: "", FilterPolicyScope: "MessageAttributes" };

/**
 * Subscribes the queue. A subscription from an earlier start is kept, so that no message is lost, and its attributes are
 * changed to the given ones.
 */
export async function subscribe(
  cloud: Cloud,
  topicArn: string,
  queueArn: string,
  attributes: Record<string, string>,
): Promise<string> {
  const sns = cloud.client(SNSClient, cloud.owner);
  const existing = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn: topicArn }));
  const { SubscriptionArn: existingArn } =
    existing.Subscriptions?.find(({ Endpoint }) => Endpoint === queueArn) ?? {};
  if (existingArn !== undefined) {
    const { Attributes = {} } = await sns.send(
      new GetSubscriptionAttributesCommand({ SubscriptionArn: existingArn }),
    );
    for (const [name, absent] of Object.entries(ABSENT)) {
      const value = attributes[name] ?? absent;
      if ((Attributes[name] ?? absent) !== value)
        await sns.send(
          new SetSubscriptionAttributesCommand({
            SubscriptionArn: existingArn,
            AttributeName: name,
            AttributeValue: value,
          }),
        );
    }
    return existingArn;
  }
  const { SubscriptionArn } = await sns.send(
    new SubscribeCommand({
      TopicArn: topicArn,
      Protocol: "sqs",
      Endpoint: queueArn,
      ReturnSubscriptionArn: true,
      Attributes: attributes,
    }),
  );
  return SubscriptionArn!;
}
