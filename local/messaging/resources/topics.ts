import { CreateTopicCommand, SetTopicAttributesCommand, SNSClient } from "@aws-sdk/client-sns";
import type { Cloud } from "../../cloud.ts";
import { OperatorError } from "../../errors.ts";
import type { Policy } from "../../iam/policy.ts";
import { optionalText, text } from "../../template/properties.ts";
import type { ResourceType } from "../../template/resource.ts";
import { isOutside } from "../outside/protocols.ts";
import type { OutsideSubscriptions } from "../outside/subscriptions.ts";
import { subscribe, type Subscriptions } from "../subscriptions.ts";

export const topicType = (cloud: Cloud): ResourceType => ({
  properties: ["TopicName", "DisplayName", "KmsMasterKeyId", "Tags"],
  create: async ({ properties, generatedName }) => {
    const name = optionalText(properties, "TopicName") ?? generatedName;
    const sns = cloud.client(SNSClient, cloud.owner);
    await sns.send(new CreateTopicCommand({ Name: name }));
    const arn = cloud.arn("sns", name);
    const AttributeValue = optionalText(properties, "DisplayName") ?? "";
    await sns.send(
      new SetTopicAttributesCommand({ TopicArn: arn, AttributeName: "DisplayName", AttributeValue }),
    );
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

export const subscriptionType = (
  cloud: Cloud,
  subscriptions: Subscriptions,
  outside: OutsideSubscriptions,
): ResourceType => ({
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
      // Documented: raw delivery is for sqs, http/s and firehose only.
      if (raw)
        throw new OperatorError("RawMessageDelivery is not possible with the protocol lambda; remove it");
      return { ref: await subscriptions.add({ ...target, protocol }, attributes) };
    }
    if (protocol === "firehose") {
      const roleArn = optionalText(properties, "SubscriptionRoleArn");
      if (!roleArn) throw new OperatorError("a firehose subscription needs SubscriptionRoleArn");
      return { ref: await subscriptions.add({ ...target, protocol, roleArn }, attributes) };
    }
    if (isOutside(protocol)) {
      const RedrivePolicy = redrive && JSON.stringify(redrive);
      const { arn } = outside.subscribe({
        topicArn,
        protocol,
        endpoint,
        attributes: { ...attributes, ...(RedrivePolicy !== undefined && { RedrivePolicy }) },
        isOfTemplate: true,
      });
      return { ref: arn };
    }
    throw new OperatorError(
      `the subscription protocol ${protocol} is not emulated; use sqs, lambda, firehose, http, https, email, email-json or sms`,
    );
  },
});
