import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GetDataEndpointCommand, KinesisVideoClient } from "@aws-sdk/client-kinesis-video";
import {
  GetImagesCommand,
  KinesisVideoArchivedMediaClient,
} from "@aws-sdk/client-kinesis-video-archived-media";
import {
  DetectLabelsCommand,
  RekognitionClient,
  type DetectLabelsCommandInput,
} from "@aws-sdk/client-rekognition";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { createCanvas, loadImage } from "@napi-rs/canvas";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { kinesisVideo } from "../../../local/kinesis-video/index.ts";
import { rekognition } from "../../../local/rekognition/index.ts";
import { startTestCloud, type TestCloud } from "../cloud.ts";
import { record } from "../kinesis-video/clips.ts";
import { ownersRole } from "../template-parts.ts";

const CLIP = join(import.meta.dirname, "../../../events/videos/front-door.mp4");
const BOX = { left: 0.25, top: 0.25, width: 0.25, height: 0.5 };
const AWS_BOX = { Left: 0.25, Top: 0.25, Width: 0.25, Height: 0.5 };
const keyframes = [0, 16_000].map((offsetMillis) => ({ offsetMillis, box: BOX }));

let local: TestCloud;
let folder: string;
let startMs: number;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "doorstep-labels-"));
  writeFileSync(
    join(folder, "front-door.labels.json"),
    JSON.stringify({
      tracks: [
        { name: "PERSON", confidence: 97.5, keyframes },
        { name: "PET", confidence: 60, keyframes },
      ],
    }),
  );
  local = await startTestCloud({
    services: [kinesisVideo, rekognition],
    clipFolders: [folder],
    template: {
      Resources: {
        Evidence: { Type: "AWS::S3::Bucket", Properties: { BucketName: "evidence" } },
        Stream: {
          Type: "AWS::KinesisVideo::Stream",
          Properties: { Name: "front-door", DataRetentionInHours: 1 },
        },
        Blind: ownersRole("blind", ["s3:GetObject"]),
        Labeller: ownersRole("labeller", ["rekognition:DetectLabels"]),
      },
    },
  });
  startMs = local.clock.now() - 60_000;
  await record(local, { streamName: "front-door" }, CLIP, startMs);
});
afterAll(async () => {
  await local.stop();
  rmSync(folder, { recursive: true });
});

/** A frame of the stream, as GetImages serves it. */
async function servedImage(offsetMs: number): Promise<Buffer> {
  const video = local.client(KinesisVideoClient);
  const { DataEndpoint } = await video.send(
    new GetDataEndpointCommand({ StreamName: "front-door", APIName: "GET_IMAGES" }),
  );
  expect(DataEndpoint).toBe(local.endpoint);
  const { Images = [] } = await local.client(KinesisVideoArchivedMediaClient).send(
    new GetImagesCommand({
      StreamName: "front-door",
      ImageSelectorType: "PRODUCER_TIMESTAMP",
      StartTimestamp: new Date(startMs + offsetMs),
      EndTimestamp: new Date(startMs + offsetMs),
      Format: "JPEG",
    }),
  );
  return Buffer.from(Images[0]!.ImageContent!, "base64");
}

/** The same picture in other bytes. */
async function encodedAnew(image: Buffer): Promise<Buffer> {
  const picture = await loadImage(image);
  const canvas = createCanvas(picture.width, picture.height);
  canvas.getContext("2d").drawImage(picture, 0, 0);
  return await canvas.encode("jpeg", 90);
}

const detect = (Image: DetectLabelsCommandInput["Image"], changes: Partial<DetectLabelsCommandInput> = {}) =>
  local.client(RekognitionClient).send(new DetectLabelsCommand({ Image, ...changes }));

