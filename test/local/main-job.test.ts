import { DescribeStreamCommand, KinesisVideoClient } from "@aws-sdk/client-kinesis-video";
import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { GetTableCommand, GlueClient } from "@aws-sdk/client-glue";
import { GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { loadImage } from "@napi-rs/canvas";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { clipsOf } from "../../demo/clips.ts";
import type { StartedSession, UploadedClip } from "../../demo/journey.ts";
import { DetectionsListener, type ReceivedNotification } from "../../operator/detections-listener.ts";
import { connectDuckDb } from "../../local/duckdb.ts";
import { glueColumns, type Table } from "../../schemas/tables/column.ts";
import { detectionRecords } from "../../schemas/tables/detection-records.ts";
import { sessionRecords } from "../../schemas/tables/session-records.ts";
import { startStack, type TestStack } from "./stack.ts";

const clips = clipsOf([]);
const DETECTIONS = "doorstep-dev-detections";
const workFolder = mkdtempSync(join(tmpdir(), "doorstep-main-job-"));

let stack: TestStack;
let s3: S3Client;
let uploads: UploadedClip[];
let sessions: StartedSession[];
let received: ReceivedNotification[];

beforeAll(async () => {
  stack = await startStack([dirname(clips[0]!.file)]);
  s3 = new S3Client(stack.config);
  const { journey } = stack;
  const listener = await DetectionsListener.subscribe(journey.outputs.DetectionsTopicArn, stack.config);
  uploads = await Promise.all(clips.map((clip) => journey.upload(clip)));
  sessions = await Promise.all(uploads.map((upload) => journey.motionStart(upload)));
  received = await listener.untilAllCompleted(
    sessions.map(({ sessionId }) => sessionId),
    60_000,
  );
  await listener.close();
  await stack.flushFirehose();
});
afterAll(async () => {
  await stack.stop();
  rmSync(workFolder, { recursive: true });
});

const objectsIn = async (bucket: string, prefix = ""): Promise<string[]> => {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix }));
  return Contents.map(({ Key }) => Key!);
};

const bytesOf = async (bucket: string, key: string): Promise<Buffer> => {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  return Buffer.from(await Body!.transformToByteArray());
};

const sessionOf = (cameraId: string): StartedSession =>
  sessions.find((session) => session.cameraId === cameraId)!;

