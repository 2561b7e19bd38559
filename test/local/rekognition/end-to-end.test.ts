import type { Readable } from "node:stream";
import { dirname, join } from "node:path";
import { readFileSync } from "node:fs";
import {
  CreateStreamProcessorCommand,
  RekognitionClient,
  StartStreamProcessorCommand,
} from "@aws-sdk/client-rekognition";
import { GetMediaCommand, KinesisVideoMediaClient } from "@aws-sdk/client-kinesis-video-media";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { loadImage } from "@napi-rs/canvas";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { kinesisVideo } from "../../../local/kinesis-video/index.ts";
import { rekognition } from "../../../local/rekognition/index.ts";
import { uploadClip } from "../../../uploader/upload-clip.ts";
import { startTestCloud, type TestCloud } from "../cloud.ts";
import { processor, template } from "./stack.ts";

const CLIP = join(import.meta.dirname, "../../../events/videos/back-yard.mp4");

let local: TestCloud;
beforeAll(async () => {
  local = await startTestCloud({
    services: [kinesisVideo, rekognition],
    template: {
      Resources: {
        ...template.Resources,
        Stream: {
          Type: "AWS::KinesisVideo::Stream",
          Properties: { Name: "back-yard", DataRetentionInHours: 1 },
        },
      },
    },
    clipFolders: [dirname(CLIP)],
  });
});
afterAll(() => local.stop());

/** The first offset of a track in the labels file. */
const firstSeenMs = (name: string): number => {
  const { tracks } = JSON.parse(readFileSync(CLIP.replace(".mp4", ".labels.json"), "utf8")) as {
    tracks: { name: string; keyframes: { offsetMillis: number }[] }[];
  };
  return tracks.find((track) => track.name === name)!.keyframes[0]!.offsetMillis;
};

test("a clip uploaded to a Kinesis video stream becomes notifications and images of its labels", async () => {
  const startMs = local.clock.now() - 60_000;
  const StreamArn = local.resources.get("Stream")!.attributes!["Arn"]!;
  const client = local.client(RekognitionClient);
  await client.send(
    new CreateStreamProcessorCommand({
      ...processor("back-yard"),
      Input: { KinesisVideoStream: { Arn: StreamArn } },
    }),
  );
  const upload = uploadClip({
    file: CLIP,
    streamName: "back-yard",
    startMs,
    region: "us-east-1",
    endpoint: local.endpoint,
    credentials: { accessKeyId: "owner", secretAccessKey: "owner" },
  });
  const { SessionId } = await client.send(
    new StartStreamProcessorCommand({
      Name: "back-yard",
      StartSelector: { KVSStreamStartSelector: { ProducerTimestamp: startMs } },
      StopSelector: { MaxDurationInSeconds: 14 },
    }),
  );
  const { persistedFragments } = await upload;
  expect(persistedFragments).toBeGreaterThan(5);
  const { detail } = await local.cloud.events.waitFor(
    ({ name }) => name.startsWith("session-") && name !== "session-started",
  );
  expect(detail).toMatchObject({ sessionId: SessionId, end: "max-duration" });

  const QueueUrl = local.resources.get("Queue")!.ref;
  const sqs = local.client(SQSClient);
  const messages: Record<string, any>[] = [];
  for (let attempt = 0; attempt < 5 && messages.length < 3; attempt++) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 2 }),
    );
    for (const { Body, ReceiptHandle } of Messages) {
      messages.push(JSON.parse((JSON.parse(Body!) as { Message: string }).Message) as Record<string, any>);
      await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    }
  }
  expect(messages).toHaveLength(3);
  const labels = messages
    .flatMap((message) => (message["labels"] ?? []) as Record<string, any>[])
    .toSorted((a, b) => String(b["name"]).localeCompare(String(a["name"])));
  expect(labels.map(({ name }) => String(name))).toEqual(["PET", "PERSON"]);

  for (const label of labels) {
    const { producerTimestamp, frameOffsetMillis } = label["videoMapping"].kinesisVideoMapping;
    const lateMs = producerTimestamp + frameOffsetMillis - startMs - firstSeenMs(label["name"]);
    expect(lateMs).toBeGreaterThanOrEqual(0);
    expect(lateMs).toBeLessThanOrEqual(300);
    const [, Bucket, Key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(label["croppedImageUri"])!;
    const { Body } = await local.client(S3Client).send(new GetObjectCommand({ Bucket, Key }));
    const crop = await loadImage(Buffer.from(await Body!.transformToByteArray()));
    expect(Math.abs(crop.width - label["boundingBox"].width * 640)).toBeLessThanOrEqual(1);
    expect(Math.abs(crop.height - label["boundingBox"].height * 360)).toBeLessThanOrEqual(1);
  }
});

test("short sessions follow one another on a stream, and each closes its connection", async () => {
  const StreamArn = local.resources.get("Stream")!.attributes!["Arn"]!;
  const analysed = local.cloud.events.matching(({ name }) => name === "fragment-analysed");
  const client = local.client(RekognitionClient);
  // More than the three connections of a stream, and than the five calls that it takes in a second.
  for (const { detail } of [...analysed, ...analysed].slice(0, 7)) {
    const { SessionId } = await client.send(
      new StartStreamProcessorCommand({
        Name: "back-yard",
        StartSelector: { KVSStreamStartSelector: { FragmentNumber: String(detail["fragmentNumber"]) } },
        StopSelector: { MaxDurationInSeconds: 1 },
      }),
    );
    const end = await local.cloud.events.waitFor(
      (event) => event.detail["sessionId"] === SessionId && /^session-(completed|failed)$/.test(event.name),
    );
    expect(end).toMatchObject({ name: "session-completed", detail: { end: "max-duration" } });
  }
  local.clock.turn(1000);
  const media = await local
    .client(KinesisVideoMediaClient)
    .send(new GetMediaCommand({ StreamARN: StreamArn, StartSelector: { StartSelectorType: "EARLIEST" } }));
  (media.Payload as unknown as Readable).destroy();
  expect(analysed.length).toBeGreaterThan(5);
  expect(local.cloud.events.matching(({ name }) => name === "media-fault")).toEqual([]);
});