describe("DetectLabels", () => {
  test("of an image that GetImages served returns the labels of its clip's labels file, with their ancestors", async () => {
    const { Labels, LabelModelVersion } = await detect({ Bytes: await servedImage(2000) });
    expect(LabelModelVersion).toBe("3.0");
    expect(Labels).toEqual([
      {
        Name: "Person",
        Confidence: 97.5,
        Instances: [{ BoundingBox: AWS_BOX, Confidence: 97.5 }],
        Parents: [],
        Aliases: [{ Name: "Human" }],
        Categories: [{ Name: "Person Description" }],
      },
      {
        Name: "Pet",
        Confidence: 60,
        Instances: [{ BoundingBox: AWS_BOX, Confidence: 60 }],
        Parents: [{ Name: "Animal" }],
        Aliases: [],
        Categories: [{ Name: "Animals and Pets" }],
      },
      {
        Name: "Animal",
        Confidence: 60,
        Instances: [],
        Parents: [],
        Aliases: [],
        Categories: [{ Name: "Animals and Pets" }],
      },
    ]);
  });

  test("of any other image returns what the object model finds, here the person who stands at the door", async () => {
    const image = await encodedAnew(await servedImage(5600));
    const { Labels } = await detect({ Bytes: image }, { MinConfidence: 50 });
    expect(Labels!.map(({ Name }) => Name)).toEqual(["Person"]);
    const { Left, Top, Width, Height } = Labels![0]!.Instances![0]!.BoundingBox!;
    // She stands there in the frame: between a third and a half from the left.
    expect(Left! > 0.25 && Left! + Width! < 0.55 && Top! > 0.15 && Height! > 0.2).toBe(true);
  });

  test("of an object in S3 needs the caller's right to read it", async () => {
    const Body = await servedImage(2000);
    await local.client(S3Client).send(new PutObjectCommand({ Bucket: "evidence", Key: "frame.jpg", Body }));
    const S3Object = { Bucket: "evidence", Name: "frame.jpg" };
    expect((await detect({ S3Object })).Labels![0]!.Name).toBe("Person");
    const asLabeller = new RekognitionClient(await local.configOf("Labeller"));
    await expect(asLabeller.send(new DetectLabelsCommand({ Image: { S3Object } }))).rejects.toMatchObject({
      name: "InvalidS3ObjectException",
      message: expect.stringMatching(/evidence\/frame\.jpg.*permissions/),
    });
    asLabeller.destroy();
    await expect(detect({ S3Object: { ...S3Object, Name: "none.jpg" } })).rejects.toMatchObject({
      name: "InvalidS3ObjectException",
    });
  });

  test("needs the right to call it", async () => {
    const blind = new RekognitionClient(await local.configOf("Blind"));
    const command = new DetectLabelsCommand({ Image: { Bytes: Buffer.from("x") } });
    await expect(blind.send(command)).rejects.toMatchObject({ name: "AccessDeniedException" });
    blind.destroy();
  });

  test("refuses an image that is too small, too large or none, and a request without one", async () => {
    const tiny = await createCanvas(79, 200).encode("png");
    await expect(detect({ Bytes: tiny })).rejects.toMatchObject({
      name: "InvalidParameterException",
      message: expect.stringContaining("79 by 200 pixels; expected 80 to 10000"),
    });
    await expect(detect({ Bytes: Buffer.alloc(5 * 1024 * 1024 + 1) })).rejects.toMatchObject({
      name: "ImageTooLargeException",
    });
    for (const bytes of ["GIF89a", "\u00ff\u00d8\u00ff nothing else"])
      await expect(detect({ Bytes: Buffer.from(bytes, "latin1") })).rejects.toMatchObject({
        name: "InvalidImageFormatException",
      });
    await expect(detect({})).rejects.toMatchObject({
      name: "InvalidParameterException",
      message: "Image: expected either Bytes or S3Object",
    });
  });

  test("is not refused while streaming video is closed to the account", async () => {
    await local.control("POST /_doorstep/rekognition/availability", { open: false });
    expect((await detect({ Bytes: await servedImage(2000) })).Labels).not.toEqual([]);
    await local.control("POST /_doorstep/rekognition/availability", { open: true });
  });
});
