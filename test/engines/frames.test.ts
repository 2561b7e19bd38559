import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { CreateStreamCommand, KinesisVideoClient } from "@aws-sdk/client-kinesis-video";
import { RekognitionClient } from "@aws-sdk/client-rekognition";
import { S3Client } from "@aws-sdk/client-s3";
import { SNSClient } from "@aws-sdk/client-sns";
import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import * as v from "valibot";
import { callLimit } from "../../aws/call-limit.ts";
import { camerasTable } from "../../aws/cameras.ts";
import { labelDetector } from "../../aws/detect-labels.ts";
import { evidenceBucket } from "../../aws/evidence.ts";
import { streamFragments } from "../../aws/fragments.ts";
import { frameSessionsTable } from "../../aws/frame-sessions.ts";
import { streamImages, videoStreams } from "../../aws/images.ts";
import { sessionQueue } from "../../aws/queues.ts";
import { detectionsTopic } from "../../aws/topic.ts";
import { randomId, systemRandom } from "../../base/random.ts";
import { framesEngine } from "../../engines/frames/index.ts";
import type { FrameParts } from "../../engines/frames/parts.ts";
import { runStep } from "../../engines/frames/step.ts";
import { dynamodb } from "../../local/dynamodb/index.ts";
import { kinesisVideo } from "../../local/kinesis-video/index.ts";
import { rekognition } from "../../local/rekognition/index.ts";
import { camera as cameraSchema } from "../../schemas/camera.ts";
import type { SessionMessage } from "../../schemas/engine-session.ts";
import { uploadClip } from "../../uploader/upload-clip.ts";
import { describeEngine, type EngineHarness } from "../behaviours/engine.ts";
import { startTestCloud } from "../local/cloud.ts";
import { LABELS } from "../local/rekognition/front-door.ts";
import { startThrottling, UNREACHABLE } from "./throttling-service.ts";

const CLIP = join(import.meta.dirname, "../../events/videos/front-door.mp4");
const CLIP_MS = 16_000;
/** How long ago the cameras' video is: longer than a session waits for more. */
const VIDEO_AGE_MS = 60_000;
const credentials = { accessKeyId: "owner", secretAccessKey: "owner" };

const table = (TableName: string, AttributeName: string, AttributeType: "S" | "N") => ({
  Type: "AWS::DynamoDB::Table",
  Properties: {
    TableName,
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: [{ AttributeName, AttributeType }],
    KeySchema: [{ AttributeName, KeyType: "HASH" }],
  },
});
const queue = (QueueName: string) => ({ Type: "AWS::SQS::Queue", Properties: { QueueName } });
const template = {
  Resources: {
    Cameras: table("cameras", "cameraId", "S"),
    Sessions: table("frame-sessions", "processorName", "S"),
    Calls: table("calls", "second", "N"),
    Samples: queue("samples"),
    Detections: queue("detections"),
    Evidence: { Type: "AWS::S3::Bucket", Properties: { BucketName: "evidence" } },
    Topic: { Type: "AWS::SNS::Topic", Properties: { TopicName: "detections" } },
    Subscription: {
      Type: "AWS::SNS::Subscription",
      Properties: {
        TopicArn: { Ref: "Topic" },
        Protocol: "sqs",
        Endpoint: { "Fn::GetAtt": ["Detections", "Arn"] },
      },
    },
  },
};

/** Images, labels, tables, queues and topic of the local cloud; steps run whenever time has passed. */
async function start(): Promise<EngineHarness> {
  const folder = mkdtempSync(join(tmpdir(), "doorstep-frames-"));
  writeFileSync(join(folder, "front-door.labels.json"), JSON.stringify(LABELS));
  const local = await startTestCloud({
    services: [dynamodb, kinesisVideo, rekognition],
    template,
    clipFolders: [folder],
    dataFolder: join(folder, "data"),
  });
  const throttling = await startThrottling();

  const sqs = local.client(SQSClient);
  const samplesUrl = local.resources.get("Samples")!.ref;
  const now = () => local.clock.now();

  const engineAt = (endpoint: string) => {
    const config = { endpoint, region: "us-east-1", credentials, maxAttempts: 1 };
    const database = new DynamoDBClient(config);
    const cameras = camerasTable("cameras", database);
    return framesEngine({
      now,
      randomId,
      sessions: frameSessionsTable("frame-sessions", database),
      schedule: sessionQueue(samplesUrl, new SQSClient(config)).schedule,
      cameraOf: cameras.find,
    });
  };

  const video = local.client(KinesisVideoClient);
  const parts: FrameParts = {
    now,
    random: systemRandom,
    sessions: frameSessionsTable("frame-sessions", local.client(DynamoDBClient)),
    ...sessionQueue(samplesUrl, sqs),
    ...streamImages(video),
    ...videoStreams(video),
    fragments: streamFragments(video),
    ...callLimit("calls", 50, local.clock, local.client(DynamoDBClient)),
    ...labelDetector(local.client(RekognitionClient)),
    ...evidenceBucket("evidence", local.client(S3Client)),
    ...detectionsTopic(local.resources.get("Topic")!.ref, local.client(SNSClient)),
    sendPersons: async () => {},
    personsUnsent: () => {},
  };

  /** Handles the messages of a queue that are due. */
  async function drain(QueueUrl: string, handle: (body: string) => Promise<void> | void): Promise<void> {
    for (;;) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
      );
      if (Messages.length === 0) return;
      await Promise.all(
        Messages.map(async ({ Body, ReceiptHandle }) => {
          await handle(Body!);
          await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
        }),
      );
    }
  }

  const videoStartMs = now() - VIDEO_AGE_MS;
  async function stream(StreamName: string, DataRetentionInHours: number) {
    const command = new CreateStreamCommand({ StreamName, DataRetentionInHours });
    const { StreamARN } = await video.send(command);
    return { streamName: StreamName, streamArn: StreamARN! };
  }
  const upload = (streamName: string) =>
    uploadClip({
      file: CLIP,
      streamName,
      startMs: videoStartMs,
      region: "us-east-1",
      endpoint: local.endpoint,
      credentials,
    });

  // Cameras share the streams, but those of one test have their own.
  const streams = [await stream("porch", 1), await stream("garden", 1)] as const;
  await Promise.all(streams.map(({ streamName }) => upload(streamName)));
  const unkept = await stream("unkept", 0);

  let count = 0;
  async function addCamera({ streamName, streamArn } = streams[count % 2]!) {
    const cameraId = `camera-${++count}`;
    const names = { cameraId, streamName, processorName: cameraId };
    const camera = v.parse(cameraSchema, { ...names, engine: "frames", keyVersion: 1 });
    await camerasTable("cameras", local.client(DynamoDBClient)).create(camera);
    return { processorName: cameraId, streamArn, videoStartMs, videoDurationMs: CLIP_MS };
  }

  const received: unknown[] = [];
  return {
    engine: engineAt(local.endpoint),
    throttled: engineAt(throttling.endpoint),
    unreachable: engineAt(UNREACHABLE),
    addCamera: () => addCamera(),
    addFailingCamera: () => addCamera(unkept),
    pass: async (durationMs) => {
      local.clock.turn(durationMs);
      await drain(samplesUrl, (body) => runStep(parts, JSON.parse(body) as SessionMessage));
    },
    notifications: async () => {
      await drain(local.resources.get("Detections")!.ref, (body) => {
        received.push(JSON.parse((JSON.parse(body) as { Message: string }).Message));
      });
      return received;
    },
    stop: async () => {
      await throttling.stop();
      await local.stop();
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

describeEngine("frames", start);
