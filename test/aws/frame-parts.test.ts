import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateStreamCommand,
  DescribeStreamCommand,
  KinesisVideoClient,
} from "@aws-sdk/client-kinesis-video";
import { RekognitionClient } from "@aws-sdk/client-rekognition";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { SNSClient } from "@aws-sdk/client-sns";
import { ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import jpeg from "jpeg-js";
import { labelDetector } from "../../aws/detect-labels.ts";
import { evidenceBucket } from "../../aws/evidence.ts";
import { streamImages, videoStreams } from "../../aws/images.ts";
import { detectionsTopic } from "../../aws/topic.ts";
import { cropped } from "../../engines/frames/crop.ts";
import { foundLabels } from "../../engines/frames/labels.ts";
import type { ClientConfig } from "../../local/cloud.ts";
import { kinesisVideo } from "../../local/kinesis-video/index.ts";
import { rekognition } from "../../local/rekognition/index.ts";
import { startTestCloud, type TestCloud } from "../local/cloud.ts";
import { record } from "../local/kinesis-video/clips.ts";
import { allowSendMessage, ownersRole } from "../local/template-parts.ts";

const CLIP = join(import.meta.dirname, "../../events/videos/front-door.mp4");
const BOX = { left: 0.25, top: 0.25, width: 0.25, height: 0.5 };

/** Makes each attempt once. */
class OnceClient extends RekognitionClient {
  constructor(config: ClientConfig) {
    super({ ...config, maxAttempts: 1 });
  }
}

let local: TestCloud;
let folder: string;
let startMs: number;
let images: ReturnType<typeof streamImages>;
let detector: ReturnType<typeof labelDetector>;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "doorstep-frame-parts-"));
  const keyframes = [0, 16_000].map((offsetMillis) => ({ offsetMillis, box: BOX }));
  const tracks = [{ name: "PERSON", confidence: 97.5, keyframes }];
  writeFileSync(join(folder, "front-door.labels.json"), JSON.stringify({ tracks }));
  local = await startTestCloud({
    services: [kinesisVideo, rekognition],
    clipFolders: [folder],
    template: {
      Resources: {
        Evidence: { Type: "AWS::S3::Bucket", Properties: { BucketName: "evidence-bucket" } },
        Topic: { Type: "AWS::SNS::Topic", Properties: { TopicName: "detections" } },
        Queue: { Type: "AWS::SQS::Queue", Properties: { QueueName: "inbox" } },
        Subscription: {
          Type: "AWS::SNS::Subscription",
          Properties: {
            Protocol: "sqs",
            TopicArn: { Ref: "Topic" },
            Endpoint: { "Fn::GetAtt": ["Queue", "Arn"] },
          },
        },
        QueuePolicy: allowSendMessage("Queue", "sns.amazonaws.com"),
        Stream: {
          Type: "AWS::KinesisVideo::Stream",
          Properties: { Name: "front-door", DataRetentionInHours: 1 },
        },
        Blind: ownersRole("blind", ["kinesisvideo:GetDataEndpoint"]),
      },
    },
  });
  await local
    .client(KinesisVideoClient)
    .send(new CreateStreamCommand({ StreamName: "forgetful", DataRetentionInHours: 0 }));
  images = streamImages(local.client(KinesisVideoClient));
  detector = labelDetector(local.client(OnceClient));
  startMs = local.clock.now() - 60_000;
  await record(local, { streamName: "front-door" }, CLIP, startMs);
});
afterAll(async () => {
  await local.stop();
  rmSync(folder, { recursive: true });
});

async function imageAt(offsetMs: number): Promise<Uint8Array> {
  const image = await images.imageAt("front-door", startMs + offsetMs);
  if (image.kind !== "image") throw new Error(`no image: ${JSON.stringify(image)}`);
  return image.jpeg;
}
/** What bursts of calls return, until one is throttled: a burst that opens connections may take seconds on a busy machine. */
async function kindsOfBursts(call: () => Promise<{ readonly kind: string }>): Promise<Set<string>> {
  const kinds = new Set<string>();
  for (let burst = 0; burst < 10 && !kinds.has("throttled"); burst++)
    for (const { kind } of await Promise.all(Array.from({ length: 100 }, call))) kinds.add(kind);
  return kinds;
}
const blindClient = async () => new KinesisVideoClient(await local.configOf("Blind"));

describe("an image of a moment", () => {
  test("is one JPEG in the video's own size, of exactly that moment, on no grid of whole seconds", async () => {
    const image = await images.imageAt("front-door", startMs + 2345);
    expect(image).toMatchObject({ kind: "image", atMs: startMs + 2345 });
    const { width, height } = jpeg.decode(await imageAt(2345), { useTArray: true });
    expect([width, height]).toEqual([640, 360]);
  });

  test("is there up to the last frame, and not before the first or after the last", async () => {
    const kindAt = async (offsetMs: number) => (await images.imageAt("front-door", startMs + offsetMs)).kind;
    expect(await Promise.all([-1, 0, 15_999, 16_000].map(kindAt))).toEqual([
      "no-video",
      "image",
      "image",
      "no-video",
    ]);
  });

  test("is throttled when the stream's points are used up, of which an image takes 401 of 10,000 a second", async () => {
    const kinds = await kindsOfBursts(() => images.imageAt("front-door", startMs - 3_600_000));
    expect(kinds).toEqual(new Set(["no-video", "throttled"]));
    local.clock.turn(1000);
    expect(await images.imageAt("front-door", startMs)).toMatchObject({ kind: "image" });
  });

  test("is refused for a stream that stores no video, and the reason says how to change that", async () => {
    expect(await images.imageAt("forgetful", startMs)).toEqual({
      kind: "refused",
      reason:
        "the stream forgetful stores no video: its data retention is 0 hours; raise it with UpdateDataRetention",
    });
  });

  test("is refused for a stream that does not exist", async () => {
    expect(await images.imageAt("nowhere", startMs)).toEqual({
      kind: "refused",
      reason: expect.stringMatching(/^there is no stream nowhere in this account and Region: /),
    });
  });

  test("is refused for a role that may not call GetImages, with the policy's message", async () => {
    const control = await blindClient();
    expect(await streamImages(control).imageAt("front-door", startMs)).toEqual({
      kind: "refused",
      reason: expect.stringMatching(
        /^the function's role may not call GetImages on the stream front-door: AccessDeniedException: .*kinesisvideo:GetImages/,
      ),
    });
    control.destroy();
  });
});

