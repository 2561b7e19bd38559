import { createHash } from "node:crypto";
import {
  CreateTopicCommand,
  ListSubscriptionsByTopicCommand,
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
  make: async ({ properties, generatedName }) => {
    const name = optionalText(properties, "TopicName") ?? generatedName;
    await cloud.client(SNSClient, cloud.owner).send(new CreateTopicCommand({ Name: name }));
    const arn = cloud.arn("sns", name);
    return { ref: arn, attributes: { TopicArn: arn, TopicName: name } };
  },
});

export const topicPolicyType = (cloud: Cloud): ResourceType => ({
  properties: ["Topics", "PolicyDocument"],
  make: ({ logicalId, properties }) => {
    for (const arn of properties["Topics"] as string[])
      cloud.access.addResourcePolicy(arn, properties["PolicyDocument"] as Policy);
    return { ref: logicalId };
  },
});

/**
 * The subscriptions that fauxqs cannot deliver by itself. Each gets a queue that fauxqs fills, filter policy applied,
 * and a delivery that empties it into the function or the delivery stream; the queue keeps messages over a restart.
 */
export class Subscriptions {
  readonly #cloud: Cloud;
  readonly #deliveries: Delivery[] = [];

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  async add(target: Target): Promise<{ queueArn: string }> {
    const hash = createHash("sha256")
      .update(`${target.topicArn} ${target.endpoint}`)
      .digest("hex")
      .slice(0, 16);
    const name = `sns-delivery-${hash}`;
    const sqs = this.#cloud.client(SQSClient, this.#cloud.owner);
    await sqs.send(new CreateQueueCommand({ QueueName: name }));
    this.#deliveries.push(new Delivery(this.#cloud, name, target));
    return { queueArn: this.#cloud.arn("sqs", name) };
  }

  start(): void {
    for (const delivery of this.#deliveries) delivery.start();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#deliveries.map((delivery) => delivery.stop()));
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
  make: async ({ properties }) => {
    const topicArn = text(properties, "TopicArn");
    const protocol = text(properties, "Protocol");
    const endpoint = text(properties, "Endpoint");
    const raw = optionalText(properties, "RawMessageDelivery") === "true";
    const redrive = properties["RedrivePolicy"] as { deadLetterTargetArn?: string } | undefined;
    const target = { topicArn, endpoint, raw, deadLetterQueueArn: redrive?.deadLetterTargetArn };
    let queueArn: string;
    if (protocol === "sqs") queueArn = endpoint;
    else if (protocol === "lambda") {
      // Documented: raw delivery exists for sqs, http/s and firehose only.
      if (raw) throw new OperatorError("RawMessageDelivery is not possible with the protocol lambda");
      ({ queueArn } = await subscriptions.add({ ...target, protocol }));
    } else if (protocol === "firehose") {
      const roleArn = properties["SubscriptionRoleArn"];
      if (typeof roleArn !== "string")
        throw new OperatorError("a firehose subscription needs SubscriptionRoleArn");
      ({ queueArn } = await subscriptions.add({ ...target, protocol, roleArn }));
    } else
      throw new OperatorError(
        `the subscription protocol ${protocol} is not emulated; use sqs, lambda or firehose`,
      );
    return { ref: await subscribe(cloud, topicArn, queueArn, raw, properties) };
  },
});

/** Subscribes the queue anew, so that a changed filter policy takes the place of the old one. */
async function subscribe(
  cloud: Cloud,
  topicArn: string,
  queueArn: string,
  raw: boolean,
  properties: Readonly<Record<string, unknown>>,
): Promise<string> {
  const sns = cloud.client(SNSClient, cloud.owner);
  const existing = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn: topicArn }));
  for (const { Endpoint, SubscriptionArn } of existing.Subscriptions ?? [])
    if (Endpoint === queueArn) await sns.send(new UnsubscribeCommand({ SubscriptionArn }));
  const { FilterPolicy } = properties;
  const scope = optionalText(properties, "FilterPolicyScope");
  const { SubscriptionArn } = await sns.send(
    new SubscribeCommand({
      TopicArn: topicArn,
      Protocol: "sqs",
      Endpoint: queueArn,
      ReturnSubscriptionArn: true,
      Attributes: {
        ...(raw && { RawMessageDelivery: "true" }),
        ...(FilterPolicy !== undefined && { FilterPolicy: JSON.stringify(FilterPolicy) }),
        ...(scope && { FilterPolicyScope: scope }),
      },
    }),
  );
  return SubscriptionArn!;
}
