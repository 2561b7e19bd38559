/**
 * Firehose transformation of every delivery stream: one record in, its row out, partitioned by event time.
 * It is the lake's hot path, so it does without the AWS SDK, middleware and Powertools.
 */
import { isUtf8 } from "node:buffer";
import type {
  FirehoseTransformationEvent,
  FirehoseTransformationEventRecord,
  FirehoseTransformationResult,
  FirehoseTransformationResultRecord,
} from "aws-lambda";
import { asError } from "../base/errors.ts";
import { systemClock } from "../base/clock.ts";
import { emfLine, MAX_METRIC_VALUES } from "../core/metrics.ts";
import { normaliseNotification, type NormaliseContext, type Normalised } from "../core/lake/normalise.ts";
import { SERVICE, type LogFields } from "../schemas/observability/log-fields.ts";

/**
 * Longest result, in bytes. "6 MB" is documented (Firehose guide, "Data transformation"; Lambda quotas). Which megabytes
 * is unconfirmed, so the limit is in the smaller ones, with a margin.
 */
const MAX_REPLY_BYTES = 5_900_000;
/** More than a result needs for a record besides its id and data: keys, punctuation, partition keys. */
const RECORD_ENVELOPE_BYTES = 160;

/**
 * Returns every record id once: `Ok` with the row as one JSON document, or `ProcessingFailed`, for which Firehose keeps
 * the original bytes under the error prefix. A log line says why, without the record's content, and one line per batch has
 * its metrics. The stream of detections gets everything that is published; completion notifications are `Dropped` there,
 * because the stream of sessions gets them too.
 * @throws Error if the environment does not name the delivery stream: Firehose retries, then keeps the whole batch
 */
export async function handler(event: FirehoseTransformationEvent): Promise<FirehoseTransformationResult> {
  const delivery = deliveryOf(event.deliveryStreamArn);
  const replies = new Map<string, FirehoseTransformationResultRecord>();
  const fail = (recordId: string, reason: string) => {
    warn("record not transformed", { table: delivery.table, recordId, reason });
    replies.set(recordId, { recordId, result: "ProcessingFailed" });
  };

  // Every record needs at least its envelope, so the space for all of them is reserved before the first row.
  let bytesLeft = MAX_REPLY_BYTES;
  for (const { recordId } of event.records) {
    bytesLeft -= RECORD_ENVELOPE_BYTES + Buffer.byteLength(JSON.stringify(recordId));
  }

  const timesToDetectionMs: number[] = [];
  for (const record of event.records) {
    const { recordId } = record;
    if (replies.has(recordId)) {
      // An id can be returned only once. As failed, Firehose keeps the bytes of all its records.
      fail(recordId, "the record id is in the batch more than once; expected once");
      continue;
    }
    const normalised = normaliseRecord(record, delivery);
    if (!normalised.ok) {
      if (normalised.isDeliveredElsewhere) replies.set(recordId, { recordId, result: "Dropped" });
      else fail(recordId, normalised.reason);
      continue;
    }
    const data = Buffer.from(JSON.stringify(normalised.row)).toString("base64");
    if (data.length > bytesLeft) {
      fail(
        recordId,
        `its row of ${data.length} bytes exceeds the ${bytesLeft} left in the reply; lower BufferSizeInMBs`,
      );
      continue;
    }
    bytesLeft -= data.length;
    if (normalised.table === "detection_records")
      for (const { detected_at_ms } of [normalised.row, ...(normalised.row.more_labels ?? [])])
        if (timesToDetectionMs.length < MAX_METRIC_VALUES)
          timesToDetectionMs.push(Math.max(0, normalised.row.received_at_ms - detected_at_ms));
    replies.set(recordId, {
      recordId,
      result: "Ok",
      data,
      metadata: { partitionKeys: { ...normalised.partition } },
    });
  }
  const records = [...replies.values()];
  const quarantined = records.filter(({ result }) => result === "ProcessingFailed").length;
  const metrics = emfLine(
    { RecordsQuarantined: quarantined || undefined, TimeToDetection: timesToDetectionMs },
    { stack: process.env["STACK_NAME"] ?? "unknown", table: delivery.table },
    systemClock.now(),
  );
  if (metrics !== undefined) print(metrics);
  return { records };
}

/** A log line in Powertools' format, without its start-up time. */
const warn = (message: string, fields: LogFields): void =>
  print(
    JSON.stringify({
      level: "WARN",
      message,
      timestamp: new Date(systemClock.now()).toISOString(),
      service: SERVICE,
      ...fields,
    }),
  );

/** Straight to the output: on Lambda, `console` puts the time and request id before the line. */
const print = (line: string): void => void process.stdout.write(`${line}\n`);

type Delivery = Pick<NormaliseContext, "table" | "cameraStreamPrefix">;

/** Environment variables that name the delivery streams. */
const STREAMS = [
  ["DETECTIONS_DELIVERY_STREAM", "detection_records"],
  ["SESSIONS_DELIVERY_STREAM", "session_records"],
  ["ALERTS_DELIVERY_STREAM", "alert_records"],
  ["FACES_DELIVERY_STREAM", "face_records"],
] as const;

/** The delivery stream's name decides the table, and so the type of record that belongs in it. */
function deliveryOf(deliveryStreamArn: string): Delivery {
  const name = deliveryStreamArn.slice(deliveryStreamArn.lastIndexOf("/") + 1);
  for (const [variable, table] of STREAMS)
    if (name === process.env[variable])
      return { table, cameraStreamPrefix: process.env["CAMERA_STREAM_PREFIX"] ?? "" };
  const expected = STREAMS.map(([variable]) => `${variable} (${process.env[variable]})`).join(", ");
  throw new Error(
    `the delivery stream is ${name}; expected one of ${expected}: set them to the streams that this function serves`,
  );
}

function normaliseRecord(record: FirehoseTransformationEventRecord, delivery: Delivery): Normalised {
  try {
    const bytes = Buffer.from(record.data, "base64");
    if (!isUtf8(bytes)) return { ok: false, reason: "the record is not UTF-8 text; expected a notification" };
    const { table, cameraStreamPrefix } = delivery;
    const arrivalMs = record.approximateArrivalTimestamp;
    return normaliseNotification(bytes.toString("utf8"), { table, cameraStreamPrefix, arrivalMs });
  } catch (error) {
    // No notification is known to cause this; if one does, the rest of its batch must not fail.
    // An error's message may quote the record.
    return { ok: false, reason: `the record cannot be read: ${asError(error).name}` };
  }
}
