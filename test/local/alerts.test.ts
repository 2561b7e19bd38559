import { dirname } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import * as v from "valibot";
import { alertSettingsTable } from "../../aws/alert-settings.ts";
import { clipsOf } from "../../demo/clips.ts";
import { templateFile } from "../../demo/package-service.ts";
import { readTemplate } from "../../local/index.ts";
import { Fleet } from "../../operator/fleet.ts";
import type { AlertDelivery, AlertDetail } from "../../schemas/alert-message.ts";
import { alertRule } from "../../schemas/alert-rule.ts";
import type { EngineName } from "../../schemas/engine.ts";
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

let stack: TestStack;
let fleet: Fleet;
const seen: AlertEvent[] = [];
const deliveries: AlertDelivery[] = [];

beforeAll(async () => {
  stack = await startStack([dirname(clip!.file)], { template: templateOfAlerts() });
  fleet = await Fleet.open("doorstep-dev", stack.config);
  const rule = { ruleId: "visitors", labels: { PERSON: 50, PACKAGE: 50 }, targets: ["phone"] };
  await alertSettingsTable(refOf("AlertSettingsTable"), new DynamoDBClient(stack.config)).putRule(
    v.parse(alertRule, rule),
  );
});
afterAll(() => stack.stop());

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

describe.each(["stream-processor", "frames"] as const)("motion of a camera of the engine %s", (engine) => {
  const cameraId = `porch-of-${engine}`;
  let startMs: number;

  test("raises one alert with its picture, which shows what is detected later, and ends with the motion", async () => {
    startMs = await motion(cameraId, engine);
    const published = await seenOf(cameraId, 3);
    expect(published.map((one) => one["detail-type"])).toEqual(["AlertRaised", "AlertUpdated", "AlertEnded"]);
    const [raised, updated, ended] = published.map(({ detail }) => detail);
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
  });

  test("has sent a message of each revision to the rule's target", async () => {
    const sent = () => deliveries.filter(({ detail }) => detail.cameraId === cameraId);
    await until(async () => {
      await receive("AlertDeliveryQueue", deliveries);
      return sent().length >= 3;
    });
    expect(
      sent()
        .map(({ targetId, type, detail }) => [targetId, type, detail.revision])
        .toSorted((a, b) => (String(a) < String(b) ? -1 : 1)),
    ).toEqual([
      ["phone", "AlertEnded", 3],
      ["phone", "AlertRaised", 1],
      ["phone", "AlertUpdated", 2],
    ]);
  });
});
