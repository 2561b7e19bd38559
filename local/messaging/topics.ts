import { createHash } from "node:crypto";
import {
  CreateTopicCommand,
  ListSubscriptionsByTopicCommand,
  paginateListSubscriptions,
  SNSClient,
  SubscribeCommand,
  UnsubscribeCommand,
} from "@aws-sdk/client-sns";
import { CreateQueueCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { Cloud } from "../cloud.ts";
import { OperatorError } from "../errors.ts";
import type { Policy } from "../iam/policy.ts";
import type { ResourceType } from "../template/resource.ts";
import { Delivery, type Target } from "./delivery.ts";
import { optionalText, text } from "../template/properties.ts";

export const topicType = (cloud: Cloud): ResourceType => ({
  properties: ["TopicName", "DisplayName", "KmsMasterKeyId", "Tags"],
  create: async ({ properties, generatedName }) => {
    const name = optionalText(properties, "TopicName") ?? generatedName;
    await cloud.client(SNSClient, cloud.owner).send(new CreateTopicCommand({ Name: name }));
    const arn = cloud.arn("sns", name);
    return { ref: arn, attributes: { TopicArn: arn, TopicName: name } };
  },
});

export const topicPolicyType = (cloud: Cloud): ResourceType => ({
  properties: ["Topics", "PolicyDocument"],
  create: ({ logicalId, properties }) => {
    for (const arn of properties["Topics"] as string[])
      cloud.access.addResourcePolicy(arn, properties["PolicyDocument"] as Policy);
    return { ref: logicalId };
  },
});

const DELIVERY_QUEUE_PREFIX = "sns-delivery-";

/** Whether a queue is one of those between a topic and a function or a delivery stream. */
export const isDeliveryQueue = (queueName: string): boolean => queueName.startsWith(DELIVERY_QUEUE_PREFIX);

/**
 * The subscriptions that fauxqs cannot deliver by itself. Each gets a queue that fauxqs fills, filter policy applied,
 * and a delivery that empties it into the function or the delivery stream; the queue keeps messages over a restart.
 */
export class Subscriptions {
  readonly #cloud: Cloud;
  readonly #deliveries = new Map<string, Delivery>();

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  /** @returns the ARN of the subscription */
  async add(target: Target, attributes: Record<string, string>): Promise<string> {
    const { topicArn, endpoint } = target;
    const hash = createHash("sha256").update(`${topicArn} ${endpoint}`).digest("hex").slice(0, 16);
    const queueName = DELIVERY_QUEUE_PREFIX + hash;
    const queueArn = this.#cloud.arn("sqs", queueName);
    await this.#cloud
      .client(SQSClient, this.#cloud.owner)
      .send(new CreateQueueCommand({ QueueName: queueName }));
    const subscriptionArn = await subscribe(this.#cloud, topicArn, queueArn, attributes);
    this.#deliveries.set(queueArn, new Delivery(this.#cloud, queueName, target, subscriptionArn));
    return subscriptionArn;
  }

  /** Starts the deliveries, and ends subscriptions that an earlier template had and this one has not. */
  async start(): Promise<void> {
    const sns = this.#cloud.client(SNSClient, this.#cloud.owner);
    const prefix = this.#cloud.arn("sqs", DELIVERY_QUEUE_PREFIX);
    for await (const { Subscriptions = [] } of paginateListSubscriptions({ client: sns }, {}))
      for (const { Endpoint = "", SubscriptionArn } of Subscriptions)
        if (Endpoint.startsWith(prefix) && !this.#deliveries.has(Endpoint))
          await sns.send(new UnsubscribeCommand({ SubscriptionArn }));
    for (const delivery of this.#deliveries.values()) delivery.start();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#deliveries.values()].map((delivery) => delivery.stop()));
  }
}

export const subscriptionType = (cloud: Cloud, subscriptions: Subscriptions): ResourceType => ({
  properties: [
    "TopicArn",
    "Protocol",
    "Endpoint",
    "SubscriptionRoleArn",
    "RawMessageDelivery",
    "FilterPolicy",
    "FilterPolicyScope",
    "RedrivePolicy",
  ],
  create: async ({ properties }) => {
    const topicArn = text(properties, "TopicArn");
    const protocol = text(properties, "Protocol");
    const endpoint = text(properties, "Endpoint");
    const raw = optionalText(properties, "RawMessageDelivery") === "true";
    const redrive = properties["RedrivePolicy"] as { deadLetterTargetArn?: string } | undefined;
    const target = { topicArn, endpoint, raw, deadLetterQueueArn: redrive?.deadLetterTargetArn };
    const { FilterPolicy } = properties;
    const scope = optionalText(properties, "FilterPolicyScope");
    const attributes = {
      ...(raw && { RawMessageDelivery: "true" }),
      ...(FilterPolicy !== undefined && { FilterPolicy: JSON.stringify(FilterPolicy) }),
      ...(scope && { FilterPolicyScope: scope }),
    };
    if (protocol === "sqs") return { ref: await subscribe(cloud, topicArn, endpoint, attributes) };
    if (protocol === "lambda") {
      // Documented: raw delivery exists for sqs, http/s and firehose only.
      if (raw) throw new OperatorError("RawMessageDelivery is not possible with the protocol lambda");
      return { ref: await subscriptions.add({ ...target, protocol }, attributes) };
    }
    if (protocol === "firehose") {
      const roleArn = optionalText(properties, "SubscriptionRoleArn");
      if (!roleArn) throw new OperatorError("a firehose subscription needs SubscriptionRoleArn");
      return { ref: await subscriptions.add({ ...target, protocol, roleArn }, attributes) };
    }
    throw new OperatorError(
      `the subscription protocol ${protocol} is not emulated; use sqs, lambda or firehose`,
    );
  },
});

/** Subscribes the queue anew, so that a changed filter policy takes the place of the old one. */
async function subscribe(
  cloud: Cloud,
  topicArn: string,
  queueArn: string,
  attributes: Record<string, string>,
): Promise<string> {
  const sns = cloud.client(SNSClient, cloud.owner);
  const existing = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn: topicArn }));
  for (const { Endpoint, SubscriptionArn } of existing.Subscriptions ?? [])
    if (Endpoint === queueArn) await sns.send(new UnsubscribeCommand({ SubscriptionArn }));
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
