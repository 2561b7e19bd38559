import { EventEmitter, once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { DeleteMessageBatchCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { expect, test } from "@jest/globals";
import { artifactFolder, templateFile } from "../../demo/package-service.ts";
import { sessionsTable } from "../../aws/sessions.ts";
import { readTemplate, startLocalCloud } from "../../local/index.ts";
import { Fleet } from "../../operator/fleet.ts";
import type { Camera } from "../../schemas/camera.ts";
import { soakSize } from "../support/soak.ts";
import { allowSendMessage } from "./template-parts.ts";

const RESTARTS = soakSize(8, 3);
/** Rekognition answers twenty calls of a kind a second, which adding more cameras would exceed. */
const CAMERAS = 20;
const STACK = "doorstep-dev";
const TOPIC = "arn:aws:sns:us-east-1:000000000000:news";

const template = readTemplate(templateFile);
Object.assign(template.Resources, {
  News: { Type: "AWS::SNS::Topic", Properties: { TopicName: "news" } },
  Letters: { Type: "AWS::SQS::Queue", Properties: { QueueName: "letters" } },
  LettersPolicy: allowSendMessage("Letters", "sns.amazonaws.com"),
  LettersSubscription: {
    Type: "AWS::SNS::Subscription",
    Properties: {
      TopicArn: { Ref: "News" },
      Protocol: "sqs",
      Endpoint: { "Fn::GetAtt": ["Letters", "Arn"] },
      RawMessageDelivery: true,
    },
  },
});

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
};

test("nothing that was acknowledged is lost while publishers and cameras go on through restarts", async () => {
  const dataFolder = mkdtempSync(join(tmpdir(), "doorstep-restarts-"));
  const [awsPort, httpPort] = [await freePort(), await freePort()];
  const start = () =>
    startLocalCloud({ template, artifactFolder, stackName: STACK, dataFolder, awsPort, httpPort });
  let cloud = await start();
  const config = { ...cloud.clientConfig, maxAttempts: 1 };
  const fleet = await Fleet.open(STACK, cloud.clientConfig);
  const ids = Array.from({ length: CAMERAS }, (_, index) => `cam-${index}`);
  const cameras: Camera[] = [];
  for (const cameraId of ids) cameras.push((await fleet.add({ cameraId })).camera);

  let isOver = false;
  const acknowledged = new Set<string>();
  const progress = new EventEmitter();
  const sns = new SNSClient(config);
  const publish = async (): Promise<void> => {
    for (let count = 0; !isOver; count++) {
      const Message = `letter ${count}`;
      await sns.send(new PublishCommand({ TopicArn: TOPIC, Message })).then(
        () => {
          acknowledged.add(Message);
          progress.emit("acknowledged");
        },
        () => undefined,
      );
      await sleep(2);
    }
  };
  const statuses = new Set<number>();
  const accepted: string[] = [];
  const report = async (): Promise<void> => {
    for (const [index, camera] of cameras.entries()) {
      // Cameras report motion at moments that are spread over the restarts, and try again until they are accepted.
      for (;;) {
        const status = await fleet.sendMotion(camera, "start", {}).then(
          (response) => response.status,
          () => 0,
        );
        if (status !== 0) statuses.add(status);
        if (status === 202) break;
        await sleep(20);
      }
      accepted.push(camera.cameraId);
      while (!isOver && index > (restarts / RESTARTS) * CAMERAS) await once(progress, "restarted");
    }
  };
  let restarts = 0;
  const running = [publish(), report()];
  while (restarts < RESTARTS) {
    const before = acknowledged.size;
    while (acknowledged.size < before + 20) await once(progress, "acknowledged");
    await cloud.stop();
    cloud = await start();
    isOver = ++restarts === RESTARTS;
    progress.emit("restarted");
  }
  await Promise.all(running);

  const sqs = new SQSClient(cloud.clientConfig);
  const QueueUrl = `${cloud.endpoint}/000000000000/letters`;
  const received: string[] = [];
  for (;;) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
    );
    if (Messages.length === 0) break;
    received.push(...Messages.map(({ Body }) => Body!));
    const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
  }
  expect(acknowledged.size).toBeGreaterThanOrEqual(20 * RESTARTS);
  expect([...acknowledged].filter((message) => !received.includes(message))).toEqual([]);
  expect(accepted).toEqual(ids);
  const records = sessionsTable(cloud.outputs.SessionsTableName!, new DynamoDBClient(cloud.clientConfig));
  const sessions = await Promise.all(ids.map((cameraId) => records.find(cameraId)));
  expect(sessions.filter((session) => session === undefined)).toEqual([]);
  // A camera takes any other status for final.
  expect([...statuses].filter((status) => ![202, 429, 503].includes(status))).toEqual([]);
  await cloud.stop();
  rmSync(dataFolder, { recursive: true });
});
