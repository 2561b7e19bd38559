import { SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import type { TestStack } from "../test/local/stack.ts";

/**
 * A queue of the topic's notifications.
 * @returns receives the next ones, with the time at which the topic sent them
 */
export async function subscribe<Notification>({ config, journey }: TestStack) {
  const [sqs, sns] = [new SQSClient(config), new SNSClient(config)];
  const { QueueUrl } = await sqs.send(
    new CreateQueueCommand({
      QueueName: "latency",
      Attributes: {
        Policy: JSON.stringify({
          Statement: [
            {
              Effect: "Allow",
              Principal: { Service: "sns.amazonaws.com" },
              Action: "sqs:SendMessage",
              Resource: "*",
            },
          ],
        }),
      },
    }),
  );
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }),
  );
  await sns.send(
    new SubscribeCommand({
      TopicArn: journey.outputs.DetectionsTopicArn,
      Protocol: "sqs",
      Endpoint: Attributes!["QueueArn"],
      Attributes: { RawMessageDelivery: "true" },
    }),
  );
  return async () => {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: 10,
        WaitTimeSeconds: 1,
        MessageSystemAttributeNames: ["SentTimestamp"],
      }),
    );
    return Messages.map(({ Body, Attributes: { SentTimestamp } = {} }) => ({
      notification: JSON.parse(Body!) as Notification,
      publishedAtMs: Number(SentTimestamp),
    }));
  };
}
