/**
 * From a published detection to the webhook about it, on the local cloud: with the picture stored before, stored two seconds
 * later, and never. The packaged functions run, and each alert is of a camera of its own. Beside it how long the same
 * notification takes to a plain queue of the topic. Times of AWS's services are those of this machine.
 *
 *     npm run bench -- alert-latency [-- --alerts=30]
 */
import { readFileSync } from "node:fs";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import * as v from "valibot";
import { alertSettingsTable } from "../aws/alert-settings.ts";
import { sleep, systemClock } from "../base/clock.ts";
import { SECOND_MS } from "../base/durations.ts";
import { randomId } from "../base/random.ts";
import { Fleet } from "../operator/fleet.ts";
import { alertRule } from "../schemas/alert-rule.ts";
import { alertTarget } from "../schemas/alert-target.ts";
import type { Camera } from "../schemas/camera.ts";
import type { TestStack } from "../test/local/stack.ts";
import { startReceiver } from "../test/support/receiver.ts";
import { quantile, rounded } from "./figures.ts";
import { numberFlag } from "./flags.ts";
import { onStack } from "./on-stack.ts";
import { figure, report } from "./result.ts";
import { subscribe } from "./topic-queue.ts";

const ALERTS = numberFlag("alerts", 30);
/** Between two alerts: each meets functions that are idle. */
const PAUSE_MS = 200;
const LATE_MS = 2 * SECOND_MS;
const LONGEST_WAIT_MS = 60 * SECOND_MS;

/** When the picture of an alert is stored. */
const SCENARIOS = {
  "picture stored before": 0,
  "picture stored 2 s later": LATE_MS,
  "picture never stored": undefined,
} as const;

type Scenario = keyof typeof SCENARIOS;

const SAMPLE = readFileSync(new URL("../events/label-detected-frames.json", import.meta.url), "utf8");

interface Notification {
  readonly eventId: string;
}

interface WebhookBody {
  readonly type: string;
  readonly data: { readonly cameraId: string; readonly links: { readonly frame?: string } };
}

/** A detection on a camera at this moment, as the engine `frames` publishes it. */
function notificationOf({ streamName, processorName }: Camera, bucket: string, nowMs: number) {
  const sample = JSON.parse(SAMPLE) as Record<string, unknown> & {
    labels: [{ videoMapping: { kinesisVideoMapping: object } }];
  };
  const key = `evidence/${processorName}/${nowMs}-frame.jpg`;
  const notification = {
    ...sample,
    eventId: randomId(),
    sessionId: randomId(),
    inputInformation: {
      kinesisVideo: { streamArn: `arn:aws:kinesisvideo:us-east-1:000000000000:stream/${streamName}/1` },
    },
    labels: [
      {
        ...sample.labels[0],
        frameImageUri: `s3://${bucket}/${key}`,
        croppedImageUri: undefined,
        videoMapping: {
          kinesisVideoMapping: {
            ...sample.labels[0].videoMapping.kinesisVideoMapping,
            serverTimestamp: nowMs,
            producerTimestamp: nowMs - SECOND_MS,
          },
        },
      },
    ],
    startStreamProcessorRequest: {
      name: processorName,
      startSelector: { kvsStreamStartSelector: { producerTimestamp: nowMs - 3 * SECOND_MS } },
      stopSelector: { maxDurationInSeconds: 30 },
    },
  };
  return { notification, key };
}

