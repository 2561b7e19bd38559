import { FirehoseClient } from "@aws-sdk/client-firehose";
import { KinesisClient } from "@aws-sdk/client-kinesis";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import type { Clock } from "../../base/clock.ts";
import { unreadableRecord } from "../../core/faces/record.ts";
import { readShardRange } from "../data-stream.ts";
import { deadLetters, sendAgain } from "../dead-letters.ts";
import { putRecords } from "../delivery-stream.ts";
import { invoke, resultOf } from "../invoke.ts";
import { textObjects } from "../objects.ts";
import { stackRedriveOutputs } from "../stack.ts";
import { payloadOfEnd, readFailedEnd, readUndelivered, withNewTime } from "./read-failures.ts";
import type { RedrivePath } from "../../schemas/failure-paths/failure-path.ts";
import type { ClientConfig } from "../client-config.ts";
import { originalsIn, redriveErrors, type DeliverRecords } from "./error-outputs.ts";
import { originalsOfRows } from "./face-rows.ts";
import { readNotification } from "./quarantined.ts";
import { redriveQueue, type Deliver } from "./queues.ts";
import { rawBackup, redriveRaw } from "./raw-backup.ts";
import type { Redrive } from "./tally.ts";
import { recordAgain } from "./unrecorded.ts";

/** The failure paths of a stack. */
interface OpenPaths {
  readonly paths: Readonly<Record<Exclude<RedrivePath, "raw">, Redrive>>;
  raw(range: { readonly sinceMs: number; readonly untilMs: number }): Redrive;
  close(): void;
}

/** @throws Error that names the stack, when it does not exist or is not Doorstep's */
export async function openPaths(stack: string, config: ClientConfig, clock: Clock): Promise<OpenPaths> {
  const sqs = new SQSClient(config);
  const lambda = new LambdaClient(config);
  const firehose = new FirehoseClient(config);
  // Over HTTP/1.1, which every endpoint speaks; nothing here streams.
  const kinesis = new KinesisClient({ ...config, requestHandler: new NodeHttpHandler() });
  // Path-style addresses reach every bucket at any endpoint.
  const s3 = new S3Client({ ...config, forcePathStyle: true });
  const outputs = await stackRedriveOutputs(stack, config);

  const objects = textObjects(outputs.LakeBucketName, s3);
  const detectionsBackup = rawBackup(objects, "raw/detections/");
  const sessionsBackup = rawBackup(objects, "raw/sessions/");
  const alertsBackup = rawBackup(objects, "raw/alerts/");
  const detectionsStream = outputs.DetectionsDeliveryStreamName;
  const sessionsStream = outputs.SessionsDeliveryStreamName;
  const alertsStream = outputs.AlertsDeliveryStreamName;
  const facesStream = outputs.FacesDeliveryStreamName;

  const queue = (url: string, deliver: Deliver) => redriveQueue(deadLetters(url, sqs), deliver);
  const sendTo =
    (url: string, change = (body: string) => body): Deliver =>
    (letters) =>
      sendAgain(
        url,
        letters.map((letter) => ({ ...letter, body: change(letter.body) })),
        sqs,
      );
  const putInto =
    (deliveryStreamName: string): DeliverRecords =>
    (records) =>
      putRecords(deliveryStreamName, records, firehose, clock);
  const deliverTo =
    (deliveryStreamName: string): Deliver =>
    (letters) =>
      putInto(deliveryStreamName)(letters.map(({ body }) => Buffer.from(readUndelivered(body))));
  const closeSession: Deliver = (letters) =>
    Promise.all(
      letters.map(async ({ body }) => {
        const read = readFailedEnd(body);
        return read.ok ? await invoke(outputs.CloseSessionFunctionName, read.value, lambda) : read.reason;
      }),
    );
  const recordEnds: DeliverRecords = async (records) => {
    const refusals: (string | undefined)[] = [];
    for (const data of records) {
      const payload = payloadOfEnd({ Message: data.toString("utf8") });
      refusals.push(
        (await invoke(outputs.CloseSessionFunctionName, payload, lambda)) ??
          (await putInto(sessionsStream)([data]))[0],
      );
    }
    return refusals;
  };
  const streams = {
    detection_records: putInto(detectionsStream),
    session_records: putInto(sessionsStream),
    alert_records: putInto(alertsStream),
    face_records: putInto(facesStream),
  };
  const errors = { objects, read: readNotification, deliver: streams, clock };
  // One run handles everything that is due, so it replaces every missed run.
  const runOnce = (functionName: string): Deliver => {
    let run: Promise<string | undefined> | undefined;
    return async (letters) => {
      run ??= invoke(functionName, "{}", lambda);
      const refusal = await run;
      return letters.map(() => refusal);
    };
  };

  return {
    paths: {
      stops: queue(outputs.UnstoppedQueueUrl, sendTo(outputs.StopQueueUrl)),
      "wake-ups": queue(outputs.UnwokenQueueUrl, sendTo(outputs.WakeQueueUrl)),
      samples: queue(outputs.UnsampledQueueUrl, sendTo(outputs.SampleQueueUrl)),
      "face-checks": queue(outputs.UncheckedQueueUrl, sendTo(outputs.FaceCheckQueueUrl)),
      faces: queue(outputs.UnsearchedQueueUrl, sendTo(outputs.FaceQueueUrl)),
      "face-records": queue(
        outputs.UnrecordedQueueUrl,
        recordAgain({
          unreadable: (text) => unreadableRecord(text, outputs.CameraPrefix),
          record: (payload) => resultOf(outputs.RecordFacesFunctionName, payload, lambda),
          readRange: (range) => readShardRange(range, kinesis, clock),
        }),
      ),
      schedule: queue(outputs.MissedSchedulesQueueUrl, runOnce(outputs.WakeSessionsFunctionName)),
      "session-ends": queue(outputs.UndeliveredQueueUrl, closeSession),
      alerts: queue(outputs.UnraisedQueueUrl, sendTo(outputs.AlertQueueUrl, readUndelivered)),
      "alert-deliveries": queue(
        outputs.UnsentQueueUrl,
        sendTo(outputs.AlertDeliveryQueueUrl, (body) => withNewTime(body, clock.now())),
      ),
      detections: queue(outputs.UndeliveredDetectionsQueueUrl, deliverTo(detectionsStream)),
      sessions: queue(outputs.UndeliveredSessionsQueueUrl, deliverTo(sessionsStream)),
      "detection-errors": redriveErrors({
        ...errors,
        table: "detection_records",
        originals: originalsIn(detectionsBackup),
        // No subscription for completion notifications has taken these.
        deliver: { ...streams, session_records: recordEnds },
      }),
      "session-errors": redriveErrors({
        ...errors,
        table: "session_records",
        originals: originalsIn(sessionsBackup),
      }),
      "alert-errors": redriveErrors({
        ...errors,
        table: "alert_records",
        originals: originalsIn(alertsBackup),
      }),
      "face-errors": redriveErrors({ ...errors, table: "face_records", originals: originalsOfRows }),
      sweeps: queue(outputs.MissedSweepsQueueUrl, runOnce(outputs.SweepFacesFunctionName)),
    },
    raw: (range) =>
      redriveRaw(
        [
          { backup: detectionsBackup, deliveryStreamName: detectionsStream },
          { backup: sessionsBackup, deliveryStreamName: sessionsStream },
          { backup: alertsBackup, deliveryStreamName: alertsStream },
        ],
        range,
        firehose,
        clock,
      ),
    close: () => {
      for (const client of [sqs, lambda, firehose, kinesis, s3]) client.destroy();
    },
  };
}
