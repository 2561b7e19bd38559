import {
  CreateQueueCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
  type SQSClientConfig,
} from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { startTestCloud, type TestCloud } from "../cloud.ts";

let local: TestCloud;
beforeAll(async () => void (local = await startTestCloud({})));
afterAll(() => local.stop());

test("returns a queue's URL on the endpoint that the caller used, where SDKs send its requests", async () => {
  const { port } = new URL(local.cloud.endpoint);
  const endpoint = `http://localhost:${port}`;
  const sqs = local.client(
    class extends SQSClient {
      constructor(config: SQSClientConfig) {
        super({ ...config, endpoint });
      }
    },
  );
  const QueueUrl = `${endpoint}/000000000000/letters`;
  expect(await sqs.send(new CreateQueueCommand({ QueueName: "letters" }))).toMatchObject({ QueueUrl });
  expect(await sqs.send(new GetQueueUrlCommand({ QueueName: "letters" }))).toMatchObject({ QueueUrl });
  expect(await sqs.send(new ListQueuesCommand({}))).toMatchObject({ QueueUrls: [QueueUrl] });
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "hello" }));
  const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
  expect(Messages).toMatchObject([{ Body: "hello" }]);
  await expect(sqs.send(new GetQueueUrlCommand({ QueueName: "missing" }))).rejects.toMatchObject({
    name: "QueueDoesNotExist",
  });
});
