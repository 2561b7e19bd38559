import type { KinesisStreamBatchResponse, KinesisStreamEvent, KinesisStreamRecord } from "aws-lambda";
import { camerasTable } from "../aws/cameras.ts";
import { personsTable } from "../aws/persons.ts";
import { alertQueue, unrecordedQueue } from "../aws/queues.ts";
import { rowsInto } from "../aws/rows.ts";
import { systemClock } from "../base/clock.ts";
import { oncePerKey } from "../base/once.ts";
import { facesOfRecord, UnreadableRecordError, type RecordParts } from "../core/faces/record.ts";
import { facesSeen } from "../core/faces/seen.ts";
import { faceMetrics } from "../core/metrics.ts";
import type { Face } from "../schemas/face.ts";
import { count, environment, log } from "./_runtime.ts";

const parts: Omit<RecordParts, "findCamera"> = {
  now: systemClock.now,
  collectionId: environment("FACES_COLLECTION_ID"),
  cameraStreamPrefix: environment("CAMERA_STREAM_PREFIX"),
  persons: personsTable(environment("PERSONS_TABLE")),
};
const cameras = camerasTable(environment("CAMERAS_TABLE"));
const rows = rowsInto(environment("FACES_DELIVERY_STREAM"));
const alerts = alertQueue(environment("ALERT_QUEUE_URL"));
const unrecorded = unrecordedQueue(environment("UNRECORDED_QUEUE_URL"));

/**
 * Takes the records of a camera's data stream into the lake, and reports to alerts whose faces were seen. One that cannot be read goes into a queue with the reason, and
 * its neighbours go on. After a fault, Lambda goes on from the record that is reported (documented: Lambda with Kinesis,
 * ReportBatchItemFailures); what was entered before has the same keys when it comes again.
 */
export const handler = async ({ Records }: KinesisStreamEvent): Promise<KinesisStreamBatchResponse> => {
  const entries: { readonly face: Face; readonly record: KinesisStreamRecord }[] = [];
  const unknown: string[] = [];
  let failed: KinesisStreamRecord | undefined;
  const batchParts: RecordParts = { ...parts, findCamera: oncePerKey(cameras.find) };
  for (const record of Records)
    try {
      const recorded = await facesOf(batchParts, record);
      entries.push(...recorded.faces.map((face) => ({ face, record })));
      unknown.push(...recorded.unknown);
    } catch (error) {
      log.error("record not taken", error, { messageId: record.eventID });
      failed = record;
      break;
    }
  const isReported = await report(entries);
  const refused = await firstRefused(entries);
  const accepted = refused ? entries.slice(0, entries.indexOf(refused)) : entries;
  const faces = accepted.map(({ face }) => face);
  count(faceMetrics({ searched: 0, notSearched: [], faces }));
  for (const reason of new Set(unknown)) log.info("match counts as unknown", { reason });
  const from = isReported ? (refused?.record ?? failed) : Records[0];
  return { batchItemFailures: from ? [{ itemIdentifier: from.kinesis.sequenceNumber }] : [] };
};

async function facesOf(parts: RecordParts, { eventID, kinesis, eventSourceARN }: KinesisStreamRecord) {
  try {
    return await facesOfRecord(parts, Buffer.from(kinesis.data, "base64").toString("utf8"));
  } catch (error) {
    if (!(error instanceof UnreadableRecordError)) throw error;
    await unrecorded.put({ ...kinesis, streamArn: eventSourceARN }, error.message);
    log.info("record unreadable", { messageId: eventID, reason: error.message });
    return { faces: [], unknown: [] };
  }
}

/** @returns false when alerts may lack one: a face that is reported again changes nothing */
async function report(entries: readonly { readonly face: Face }[]): Promise<boolean> {
  try {
    await alerts.report(facesSeen(entries.map(({ face }) => face)));
    return true;
  } catch (error) {
    log.error("faces not reported", error);
    return false;
  }
}

/** Enters the faces, those that were refused once more. @returns the first that was refused twice */
async function firstRefused<T extends { readonly face: Face }>(
  entries: readonly T[],
): Promise<T | undefined> {
  let left = entries;
  for (let attempt = 1; attempt <= 2 && left.length > 0; attempt++)
    try {
      const areAccepted = await rows.enter(left.map(({ face }) => face));
      left = left.filter((_, index) => !areAccepted[index]);
    } catch (error) {
      log.error("faces not entered", error);
    }
  return left[0];
}
