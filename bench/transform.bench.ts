/**
 * The transform against the minimum that any transformation does: decode, parse, stringify, encode, without validation or
 * rows. Both take the same batch in turns in one process; the times of a round are compared as a pair.
 *
 *     node bench/transform.bench.ts [--json]
 */
import { readFileSync } from "node:fs";
import type { FirehoseTransformationEvent, FirehoseTransformationResult } from "aws-lambda";
import { handler } from "../functions/transform.ts";
import { bundleOf } from "./bundle.ts";
import { rounded } from "./figures.ts";
import { pairedRounds } from "./paired-rounds.ts";

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
const result = {
  node: process.version,
  records: RECORDS,
  rounds: ROUNDS,
  bytesIn: Buffer.byteLength(event.records[0]!.data, "base64"),
  bytesOut: Buffer.byteLength(first!.data!, "base64"),
  transformMicroseconds: rounded(ours),
  passThroughMicroseconds: rounded(rival),
  ratio: rounded(ratio),
  bundleBytes: bytes,
};
if (process.argv.includes("--json")) console.log(JSON.stringify(result));
else {
  console.log(
    `${RECORDS} notifications of ${result.bytesIn} bytes, 3 labels; rows of ${result.bytesOut} bytes`,
  );
  console.log(`transform     ${result.transformMicroseconds} microseconds per record (median of ${ROUNDS})`);
  console.log(`pass-through  ${result.passThroughMicroseconds} microseconds per record`);
  console.log(`ratio         ${result.ratio} of pass-through speed`);
  console.log(`bundle        ${(bytes / 1024).toFixed(1)} KB, minified`);
}