describe("a stream", () => {
  const streamArnOf = (name: string) => videoStreams(local.client(KinesisVideoClient)).streamArnOf(name);

  test("has the ARN that Kinesis Video gave it", async () => {
    const { StreamInfo } = await local
      .client(KinesisVideoClient)
      .send(new DescribeStreamCommand({ StreamName: "front-door" }));
    expect(await streamArnOf("front-door")).toEqual({ kind: "stream", arn: StreamInfo!.StreamARN });
  });

  test("is refused when it stores no video, does not exist or may not be described", async () => {
    expect(await streamArnOf("forgetful")).toEqual({
      kind: "refused",
      reason: expect.stringContaining("its data retention is 0 hours"),
    });
    expect(await streamArnOf("nowhere")).toEqual({
      kind: "refused",
      reason: expect.stringContaining("there is no stream nowhere"),
    });
    const control = await blindClient();
    expect(await videoStreams(control).streamArnOf("front-door")).toEqual({
      kind: "refused",
      reason: expect.stringContaining("the function's role may not call DescribeStream"),
    });
    control.destroy();
  });
});

describe("labels of an image that Kinesis Video returned", () => {
  test("are a person with a box, from which a detection and its crop follow", async () => {
    const image = await imageAt(2000);
    const result = await detector.detectLabels(image, ["Person"], 50);
    if (result.kind !== "labels") throw new Error(JSON.stringify(result));
    const [person] = foundLabels(result.labels, { labels: { PERSON: 90 }, regionsOfInterest: [] });
    expect(person).toEqual({ label: "PERSON", confidence: 97.5, box: BOX });
    const { width, height } = jpeg.decode(cropped(image, [person!.box])[0]!, { useTArray: true });
    expect([width, height]).toEqual([160, 180]);
  });

  test("are unreadable for an image above 5 MB and for one of less than 80 pixels", async () => {
    expect(await detector.detectLabels(new Uint8Array(5 * 1024 * 1024 + 1), [], 0)).toEqual({
      kind: "unreadable",
      reason: expect.stringMatching(/^DetectLabels: ImageTooLargeException: /),
    });
    const data = new Uint8Array(16 * 16 * 4);
    const tiny = jpeg.encode({ width: 16, height: 16, data }).data;
    expect(await detector.detectLabels(tiny, [], 0)).toEqual({
      kind: "unreadable",
      reason: expect.stringMatching(/^DetectLabels: InvalidParameterException: /),
    });
  });

  test("are throttled above 50 calls a second", async () => {
    const kinds = await kindsOfBursts(() => detector.detectLabels(Uint8Array.of(1), [], 0));
    expect(kinds).toEqual(new Set(["unreadable", "throttled"]));
    local.clock.turn(1000);
    expect((await detector.detectLabels(Uint8Array.of(1), [], 0)).kind).toBe("unreadable");
  });

  test("are refused to a role without permission", async () => {
    const client = new RekognitionClient(await local.configOf("Blind"));
    expect(await labelDetector(client).detectLabels(Uint8Array.of(1), [], 0)).toEqual({
      kind: "refused",
      reason: expect.stringMatching(/^the function's role may not call rekognition:DetectLabels: .*blind/),
    });
    client.destroy();
  });
});

test("an image is stored as a JPEG below the evidence's prefix, and again under the same address", async () => {
  const { putImage } = evidenceBucket("evidence-bucket", local.client(S3Client));
  const uri = "s3://evidence-bucket/evidence/porch/s-1/1-frame.jpg";
  expect(await putImage("porch/s-1/1-frame.jpg", Uint8Array.of(1))).toBe(uri);
  expect(await putImage("porch/s-1/1-frame.jpg", Uint8Array.of(1, 2))).toBe(uri);
  const { ContentType, Body } = await local
    .client(S3Client)
    .send(new GetObjectCommand({ Bucket: "evidence-bucket", Key: "evidence/porch/s-1/1-frame.jpg" }));
  expect(ContentType).toBe("image/jpeg");
  expect(await Body!.transformToByteArray()).toEqual(Uint8Array.of(1, 2));
});

test("a notification is published as JSON, with the subject of Rekognition's", async () => {
  const topicArn = local.cloud.arn("sns", "detections");
  await detectionsTopic(topicArn, local.client(SNSClient)).publish({ eventId: "e-1" });
  const { Messages = [] } = await local.client(SQSClient).send(
    new ReceiveMessageCommand({
      QueueUrl: `${local.endpoint}/${local.cloud.accountId}/inbox`,
      WaitTimeSeconds: 10,
    }),
  );
  expect(Messages.map(({ Body }) => JSON.parse(Body!))).toEqual([
    expect.objectContaining({
      Subject: "Rekognition Stream Processing Event",
      Message: '{"eventId":"e-1"}',
    }),
  ]);
});