describe("from a video and a motion request", () => {
  test("each label in the video is notified once per session, and then the session's completion", () => {
    const namesOf = (cameraId: string) =>
      received
        .filter(({ sessionId }) => sessionId === sessionOf(cameraId).sessionId)
        .flatMap(({ eventNamespace, labels }) =>
          eventNamespace.type === "LABEL_DETECTED" ? labels.map(({ name }) => name) : [eventNamespace.type],
        );
    expect(namesOf("front-door").toSorted()).toEqual(["PACKAGE", "PERSON", "STREAM_PROCESSING_COMPLETE"]);
    expect(namesOf("back-yard")).toEqual(["PET", "PERSON", "STREAM_PROCESSING_COMPLETE"]);
  });

  test("every detection is a row, at the time and place of its first appearance in the clip's labels", async () => {
    const { rows } = await stack.journey.query(
      `SELECT camera_id, label, session_id, detected_at_ms - session_started_at_ms,
              box_left, box_top, box_width, box_height, confidence
       FROM detections ORDER BY camera_id, label`,
    );
    expect(rows.map(([camera, label]) => `${camera} ${label}`)).toEqual([
      "back-yard PERSON",
      "back-yard PET",
      "front-door PACKAGE",
      "front-door PERSON",
    ]);
    for (const [camera, label, sessionId, afterMs, left, top, width, height, confidence] of rows) {
      expect(sessionId).toBe(sessionOf(camera!).sessionId);
      const labels = JSON.parse(
        readFileSync(
          clips.find(({ cameraId }) => cameraId === camera)!.file.replace(".mp4", ".labels.json"),
          "utf8",
        ),
      );
      const track = labels.tracks.find(({ name }: { name: string }) => name === label);
      expect(Number(confidence)).toBeCloseTo(track.confidence, 3);
      // Frames are sampled five times a second, so a first detection is at most a sample late.
      const firstSeenMs = track.keyframes[0].offsetMillis;
      expect(Number(afterMs)).toBeGreaterThanOrEqual(firstSeenMs);
      expect(Number(afterMs)).toBeLessThan(firstSeenMs + 300);
      const [, next] = track.keyframes;
      const between = (value: number, a: number, b: number) =>
        value >= Math.min(a, b) - 1e-6 && value <= Math.max(a, b) + 1e-6;
      const seen = { left: Number(left), top: Number(top), width: Number(width), height: Number(height) };
      if (Number(afterMs) <= next.offsetMillis)
        for (const side of ["left", "top", "width", "height"] as const)
          expect([side, between(seen[side], track.keyframes[0].box[side], next.box[side])]).toEqual([
            side,
            true,
          ]);
    }
  });

  test("every finished session is a row with what it analysed, and its record is completed", async () => {
    const { rows } = await stack.journey.query(
      `SELECT camera_id, session_id, max_duration_s, processed_ms FROM session_records
       WHERE source = 'engine' ORDER BY camera_id`,
    );
    expect(rows).toEqual([
      ["back-yard", sessionOf("back-yard").sessionId, "14", "14000"],
      ["front-door", sessionOf("front-door").sessionId, "15", "16000"],
    ]);
    for (const { cameraId, sessionId } of sessions) {
      await stack.local.cloud.events.waitFor(
        ({ service, name, detail }) =>
          service === "lambda" &&
          name === "log" &&
          /session completed/.test(String(detail["line"])) &&
          String(detail["line"]).includes(sessionId),
      );
      const { Item } = await new DynamoDBClient(stack.config).send(
        new GetItemCommand({
          TableName: stack.journey.outputs.SessionsTableName,
          Key: { cameraId: { S: cameraId } },
        }),
      );
      expect(unmarshall(Item!)).toMatchObject({ state: "completed", run: { sessionId } });
    }
  });

  test("the evidence is a frame of the video and a crop of the box's size, as JPEGs at the keys in the row", async () => {
    const { rows } = await stack.journey.query(
      "SELECT frame_image_uri, cropped_image_uri, box_width, box_height FROM detections",
    );
    expect(rows).toHaveLength(4);
    for (const [frameUri, cropUri, boxWidth, boxHeight] of rows) {
      const open = async (uri: string) => {
        const [, bucket = "", key = ""] = /^s3:\/\/([^/]+)\/(.+)$/.exec(uri) ?? [];
        expect(bucket).toBe(stack.journey.outputs.EvidenceBucketName);
        return await loadImage(await bytesOf(bucket, key));
      };
      const frame = await open(frameUri!);
      const crop = await open(cropUri!);
      expect([frame.width, frame.height]).toEqual([640, 360]);
      expect(Math.abs(crop.width - Number(boxWidth) * 640)).toBeLessThanOrEqual(1);
      expect(Math.abs(crop.height - Number(boxHeight) * 360)).toBeLessThanOrEqual(1);
    }
  });
});

const DUCKDB_TYPES: Readonly<Record<string, readonly string[]>> = {
  string: ["VARCHAR"],
  bigint: ["BIGINT"],
  int: ["INTEGER"],
  double: ["DOUBLE"],
  timestamp: ["TIMESTAMP", "TIMESTAMP_MS"],
  "map<string,string>": ["MAP(VARCHAR, VARCHAR)"],
  "array<struct<label_id:string,label:string,confidence:double,detected_at_ms:bigint,fragment_number:string,fragment_server_at_ms:bigint,frame_offset_ms:bigint,box_left:double,box_top:double,box_width:double,box_height:double,frame_image_uri:string,cropped_image_uri:string>>":
    [
      'STRUCT(label_id VARCHAR, "label" VARCHAR, confidence DOUBLE, detected_at_ms BIGINT, fragment_number VARCHAR, fragment_server_at_ms BIGINT, frame_offset_ms BIGINT, box_left DOUBLE, box_top DOUBLE, box_width DOUBLE, box_height DOUBLE, frame_image_uri VARCHAR, cropped_image_uri VARCHAR)[]',
    ],
  "array<struct<label:string,detected_at_ms:bigint,fragment_server_at_ms:bigint>>": [
    'STRUCT("label" VARCHAR, detected_at_ms BIGINT, fragment_server_at_ms BIGINT)[]',
  ],
};

