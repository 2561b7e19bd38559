import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import * as v from "valibot";
import { alertSettingsTable } from "../../aws/alert-settings.ts";
import { alertsTable } from "../../aws/alerts.ts";
import { sessionsTable } from "../../aws/sessions.ts";
import { clipsOf } from "../../demo/clips.ts";
import { templateFile } from "../../demo/package-service.ts";
import { readTemplate } from "../../local/index.ts";
import { Fleet } from "../../operator/fleet.ts";
import type { AlertDelivery, AlertDetail } from "../../schemas/alert-message.ts";
import type { AlertRecord } from "../../schemas/alert-record.ts";
import { alertRule } from "../../schemas/alert-rule.ts";
import type { EngineName } from "../../schemas/engine.ts";
import { example } from "../support/notifications.ts";
import { startStack, type TestStack } from "./stack.ts";
import { allowSendMessage } from "./template-parts.ts";

const [clip] = clipsOf([]);
const CLIP_MS = 16_000;

interface AlertEvent {
  readonly "detail-type": string;
  readonly detail: AlertDetail;
}

/** The packaged service, whose alerts on the bus are kept in a queue, and whose deliveries stay in theirs. */
function templateOfAlerts() {
  const packaged = readTemplate(templateFile);
  const isSender = ({ Type, Properties }: { Type: string; Properties?: object }): boolean =>
    Type === "AWS::Lambda::EventSourceMapping" && JSON.stringify(Properties).includes("AlertDeliveryQueue");
  const kept = Object.entries(packaged.Resources).filter(([, resource]) => !isSender(resource));
  const more = {
    Seen: { Type: "AWS::SQS::Queue", Properties: { QueueName: "seen" } },
    SeenPolicy: allowSendMessage("Seen", "events.amazonaws.com"),
    SeenRule: {
      Type: "AWS::Events::Rule",
      Properties: {
        EventBusName: { Ref: "EventBus" },
        EventPattern: { "detail-type": [{ prefix: "Alert" }] },
        Targets: [{ Id: "seen", Arn: { "Fn::GetAtt": ["Seen", "Arn"] } }],
      },
    },
  };
  return { ...packaged, Resources: { ...Object.fromEntries(kept), ...more } };
}

const dataFolder = mkdtempSync(join(tmpdir(), "doorstep-alerts-"));
let stack: TestStack;
let fleet: Fleet;
const seen: AlertEvent[] = [];
const deliveries: AlertDelivery[] = [];

async function start(): Promise<void> {
  stack = await startStack([dirname(clip!.file)], { dataFolder, template: templateOfAlerts() });
  fleet = await Fleet.open("doorstep-dev", stack.config);
}

beforeAll(async () => {
  await start();
  const rule = { ruleId: "visitors", labels: { PERSON: 50, PACKAGE: 50 }, targets: ["phone"] };
  await alertSettingsTable(refOf("AlertSettingsTable"), new DynamoDBClient(stack.config)).putRule(
    v.parse(alertRule, rule),
  );
});
afterAll(async () => {
  await stack.stop();
  rmSync(dataFolder, { recursive: true, force: true });
});

const refOf = (logicalId: string): string => stack.local.stack.resources.get(logicalId)!.ref;

async function receive<T>(logicalId: string, into: T[]): Promise<void> {
  const { Messages = [] } = await new SQSClient(stack.config).send(
    new ReceiveMessageCommand({
      QueueUrl: refOf(logicalId),
      MaxNumberOfMessages: 10,
      VisibilityTimeout: 43_200,
    }),
  );
  into.push(...Messages.map(({ Body = "" }) => JSON.parse(Body) as T));
}

/** How many events functions and queues have had. */
const events = (): number => stack.local.cloud.events.matching(() => true).length;

/** Checks again after each event of the local cloud. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (;;) {
    const before = events();
    if (await isSo()) return;
    await stack.local.cloud.events.waitFor(() => events() > before);
  }
}

/** What the bus has had of a camera's alerts, once so many events are there. */
async function seenOf(cameraId: string, count: number): Promise<AlertEvent[]> {
  const found = () => seen.filter(({ detail }) => detail.cameraId === cameraId);
  await until(async () => {
    await receive("Seen", seen);
    return found().length >= count;
  });
  return found().toSorted((a, b) => a.detail.revision - b.detail.revision);
}

/** The messages of a camera's alerts to a target, once there are so many, by their revision. */
async function sentTo(target: string, cameraId: string, count: number) {
  const sent = () =>
    deliveries.filter(({ targetId, detail }) => targetId === target && detail.cameraId === cameraId);
  await until(async () => {
    await receive("AlertDeliveryQueue", deliveries);
    return sent().length >= count;
  });
  return sent()
    .map(({ type, detail }) => [type, detail.revision] as const)
    .toSorted((a, b) => a[1] - b[1]);
}

/** Motion of a camera as long as the clip, which is over. */
async function motion(cameraId: string, engine: EngineName): Promise<number> {
  const { camera } = await fleet.add({ cameraId, engine });
  const { startMs } = await stack.journey.upload({ ...clip!, cameraId }, camera);
  for (const [verb, body] of [
    ["start", { at: startMs, maxDurationSeconds: 16 }],
    ["stop", { at: startMs + CLIP_MS }],
  ] as const)
    expect((await fleet.sendMotion(camera, verb, body)).status).toBeLessThan(300);
  return startMs;
}

