// A publisher of `topic.bench.ts`, in a process of its own: sends synthetic notifications of detections to a topic or a
// delivery stream as fast as the local cloud takes them, and prints how many seconds that took.
import { FirehoseClient, PutRecordBatchCommand } from "@aws-sdk/client-firehose";
import { PublishBatchCommand, SNSClient } from "@aws-sdk/client-sns";
import { HOUR_MS } from "../../base/durations.ts";
import { emitHour, syntheticFleet, type HistoryOptions } from "../../analysis/synthetic/history.ts";

export interface Publishing {
  readonly endpoint: string;
  readonly notifications: number;
  /** ARN of the topic, or the name of the delivery stream. */
  readonly topicArn?: string;
  readonly deliveryStream?: string;
  readonly history: HistoryOptions;
}

const REQUESTS_AT_A_TIME = 8;

const { endpoint, notifications, topicArn, deliveryStream, history } = JSON.parse(
  process.argv[2]!,
) as Publishing;
const config = {
  region: "us-east-1",
  endpoint,
  credentials: { accessKeyId: "local", secretAccessKey: "local" },
};
const sns = new SNSClient(config);
const firehose = new FirehoseClient(config);

async function send(texts: readonly string[]): Promise<void> {
  if (topicArn === undefined) {
    const Records = texts.map((text) => ({ Data: Buffer.from(text) }));
    await firehose.send(new PutRecordBatchCommand({ DeliveryStreamName: deliveryStream, Records }));
    return;
  }
  const PublishBatchRequestEntries = texts.map((Message, index) => ({ Id: String(index), Message }));
  await sns.send(new PublishBatchCommand({ TopicArn: topicArn, PublishBatchRequestEntries }));
}

/** Of an hour of each camera after the other, until there are enough. */
function textsOf(): string[] {
  const texts: string[] = [];
  const hour = Math.floor(history.fromMs / HOUR_MS);
  for (const camera of syntheticFleet(history))
    emitHour(camera, hour, history, (table, document) => {
      if (table === "detection_records") texts.push(JSON.stringify(document));
    });
  if (texts.length < notifications)
    throw new Error(`the history has ${texts.length} notifications; expected at least ${notifications}`);
  return texts.slice(0, notifications);
}

const texts = textsOf();
const batch = topicArn === undefined ? 500 : 10;
const startedAt = performance.now();
let next = 0;
await Promise.all(
  Array.from({ length: REQUESTS_AT_A_TIME }, async () => {
    while (next < texts.length) await send(texts.slice(next, (next += batch)));
  }),
);
console.log((performance.now() - startedAt) / 1000);
