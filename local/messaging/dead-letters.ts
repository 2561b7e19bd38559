import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { Cloud } from "../cloud.ts";
import { queueUrl } from "./queue-url.ts";

/**
 * Sends what could not be delivered to the dead-letter queue of its subscription, as SNS on behalf of the topic.
 * @throws Error when the queue's policy does not allow it
 */
export async function sendToDeadLetterQueue(
  cloud: Cloud,
  topicArn: string,
  queueArn: string,
  body: string,
): Promise<void> {
  const sns = cloud.access.servicePrincipal("sns.amazonaws.com", topicArn);
  await cloud.client(SQSClient, sns).send(
    new SendMessageCommand({
      QueueUrl: queueUrl(cloud, queueArn.split(":").at(-1)!),
      MessageBody: body,
    }),
  );
}
