/**
 * The transform against the minimum that any transformation does: decode, parse, stringify, encode, without validation or
 * rows. Both take the same batch in turns in one process; the times of a round are compared as a pair.
 *
 *     npm run bench -- transform
 */
import { readFileSync } from "node:fs";
import type { FirehoseTransformationEvent, FirehoseTransformationResult } from "aws-lambda";
import { handler } from "../functions/transform.ts";
import { bundleOf } from "./bundle.ts";
import { rounded } from "./figures.ts";
import { pairedRounds } from "./paired-rounds.ts";
import { figure, report } from "./result.ts";

const RECORDS = 500;
const WARM_UP_ROUNDS = 20;
const ROUNDS = 200;
const ARRIVAL_MS = 1_763_726_403_000;

process.env.DETECTIONS_DELIVERY_STREAM = "detections";
process.env.SESSIONS_DELIVERY_STREAM = "sessions";
process.env.ALERTS_DELIVERY_STREAM = "alerts";
process.env.STACK_NAME = "bench";
process.env.CAMERA_STREAM_PREFIX = "doorstep-dev-camera-";

const sample = readFileSync(new URL("../events/label-detected-several-labels.json", import.meta.url), "utf8");

/** Notifications of different cameras and events, a second apart, so that no two records are alike. */
function batch(): FirehoseTransformationEvent {
  const records = Array.from({ length: RECORDS }, (_, index) => {
    const notification = JSON.parse(sample.replaceAll("front-door", `front-door-${index}`));
    notification.eventId = `8c2f5e1a-7b3d-4e60-9a41-${String(index).padStart(12, "0")}`;
    for (const { videoMapping } of notification.labels) {
      videoMapping.kinesisVideoMapping.producerTimestamp += index * 997;
      videoMapping.kinesisVideoMapping.serverTimestamp += index * 1009;
    }
    return {
      recordId: `49601492185473048167540${index}`,
      approximateArrivalTimestamp: ARRIVAL_MS + index * 1013,
      data: Buffer.from(JSON.stringify(notification)).toString("base64"),
    };
  });
  return {
    invocationId: "bench",
    deliveryStreamArn: "arn:aws:firehose:us-east-1:000000000000:deliverystream/detections",
    region: "us-east-1",
    records,
  };
}

async function passThrough(event: FirehoseTransformationEvent): Promise<FirehoseTransformationResult> {
  const records = event.records.map(({ recordId, data }) => {
    const document: unknown = JSON.parse(Buffer.from(data, "base64").toString("utf8"));
    return {
      recordId,
      result: "Ok" as const,
      data: Buffer.from(JSON.stringify(document)).toString("base64"),
    };
  });
  return { records };
}

/** Keeps a batch's metrics, a line on stdout, out of the figures. */
async function quietly(contender: typeof handler, batch: FirehoseTransformationEvent) {
  const { stdout } = process;
  const write = stdout.write.bind(stdout);
  stdout.write = () => true;
  return await contender(batch).finally(() => (stdout.write = write));
}

async function microsecondsPerRecord(contender: typeof handler, event: FirehoseTransformationEvent) {
  const startedAt = performance.now();
  const { records } = await quietly(contender, event);
  const tookMs = performance.now() - startedAt;
  if (records.length !== RECORDS || records.some(({ result }) => result !== "Ok"))
    throw new Error("not all Ok");
  return (tookMs * 1000) / RECORDS;
}

const event = batch();
const { ours, rival, ratio } = await pairedRounds(
  {
    ours: () => microsecondsPerRecord(handler, event),
    rival: () => microsecondsPerRecord(passThrough, event),
  },
  { warmUpRounds: WARM_UP_ROUNDS, rounds: ROUNDS },
);

const { bytes } = await bundleOf("functions/transform");
const [first] = (await quietly(handler, event)).records;
report("transform", {
  figures: [
    figure(
      "a notification of 3 labels",
      Buffer.byteLength(event.records[0]!.data, "base64"),
      `B (${RECORDS} in a batch)`,
    ),
    figure("a row", Buffer.byteLength(first!.data!, "base64"), "B"),
    figure("transform", rounded(ours), `µs per record (median of ${ROUNDS})`),
    figure("pass-through", rounded(rival), "µs per record"),
    figure("bundle, minified", rounded(bytes / 1024, 1), "KB"),
  ],
  rival: {
    name: "a pass-through, the least that any transformation does",
    ratio: rounded(ratio),
    ratioOf: "its time / ours",
  },
  sameWork: `both return each of the ${RECORDS} records as Ok, in every round`,
});
