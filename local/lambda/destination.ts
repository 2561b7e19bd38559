import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { Cloud } from "../cloud.ts";
import { queueUrl } from "../messaging/queue-url.ts";

/** Sends a record of what failed to a queue or a topic, with the function's own role (documented: Lambda, destinations). */
export async function sendToDestination(
  cloud: Cloud,
  destinationArn: string,
  record: string,
  roleArn: string,
): Promise<void> {
  const role = cloud.access.assumeRole(roleArn, "lambda.amazonaws.com");
  const [, , service, , , name = ""] = destinationArn.split(":");
  if (service === "sqs")
    await cloud
      .client(SQSClient, role)
      .send(new SendMessageCommand({ QueueUrl: queueUrl(cloud, name), MessageBody: record }));
  else
    await cloud
      .client(SNSClient, role)
      .send(new PublishCommand({ TopicArn: destinationArn, Message: record }));
}
