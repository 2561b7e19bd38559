import { CreateQueueCommand, SetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { ignoreError } from "../../../base/errors.ts";
import type { Cloud } from "../../cloud.ts";
import type { Policy } from "../../iam/policy.ts";
import { optionalText, text } from "../../template/properties.ts";
import type { ResourceType } from "../../template/resource.ts";
import { queueUrl } from "../queue-url.ts";

const ATTRIBUTES = [
  "DelaySeconds",
  "MaximumMessageSize",
  "MessageRetentionPeriod",
  "ReceiveMessageWaitTimeSeconds",
  "VisibilityTimeout",
  "RedrivePolicy",
] as const;

export const queueType = (cloud: Cloud): ResourceType => ({
  properties: ["QueueName", "FifoQueue", "KmsMasterKeyId", "SqsManagedSseEnabled", "Tags", ...ATTRIBUTES],
  create: async ({ properties, generatedName }) => {
    const name = optionalText(properties, "QueueName") ?? generatedName;
    const attributes = Object.fromEntries(
      ATTRIBUTES.filter((attribute) => properties[attribute] !== undefined).map((attribute) => {
        const value = properties[attribute];
        return [attribute, typeof value === "object" ? JSON.stringify(value) : text(properties, attribute)];
      }),
    );
    const sqs = cloud.client(SQSClient, cloud.owner);
    // Documented (CreateQueue): FifoQueue can only be set when a queue is created, and never to `false`.
    const kind = properties["FifoQueue"] === true ? { FifoQueue: "true" } : undefined;
    await sqs
      .send(new CreateQueueCommand({ QueueName: name, Attributes: kind }))
      .catch((error: unknown) => ignoreError(error, "QueueNameExists", undefined));
    if (Object.keys(attributes).length > 0)
      await sqs.send(
        new SetQueueAttributesCommand({ QueueUrl: queueUrl(cloud, name), Attributes: attributes }),
      );
    return { ref: queueUrl(cloud, name), attributes: { Arn: cloud.arn("sqs", name), QueueName: name } };
  },
});

export const queuePolicyType = (cloud: Cloud): ResourceType => ({
  properties: ["Queues", "PolicyDocument"],
  create: ({ logicalId, properties }) => {
    for (const url of properties["Queues"] as string[])
      cloud.access.addResourcePolicy(
        cloud.arn("sqs", url.split("/").at(-1)!),
        properties["PolicyDocument"] as Policy,
      );
    return { ref: logicalId };
  },
});
