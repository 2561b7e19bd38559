/**
 * Firehose transformation of both delivery streams: one notification in, its rows out, partitioned by event time.
 * The hot path of the lake, so it stays free of the AWS SDK, middleware and Powertools.
 */
import { isUtf8 } from "node:buffer";
import type {
  FirehoseTransformationEvent,
  FirehoseTransformationEventRecord,
  FirehoseTransformationResult,
  FirehoseTransformationResultRecord,
} from "aws-lambda";
import { systemClock } from "../base/clock.ts";
import { emfLine, MAX_METRIC_VALUES } from "../core/metrics.ts";
import { normaliseNotification, type NormaliseContext, type Normalised } from "../core/lake/normalise.ts";
import { SERVICE, type LogFields } from "../schemas/observability/log-fields.ts";

/**
 * Longest reply, in bytes. Documented is "6 MB" (Firehose guide, "Data transformation"; Lambda quotas); of what
 * megabytes is unconfirmed, so the smaller ones are kept, with a margin.
 */
const MAX_REPLY_BYTES = 5_900_000;
/** More than a reply spends on a record besides its id and data: keys, punctuation, partition keys. */
const RECORD_ENVELOPE_BYTES = 160;

/** Takes one record's rows before base64, written over by the next: no allocation per record, and a bound on it. */
const rowsBuffer = Buffer.allocUnsafeSlow((MAX_REPLY_BYTES / 4) * 3);

/**
 * Answers every record id once: `Ok` with the rows as JSON documents one after another (documented: Firehose guide,
 * "Record format conversion requirements"), or `ProcessingFailed`, upon which Firehose keeps the original bytes under
 * the error prefix. One log line says why, without the record's content, and one line a batch has its metrics.
 *
 * Throws if the environment doesn't name the delivery stream: Firehose tries again, then keeps the whole batch.
 */
export async function handler(event: FirehoseTransformationEvent): Promise<FirehoseTransformationResult> {
  const delivery = deliveryOf(event.deliveryStreamArn);
  const replies = new Map<string, FirehoseTransformationResultRecord>();
  const fail = (recordId: string, reason: string) => {
    warn("record not transformed", { table: delivery.table, recordId, reason });
    replies.set(recordId, { recordId, result: "ProcessingFailed" });
  };

  // Every record costs at least its envelope, so all of those are set aside before the first rows are taken in.
  let bytesLeft = MAX_REPLY_BYTES;
  for (const { recordId } of event.records) {
    bytesLeft -= RECORD_ENVELOPE_BYTES + Buffer.byteLength(JSON.stringify(recordId));
  }

  let rowCount = 0;
  const timesToDetectionMs: number[] = [];
  for (const record of event.records) {
    const { recordId } = record;
    if (replies.has(recordId)) {
      // An id can be answered only once; as failed, Firehose keeps the bytes of all its records.
      fail(recordId, "the record id is in the batch more than once; expected once");
      continue;
    }
    const normalised = normaliseRecord(record, delivery);
    if (!normalised.ok) {
      fail(recordId, normalised.reason);
      continue;
    }
    const data = encodeRows(normalised.rows, bytesLeft);
    if (data === undefined) {
      const rows = `${normalised.rows.length} rows`;
      fail(recordId, `its ${rows} exceed the ${bytesLeft} bytes left in the reply; lower BufferSizeInMBs`);
      continue;
    }
    bytesLeft -= data.length;
    rowCount += normalised.rows.length;
    if (normalised.table === "detection_records")
      for (const { received_at_ms, detected_at_ms } of normalised.rows)
        if (timesToDetectionMs.length < MAX_METRIC_VALUES)
          timesToDetectionMs.push(Math.max(0, received_at_ms - detected_at_ms));
    replies.set(recordId, {
      recordId,
      result: "Ok",
      data,
      metadata: { partitionKeys: { ...normalised.partition } },
    });
  }
  const records = [...replies.values()];
  const quarantined = records.filter(({ result }) => result === "ProcessingFailed").length;
  print(
    emfLine(
      { RowsTransformed: rowCount, RecordsQuarantined: quarantined, TimeToDetection: timesToDetectionMs },
      { stack: process.env["STACK_NAME"] ?? "unknown", table: delivery.table },
      systemClock.now(),
    )!,
  );
  return { records };
}

/** A log line as Powertools writes it, without its start-up. */
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

/** Straight to the output: `console` would put the time and request id before the line on Lambda. */
const print = (line: string): void => void process.stdout.write(`${line}\n`);

type Delivery = Pick<NormaliseContext, "table" | "cameraStreamPrefix">;

/** The delivery stream's name tells the table, and so which type of notification belongs in it. */
function deliveryOf(deliveryStreamArn: string): Delivery {
  const { DETECTIONS_DELIVERY_STREAM, SESSIONS_DELIVERY_STREAM, CAMERA_STREAM_PREFIX = "" } = process.env;
  const name = deliveryStreamArn.slice(deliveryStreamArn.lastIndexOf("/") + 1);
  if (name === DETECTIONS_DELIVERY_STREAM) {
    return { table: "detection_records", cameraStreamPrefix: CAMERA_STREAM_PREFIX };
  }
  if (name === SESSIONS_DELIVERY_STREAM) {
    return { table: "session_records", cameraStreamPrefix: CAMERA_STREAM_PREFIX };
  }
  throw new Error(
    `the delivery stream is ${name}; expected DETECTIONS_DELIVERY_STREAM (${DETECTIONS_DELIVERY_STREAM}) or ` +
      `SESSIONS_DELIVERY_STREAM (${SESSIONS_DELIVERY_STREAM}): set them to the streams that this function serves`,
  );
}

function normaliseRecord(record: FirehoseTransformationEventRecord, delivery: Delivery): Normalised {
  try {
    const bytes = Buffer.from(record.data, "base64");
    if (!isUtf8(bytes)) return { ok: false, reason: "the record is no UTF-8 text; expected a notification" };
    const { table, cameraStreamPrefix } = delivery;
    const arrivalMs = record.approximateArrivalTimestamp;
    return normaliseNotification(bytes.toString("utf8"), { table, cameraStreamPrefix, arrivalMs });
  } catch (error) {
    // No notification is known to lead here; one that does must not take its neighbours down.
    return { ok: false, reason: `the record can't be read: ${String(error)}` };
  }
}

/**
 * Rows as Firehose's format conversion reads several from one record: documents without array or separator, in base64.
 * Undefined where that would take more than `maxBytes`.
 */
function encodeRows(rows: readonly object[], maxBytes: number): string | undefined {
  const maxRowsBytes = Math.min(Math.floor(maxBytes / 4) * 3, rowsBuffer.length);
  let end = 0;
  for (const row of rows) {
    const document = JSON.stringify(row);
    if (end + Buffer.byteLength(document) > maxRowsBytes) return undefined;
    end += rowsBuffer.write(document, end);
  }
  return rowsBuffer.toString("base64", 0, end);
}
