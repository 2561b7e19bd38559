/**
 * From the topic to Parquet in the local cloud, with the packaged functions of the whole stack: notifications are published
 * by another process as fast as they are taken, and again put straight to Firehose. Beside it, the floor: the same
 * notifications published to a topic that nobody subscribes to. Each is measured in wall-clock time until everything is in
 * Parquet, and in processor time of the local cloud, publishers left out: that of its other functions too, which the
 * topic's notifications start.
 *
 *     npm run bench -- topic [-- --notifications=20000]
 */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { CreateTopicCommand, SNSClient } from "@aws-sdk/client-sns";
import { artifactFolder, ensurePackage, templateFile } from "../demo/package-service.ts";
import { Journey } from "../demo/journey.ts";
import { startLocalCloud } from "../local/index.ts";
import { HOUR_MS } from "../base/durations.ts";
import { rounded } from "./figures.ts";
import { numberFlag } from "./flags.ts";
import { figure, report } from "./result.ts";
import type { Publishing } from "./topic/publisher.ts";

const STACK_NAME = "doorstep-dev";
const PUBLISHER = fileURLToPath(new URL("topic/publisher.ts", import.meta.url));
const SAMPLE_MEMORY_EVERY_MS = 100;

/** Of notifications in Parquet, per second. */
const GOALS = { published: 2500, put: 10_000 };

const notifications = numberFlag("notifications", 20_000);

(await ensurePackage()).release();
const dataFolder = mkdtempSync(join(tmpdir(), "doorstep-topic-"));
const local = await startLocalCloud({
  template: templateFile,
  artifactFolder,
  dataFolder,
  stackName: STACK_NAME,
  parameters: { LakeFirstDay: "2020-01-01" },
});
let rows = 0;
local.cloud.events.subscribe(({ service, name, detail }) => {
  if (
    service === "firehose" &&
    name === "object-delivered" &&
    /detection_records/.test(String(detail["key"]))
  )
    rows += Number(detail["rows"]);
});

const fromMs = Math.floor(Date.now() / HOUR_MS) * HOUR_MS - 2 * HOUR_MS;
const history: Publishing["history"] = {
  cameras: Math.ceil(notifications / 10),
  fromMs,
  untilMs: fromMs + HOUR_MS,
  seed: 1,
  detectionsPerDay: 1000,
  streamPrefix: "doorstep-dev-camera-",
  evidenceBucket: "no-such-evidence",
};

interface Run {
  readonly publishedPerSecond: number;
  readonly inParquetPerSecond: number;
  /** Milliseconds per thousand notifications. */
  readonly processorMs: number;
  readonly peakMegabytes: number;
  readonly rows: number;
}

async function run(to: Pick<Publishing, "topicArn" | "deliveryStream">): Promise<Run> {
  rows = 0;
  let peakBytes = 0;
  const sampling = setInterval(
    () => (peakBytes = Math.max(peakBytes, process.memoryUsage.rss())),
    SAMPLE_MEMORY_EVERY_MS,
  );
  const before = process.cpuUsage();
  const argument: Publishing = { endpoint: local.endpoint, notifications, history, ...to };
  const { stdout } = await promisify(execFile)(process.execPath, [PUBLISHER, JSON.stringify(argument)]);
  const publishSeconds = Number(stdout);
  const publishedAt = performance.now();
  await local.control("POST /_doorstep/firehose/flush");
  const seconds = publishSeconds + (performance.now() - publishedAt) / 1000;
  const { user, system } = process.cpuUsage(before);
  clearInterval(sampling);
  return {
    publishedPerSecond: Math.round(notifications / publishSeconds),
    inParquetPerSecond: Math.round(notifications / seconds),
    processorMs: rounded((user + system) / notifications, 0),
    peakMegabytes: Math.round(peakBytes / 1e6),
    rows,
  };
}

const figuresOf = (name: string, one: Run, goal: number) => [
  figure(`${name}: in Parquet`, one.inParquetPerSecond, "notifications per second", { atLeast: goal }),
  figure(`${name}: accepted`, one.publishedPerSecond, "notifications per second"),
  figure(`${name}: processor`, one.processorMs, "ms per 1,000 notifications"),
  figure(`${name}: resident memory`, one.peakMegabytes, "MB at most"),
];

try {
  const journey = await Journey.begin(STACK_NAME, local.clientConfig);
  const { TopicArn } = await new SNSClient(local.clientConfig).send(new CreateTopicCommand({ Name: "bare" }));
  const bare = await run({ topicArn: TopicArn! });
  // Before the topic, whose alerts are decided for a while afterwards.
  const put = await run({ deliveryStream: `${STACK_NAME}-detections` });
  const published = await run({ topicArn: journey.outputs.DetectionsTopicArn! });
  report("topic", {
    figures: [
      ...figuresOf("published", published, GOALS.published),
      ...figuresOf("put to Firehose", put, GOALS.put),
      figure("published to nobody: accepted", bare.publishedPerSecond, "notifications per second"),
      figure("published to nobody: processor", bare.processorMs, "ms per 1,000 notifications"),
    ],
    rival: {
      name: "a topic that nobody subscribes to",
      ratio: rounded(published.inParquetPerSecond / bare.publishedPerSecond),
      ratioOf: "ours in Parquet per second / its accepted per second",
    },
    sameWork: "each notification is a row in Parquet, once",
    failures: Object.entries({ published, put }).flatMap(([name, one]) =>
      one.rows === notifications ? [] : [`${name}: ${one.rows} rows of ${notifications} notifications`],
    ),
  });
} finally {
  await local.stop();
  rmSync(dataFolder, { recursive: true });
}