/** Publishes the detection of a person in a session of the camera that begins at a time. */
async function publishPerson(cameraId: string, sessionId: string, startMs: number): Promise<void> {
  const notification = example("label-detected.json");
  const [label] = notification.labels;
  const picture = `s3://${fleet.outputs.EvidenceBucketName}/evidence/${sessionId}`;
  const streamArn = notification.inputInformation.kinesisVideo.streamArn.replace("front-door", cameraId);
  notification.inputInformation.kinesisVideo.streamArn = streamArn;
  Object.assign(notification, { eventId: `person of ${sessionId}`, sessionId });
  Object.assign(label, { frameImageUri: `${picture}-frame.jpg`, croppedImageUri: `${picture}-person.jpg` });
  label.videoMapping.kinesisVideoMapping.producerTimestamp = startMs;
  notification.startStreamProcessorRequest.startSelector.kvsStreamStartSelector.producerTimestamp = startMs;
  await new SNSClient(stack.config).send(
    new PublishCommand({ TopicArn: fleet.outputs.DetectionsTopicArn, Message: JSON.stringify(notification) }),
  );
}

const alertsOf = async (cameraId: string): Promise<AlertRecord | undefined> =>
  await alertsTable(refOf("AlertsTable"), new DynamoDBClient(stack.config)).find(cameraId);

describe.each(["stream-processor", "frames"] as const)("motion of a camera of the engine %s", (engine) => {
  const cameraId = `porch-of-${engine}`;
  let startMs: number;

  test("raises one alert with its picture, which shows what is detected later, and ends with the motion", async () => {
    startMs = await motion(cameraId, engine);
    const published = await seenOf(cameraId, 4);
    expect(published.map((one) => one["detail-type"])).toEqual([
      "AlertRaised",
      "AlertUpdated",
      "AlertEnded",
      "AlertUpdated",
    ]);
    const [raised, updated, ended, left] = published.map(({ detail }) => detail);
    expect(raised).toMatchObject({
      alertId: `${cameraId}-${startMs}`,
      revision: 1,
      silent: false,
      severity: "warning",
      labels: [{ name: "PERSON" }],
      rules: ["visitors"],
      chainStartedAt: new Date(startMs).toISOString(),
      picture: {
        frameUri: expect.stringMatching(`^s3://${fleet.outputs.EvidenceBucketName}/evidence/`),
        cropUri: expect.stringMatching(`^s3://${fleet.outputs.EvidenceBucketName}/evidence/`),
      },
    });
    expect(updated).toMatchObject({
      revision: 2,
      silent: true,
      labels: [{ name: "PERSON" }, { name: "PACKAGE" }],
    });
    expect(ended).toMatchObject({ revision: 3, silent: true, endedAt: expect.any(String) });
    // The last image of its video shows the package.
    expect(left).toMatchObject({ revision: 4, silent: false, package: { state: "left" } });
  });

  test("has sent a message of each revision to the rule's target", async () => {
    expect(await sentTo("phone", cameraId, 4)).toEqual([
      ["AlertRaised", 1],
      ["AlertUpdated", 2],
      ["AlertEnded", 3],
      ["AlertUpdated", 4],
    ]);
  });

  test("raises nothing soon after it", async () => {
    const sessions = sessionsTable(fleet.outputs.SessionsTableName, new DynamoDBClient(stack.config));
    const record = (await sessions.find(cameraId))!;
    const videoStartMs = startMs + CLIP_MS + 500;
    const run = {
      ...record.run!,
      sessionId: `second of ${engine}`,
      videoStartMs,
      chainStartMs: videoStartMs,
    };
    expect(await sessions.put({ ...record, version: record.version + 1, run })).toBe(true);
    await publishPerson(cameraId, run.sessionId, videoStartMs);
    await until(async () => (await alertsOf(cameraId))!.decided.length === 3);
    const { alerts, outbox } = (await alertsOf(cameraId))!;
    expect(alerts.map(({ alertId, revision }) => [alertId, revision])).toEqual([
      [`${cameraId}-${startMs}`, 4],
    ]);
    expect(outbox.filter(({ to }) => to === "targets")).toEqual([]);
  });
});

test("an alert that waits for its picture when the cloud stops is published once after it starts", async () => {
  await fleet.add({ cameraId: "hall" });
  await publishPerson("hall", "interrupted", stack.clock.now());
  await until(async () => (await alertsOf("hall"))?.alerts.length === 1);
  await stack.stop();
  await start();
  // A message that the stop interrupted is received again after its visibility timeout of a minute.
  stack.clock.turn(61_000);
  const [raised] = await seenOf("hall", 1);
  expect(raised).toMatchObject({
    "detail-type": "AlertRaised",
    detail: { revision: 1, labels: [{ name: "PERSON" }] },
  });
  expect(raised!.detail.picture).toBe(undefined);
  expect(await sentTo("phone", "hall", 1)).toEqual([["AlertRaised", 1]]);
  await until(async () => (await alertsOf("hall"))!.outbox.length === 0);
  expect(await seenOf("hall", 1)).toHaveLength(1);
});

test("a camera that is removed takes its alerts along", async () => {
  await fleet.remove(fleet.partsOf("hall", await fleet.find("hall")));
  expect(await alertsOf("hall")).toBe(undefined);
});