describe.each<[Table]>([[detectionRecords], [sessionRecords]])("the Parquet files of $name", (table) => {
  test("are under their event's date and hour", async () => {
    const keys = (await objectsIn(stack.journey.outputs.LakeBucketName, `${table.name}/`)).toSorted();
    const partitions = uploads.map(({ startMs }) => new Date(startMs).toISOString().slice(0, 10));
    expect(keys.length).toBeGreaterThan(0);
    for (const key of keys) {
      expect(key).toMatch(
        new RegExp(`^${table.name}/dt=\\d{4}-\\d\\d-\\d\\d/hour=\\d\\d/doorstep-dev-[\\w-]+\\.parquet$`),
      );
      expect(partitions).toContain(/dt=([\d-]+)/.exec(key)![1]);
    }
  });

  test("can be read in DuckDB and have exactly the Glue columns and types", async () => {
    const { LakeBucketName, DatabaseName } = stack.journey.outputs;
    const [key] = await objectsIn(LakeBucketName, `${table.name}/`);
    const file = join(workFolder, `${table.name}.parquet`);
    writeFileSync(file, await bytesOf(LakeBucketName, key!));
    const duckdb = await connectDuckDb();
    const described = await duckdb.runAndReadAll(`DESCRIBE SELECT * FROM '${file}'`);
    duckdb.closeSync();
    const { Table: glue } = await new GlueClient(stack.config).send(
      new GetTableCommand({ DatabaseName, Name: table.name }),
    );
    expect(glue!.StorageDescriptor!.Columns).toEqual(glueColumns(table));
    const written = described
      .getRowObjects()
      .map(({ column_name, column_type }) => [column_name, column_type]);
    expect(written.map(([name]) => name)).toEqual(glueColumns(table).map(({ Name }) => Name));
    for (const [index, { Name, Type }] of glueColumns(table).entries())
      expect([Name, DUCKDB_TYPES[Type]!.includes(String(written[index]![1]))]).toEqual([Name, true]);
  });
});

test("an invalid notification between valid ones is stored whole under the error prefix, and the valid ones reach the table", async () => {
  const sample = readFileSync(new URL("../../events/label-detected.json", import.meta.url), "utf8");
  const at = Date.now();
  const notification = (eventId: string, left: number): string => {
    const message = JSON.parse(sample);
    message.eventId = eventId;
    message.sessionId = "poisoned";
    message.labels = [message.labels[0]];
    message.labels[0].boundingBox.left = left;
    message.labels[0].videoMapping.kinesisVideoMapping.producerTimestamp = at;
    message.labels[0].videoMapping.kinesisVideoMapping.serverTimestamp = at;
    return JSON.stringify(message);
  };
  const sns = new SNSClient(stack.config);
  const TopicArn = stack.journey.outputs.DetectionsTopicArn;
  const messages = [notification("good-1", 0.1), notification("poison", 1.7), notification("good-2", 0.2)];
  const { events } = stack.local.cloud;
  const accepted = () =>
    events
      .matching(
        ({ name, detail }) => name === "record-accepted" && detail["deliveryStreamName"] === DETECTIONS,
      )
      .reduce((sum, { detail }) => sum + Number(detail["count"]), 0);
  const before = accepted();
  for (const Message of messages) await sns.send(new PublishCommand({ TopicArn, Message }));
  await events.waitFor(() => accepted() >= before + 3);
  await stack.flushFirehose();

  const { rows } = await stack.journey.query(
    "SELECT event_id FROM detection_records WHERE session_id = 'poisoned' ORDER BY event_id",
  );
  expect(rows).toEqual([["good-1"], ["good-2"]]);

  const { LakeBucketName } = stack.journey.outputs;
  const [errorKey] = await objectsIn(LakeBucketName, "errors/detection_records/processing-failed/");
  const lines = (await bytesOf(LakeBucketName, errorKey!)).toString("utf8").trim().split("\n");
  expect(lines).toHaveLength(1);
  const line = JSON.parse(lines[0]!);
  expect(line.errorCode).toBe("Lambda.ProcessingFailedStatus");
  expect(Buffer.from(line.rawData, "base64").toString("utf8")).toBe(messages[1]);
  const reasons = stack.local.cloud.events
    .matching(({ service, name }) => service === "lambda" && name === "log")
    .map(({ detail }) => String(detail["line"]));
  expect(reasons.join("\n")).toContain("labels[0].boundingBox.left is 1.7; expected 0..1");
});

test("the cameras' streams are ordinary Kinesis video streams with a day's retention", async () => {
  const { StreamInfo } = await new KinesisVideoClient(stack.config).send(
    new DescribeStreamCommand({ StreamName: uploads[0]!.camera.streamName }),
  );
  expect(StreamInfo).toMatchObject({ Status: "ACTIVE", DataRetentionInHours: 24 });
});