async function measure(stack: TestStack) {
  const { clock, config } = stack;
  const fleet = await Fleet.open("doorstep-dev", config);
  const [sns, s3] = [new SNSClient(config), new S3Client({ ...config, forcePathStyle: true })];
  const bucket = fleet.outputs.EvidenceBucketName;
  const settings = alertSettingsTable(
    stack.local.outputs["AlertSettingsTableName"]!,
    new DynamoDBClient(config),
  );
  const webhooks: { readonly body: WebhookBody; readonly atMs: number }[] = [];
  const receiver = await startReceiver((response, { body }) => {
    webhooks.push({ body: JSON.parse(body) as WebhookBody, atMs: clock.now() });
    response.writeHead(204).end();
  });
  await settings.putTarget(
    v.parse(alertTarget, {
      targetId: "bench",
      format: "standard",
      url: receiver.url,
      allowPrivate: true,
    }),
  );
  await settings.putRule(v.parse(alertRule, { ruleId: "all", maxPerHour: 1000, targets: ["bench"] }));

  const receive = await subscribe<Notification>(stack);
  const queuedAtMs = new Map<string, number>();
  let isDone = false;
  const receiving = (async () => {
    while (!isDone)
      for (const { notification } of await receive()) queuedAtMs.set(notification.eventId, clock.now());
  })();

  const names = Object.keys(SCENARIOS) as Scenario[];
  interface Published {
    readonly scenario: Scenario;
    readonly cameraId: string;
    readonly eventId: string;
    readonly publishedAtMs: number;
  }
  const alerts: Published[] = [];
  const uncounted: Published[] = [];
  // The first alert starts the functions, and is not counted.
  for (let index = -1; index < ALERTS; index++)
    for (const [number, scenario] of names.entries()) {
      const { camera } = await fleet.add({ cameraId: `camera-${index + 1}-${number}`, engine: "frames" });
      const nowMs = Math.round(clock.now());
      const { notification, key } = notificationOf(camera, bucket, nowMs);
      const store = () => s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: "a picture" }));
      const storedAfterMs = SCENARIOS[scenario];
      if (storedAfterMs === 0) await store();
      const counted = index < 0 ? uncounted : alerts;
      counted.push({
        scenario,
        cameraId: camera.cameraId,
        eventId: notification.eventId,
        publishedAtMs: clock.now(),
      });
      await sns.send(
        new PublishCommand({
          TopicArn: fleet.outputs.DetectionsTopicArn,
          Message: JSON.stringify(notification),
        }),
      );
      if (storedAfterMs) clock.after(storedAfterMs, () => void store());
      await sleep(systemClock, PAUSE_MS);
    }
  const raisedOf = (cameraId: string) =>
    webhooks.find(({ body }) => body.type === "AlertRaised" && body.data.cameraId === cameraId);
  const untilMs = clock.now() + LONGEST_WAIT_MS;
  while (clock.now() < untilMs && alerts.some(({ cameraId }) => !raisedOf(cameraId)))
    await sleep(systemClock, PAUSE_MS);
  isDone = true;
  await receiving;
  await receiver.stop();

  const quantiles = (milliseconds: readonly number[]) => ({
    p50Ms: rounded(quantile(milliseconds, 0.5), 1),
    p99Ms: rounded(quantile(milliseconds, 0.99), 1),
  });
  const queuedMs = alerts.flatMap(({ eventId, publishedAtMs }) => {
    const atMs = queuedAtMs.get(eventId);
    return atMs === undefined ? [] : [atMs - publishedAtMs];
  });
  return {
    results: names.map((scenario) => {
      const own = alerts.filter((one) => one.scenario === scenario);
      const raised = own.flatMap(({ cameraId, publishedAtMs }) => {
        const webhook = raisedOf(cameraId);
        return webhook
          ? [{ ms: webhook.atMs - publishedAtMs, hasPicture: webhook.body.data.links.frame !== undefined }]
          : [];
      });
      return {
        scenario,
        alerts: own.length,
        received: raised.length,
        withPicture: raised.filter(({ hasPicture }) => hasPicture).length,
        ...quantiles(raised.map(({ ms }) => ms)),
      };
    }),
    plainQueue: { received: queuedMs.length, ...quantiles(queuedMs) },
  };
}

const { results, plainQueue } = await onStack(measure);
report("alert-latency", {
  figures: [
    ...results.flatMap(({ scenario, alerts, received, withPicture, p50Ms, p99Ms }) => [
      figure(`${scenario}: alerts received of ${alerts}`, received, ""),
      figure(`${scenario}: with the picture`, withPicture, ""),
      figure(`${scenario}: half within`, p50Ms, "ms"),
      figure(`${scenario}: 99 of 100 within`, p99Ms, "ms"),
    ]),
    figure("a plain queue of the topic: half within", plainQueue.p50Ms, "ms"),
    figure("a plain queue of the topic: 99 of 100 within", plainQueue.p99Ms, "ms"),
  ],
  rival: {
    name: "a plain queue of the topic",
    ratio: rounded(results[0]!.p50Ms / plainQueue.p50Ms),
    ratioOf: "half of the alerts, picture stored before / half of its notifications",
  },
  sameWork: "both received the notification of every alert",
  failures: [
    ...(results.some(({ alerts, received }) => received < alerts) ? ["an alert was not received"] : []),
    ...(plainQueue.received < ALERTS * results.length ? ["the queue missed a notification"] : []),
  ],
});
