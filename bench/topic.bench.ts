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
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { CreateTopicCommand, SNSClient } from "@aws-sdk/client-sns";
import { HOUR_MS } from "../base/durations.ts";
import type { TestStack } from "../test/local/stack.ts";
import { DeliveredRows } from "./delivered-rows.ts";
import { rounded } from "./figures.ts";
import { numberFlag } from "./flags.ts";
import { onStack } from "./on-stack.ts";
import { figure, report } from "./result.ts";
import type { Publishing } from "./topic/publisher.ts";

const PUBLISHER = fileURLToPath(new URL("topic/publisher.ts", import.meta.url));
const SAMPLE_MEMORY_EVERY_MS = 100;

/** Of notifications in Parquet, per second. */
const GOALS = { published: 2500, put: 10_000 };

const notifications = numberFlag("notifications", 20_000);

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

async function run(stack: TestStack, to: Pick<Publishing, "topicArn" | "deliveryStream">): Promise<Run> {
  const rows = new DeliveredRows(stack);
  let peakBytes = 0;
  const sampling = setInterval(
    () => (peakBytes = Math.max(peakBytes, process.memoryUsage.rss())),
    SAMPLE_MEMORY_EVERY_MS,
  );
  const before = process.cpuUsage();
  const argument: Publishing = { endpoint: stack.local.endpoint, notifications, history, ...to };
  const { stdout } = await promisify(execFile)(process.execPath, [PUBLISHER, JSON.stringify(argument)]);
  const publishSeconds = Number(stdout);
  const publishedAt = performance.now();
  await stack.flushFirehose();
  const seconds = publishSeconds + (performance.now() - publishedAt) / 1000;
  const { user, system } = process.cpuUsage(before);
  clearInterval(sampling);
  rows.stop();
  return {
    publishedPerSecond: Math.round(notifications / publishSeconds),
    inParquetPerSecond: Math.round(notifications / seconds),
    processorMs: rounded((user + system) / notifications, 0),
    peakMegabytes: Math.round(peakBytes / 1e6),
    rows: rows.count,
  };
}

const figuresOf = (name: string, one: Run, goal: number) => [
  figure(`${name}: in Parquet`, one.inParquetPerSecond, "notifications per second", { atLeast: goal }),
  figure(`${name}: accepted`, one.publishedPerSecond, "notifications per second"),
  figure(`${name}: processor`, one.processorMs, "ms per 1,000 notifications"),
  figure(`${name}: resident memory`, one.peakMegabytes, "MB at most"),
];

const { bare, put, published } = await onStack(async (stack) => {
  const { local, config, journey } = stack;
  const { TopicArn } = await new SNSClient(config).send(new CreateTopicCommand({ Name: "bare" }));
  return {
    bare: await run(stack, { topicArn: TopicArn! }),
    // Before the topic, whose alerts are decided for a while afterwards.
    put: await run(stack, { deliveryStream: local.stack.resources.get("DetectionsDeliveryStream")!.ref }),
    published: await run(stack, { topicArn: journey.outputs.DetectionsTopicArn }),
  };
});
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
