import { rmSync } from "node:fs";
import { join } from "node:path";
import {
  DeleteStreamProcessorCommand,
  StartStreamProcessorCommand,
  StopStreamProcessorCommand,
  UpdateStreamProcessorCommand,
} from "@aws-sdk/client-rekognition";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { loadImage } from "@napi-rs/canvas";
import { describe, expect, test } from "@jest/globals";
import { openDocuments } from "../../../local/documents.ts";
import { children, elementId, readElementHeader } from "../../../local/matroska/ebml.ts";
import {
  BOX,
  boot,
  client,
  clip,
  create,
  describeIt,
  folder,
  local,
  notifications,
  ofType,
  START_MS,
  start,
  stream,
  emitted,
  turnUntil,
  useFrontDoor,
} from "./front-door.ts";
import { STREAM_ARN } from "./stack.ts";

useFrontDoor();

describe("a session", () => {
  test("notifies each class once at its first detection, with images, then its completion at the first boundary after its duration", async () => {
    stream.add(...clip.fragments);
    await create({ Tags: { camera: "front-door" } });
    const sessionId = await start(5);
    await emitted("session-completed");
    const all = await notifications(3);

    expect(all.map(({ subject }) => subject)).toEqual(Array(3).fill("Rekognition Stream Processing Event"));
    const common = {
      tags: { camera: "front-door" },
      sessionId,
      eventId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      startStreamProcessorRequest: {
        name: "front-door",
        startSelector: { kvsStreamStartSelector: { producerTimestamp: START_MS } },
        stopSelector: { maxDurationInSeconds: 5 },
      },
    };
    const DETECTED_TAGS = { camera: "front-door", "local-detector": "labels-file" };
    const folderUri = `s3://evidence/labels/front-door/${sessionId}`;
    const label = (name: string, confidence: number, fragment: number, atMs: number) => ({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      name,
      confidence,
      frameImageUri: `${folderUri}/${atMs}-frame.jpg`,
      croppedImageUri: `${folderUri}/${atMs}-${name.toLowerCase()}.jpg`,
      videoMapping: {
        kinesisVideoMapping: {
          fragmentNumber: String(fragment),
          serverTimestamp: START_MS + (fragment - 1) * 2000 + 2000,
          producerTimestamp: START_MS + (fragment - 1) * 2000,
          frameOffsetMillis: 583,
        },
      },
      boundingBox: BOX,
    });
    const detected = ofType(all, "LABEL_DETECTED").toSorted((a, b) => b.labels.length - a.labels.length);
    expect(detected).toEqual([
      {
        inputInformation: { kinesisVideo: { streamArn: STREAM_ARN } },
        eventNamespace: { type: "LABEL_DETECTED" },
        labels: [label("PERSON", 97.5, 1, 1_763_726_400_583), label("PACKAGE", 81, 1, 1_763_726_400_583)],
        ...common,
        tags: DETECTED_TAGS,
      },
      {
        inputInformation: { kinesisVideo: { streamArn: STREAM_ARN } },
        eventNamespace: { type: "LABEL_DETECTED" },
        labels: [label("PET", 60, 2, 1_763_726_402_583)],
        ...common,
        tags: DETECTED_TAGS,
      },
    ]);
    expect(ofType(all, "STREAM_PROCESSING_COMPLETE")).toEqual([
      {
        inputInformation: { kinesisVideo: { streamArn: STREAM_ARN, processedVideoDurationMillis: 6000 } },
        eventNamespace: { type: "STREAM_PROCESSING_COMPLETE" },
        streamProcessingResults: { message: expect.any(String) },
        ...common,
      },
    ]);

    const image = async (uri: string) => {
      const [, Bucket, Key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(uri)!;
      const { Body, ContentType } = await local.client(S3Client).send(new GetObjectCommand({ Bucket, Key }));
      expect(ContentType).toBe("image/jpeg");
      return await loadImage(Buffer.from(await Body!.transformToByteArray()));
    };
    expect(await image(`${folderUri}/1763726400583-frame.jpg`)).toMatchObject({ width: 640, height: 360 });
    expect(await image(`${folderUri}/1763726400583-person.jpg`)).toMatchObject({ width: 160, height: 180 });
    expect((await describeIt()).Status).toBe("STOPPED");
  });

  test("keeps its processor STARTING, which cannot be started, updated or deleted meanwhile", async () => {
    const Name = "front-door";
    await create();
    await start();
    stream.add(clip.fragments[0]!);
    await emitted("fragment-analysed");
    expect((await describeIt()).Status).toBe("STARTING");
    await expect(start()).rejects.toMatchObject({
      name: "ResourceInUseException",
      message: "Specified resource is in use.",
    });
    await expect(client().send(new UpdateStreamProcessorCommand({ Name }))).rejects.toMatchObject({
      name: "ResourceInUseException",
    });
    await expect(client().send(new DeleteStreamProcessorCommand({ Name }))).rejects.toMatchObject({
      name: "ResourceInUseException",
      message: "Cannot delete stream processor.",
    });
    stream.add(clip.fragments[1]!);
    expect((await emitted("session-completed")).detail).toMatchObject({ end: "max-duration" });
    expect((await describeIt()).Status).toBe("STOPPED");
    await client().send(new DeleteStreamProcessorCommand({ Name }));
  });

  test("detects the processor's labels in its regions of interest", async () => {
    stream.add(...clip.fragments);
    await create({
      Settings: { ConnectedHome: { Labels: ["PET"], MinConfidence: 80 } },
      RegionsOfInterest: [{ BoundingBox: { Left: 0.2, Top: 0.2, Width: 0.4, Height: 0.6 } }],
    });
    await start(6);
    await emitted("session-completed");
    const [detected] = ofType(await notifications(2), "LABEL_DETECTED");
    expect(detected!.labels).toMatchObject([
      { name: "PET", confidence: 90, videoMapping: { kinesisVideoMapping: { fragmentNumber: "3" } } },
    ]);
  });

  test("starts after a fragment number", async () => {
    stream.add(...clip.fragments);
    await create();
    await client().send(
      new StartStreamProcessorCommand({
        Name: "front-door",
        StartSelector: { KVSStreamStartSelector: { FragmentNumber: "5" } },
        StopSelector: { MaxDurationInSeconds: 1 },
      }),
    );
    expect((await emitted("fragment-analysed")).detail).toMatchObject({ fragmentNumber: "6" });
    await emitted("session-completed");
  });

  test("sees the person in a clip without labels, and calls nothing else a label", async () => {
    rmSync(join(folder, "front-door.labels.json"));
    stream.add(...clip.fragments);
    await create();
    await start(4);
    await emitted("session-completed");
    const labels = ofType(await notifications(2), "LABEL_DETECTED").flatMap(
      ({ labels }) =>
        labels as { name: string; videoMapping: { kinesisVideoMapping: Record<string, any> } }[],
    );
    expect(labels.map(({ name }) => name)).toEqual(["PERSON"]);
    const { producerTimestamp, frameOffsetMillis } = labels[0]!.videoMapping.kinesisVideoMapping;
    const atMs = Number(producerTimestamp) + Number(frameOffsetMillis) - START_MS;
    // The person comes into the frame then.
    expect(atMs).toBeGreaterThanOrEqual(1167);
  });

  test("detects nothing in a clip without labels when the object model is missing, and says so", async () => {
    await local.stop();
    rmSync(join(folder, "front-door.labels.json"));
    await boot({ objectModel: false });
    stream.add(...clip.fragments);
    await create();
    const sessionId = await start(4);
    expect((await emitted("detector-missing")).detail).toEqual({
      processor: "front-door",
      sessionId,
      reason: "the object model is switched off",
    });
    await emitted("session-completed");
    expect((await notifications(1)).map(({ message }) => message["eventNamespace"].type)).toEqual([
      "STREAM_PROCESSING_COMPLETE",
    ]);
  });

  test("ends when no more media comes, and reports how much it analysed", async () => {
    stream.add(clip.fragments[0]!, clip.fragments[1]!);
    await create();
    await start(120);
    await emitted("fragment-analysed", ({ fragmentNumber }) => fragmentNumber === "2");
    const { detail } = await turnUntil("session-completed");
    expect(detail).toMatchObject({ end: "no-media", processedVideoDurationMs: 4000 });
    const [complete] = ofType(await notifications(3), "STREAM_PROCESSING_COMPLETE");
    expect(complete!.inputInformation.kinesisVideo.processedVideoDurationMillis).toBe(4000);
  });

  test("ends when no media comes at all", async () => {
    await create();
    await start(120);
    expect((await turnUntil("session-completed")).detail).toMatchObject({
      end: "no-media",
      processedVideoDurationMs: 0,
    });
    await stream.allClosed();
  });

  test("is ended by Stop after the current fragment, with its completion notification", async () => {
    stream.add(clip.fragments[0]!);
    await create();
    await start(120);
    await emitted("fragment-analysed");
    await client().send(new StopStreamProcessorCommand({ Name: "front-door" }));
    expect((await emitted("session-completed")).detail).toMatchObject({
      end: "stopped",
      processedVideoDurationMs: 2000,
    });
    expect((await describeIt()).Status).toBe("STOPPED");
    expect(ofType(await notifications(2), "STREAM_PROCESSING_COMPLETE")).toHaveLength(1);
  });

  test("skips a fragment that cannot be decoded and does not count it as processed", async () => {
    const [first, second, third] = clip.fragments;
    stream.add(first!, { ...second!, cluster: withGarbledFrames(second!.cluster) }, third!);
    await create();
    await start(6);
    const { detail } = await emitted("session-completed");
    expect(await emitted("fragment-undecodable")).toMatchObject({ detail: { fragmentNumber: "2" } });
    expect(detail).toMatchObject({ end: "max-duration", processedVideoDurationMs: 4000 });
  });

  test("continues after a restart with the same session id, and repeats no class", async () => {
    stream.add(clip.fragments[0]!);
    await create();
    const sessionId = await start(6);
    await emitted("fragment-analysed");
    await local.stop();
    stream.add(clip.fragments[1]!, clip.fragments[2]!);
    await boot();
    const { detail } = await emitted("session-completed");
    expect(detail).toMatchObject({ sessionId, end: "max-duration", processedVideoDurationMs: 6000 });
    const labels = ofType(await notifications(3), "LABEL_DETECTED").flatMap((message) => message.labels);
    const analysed = local.cloud.events.matching(({ name }) => name === "fragment-analysed");
    expect(analysed.map((event) => event.detail["fragmentNumber"])).toEqual(["2", "3"]);
    const names: string[] = labels.map(({ name }) => name);
    expect(names.toSorted((a, b) => a.localeCompare(b))).toEqual(["PACKAGE", "PERSON", "PET"]);
  });

  test("that was stopping when the local cloud stopped ends at the next start", async () => {
    await create();
    await start(6);
    await local.stop();
    const documents = openDocuments(join(folder, "data"));
    const stored = documents.collection<{ status: string }>("rekognition/stream-processors");
    expect(stored.get("front-door")!.status).toBe("STARTING");
    stored.put("front-door", { ...stored.get("front-door")!, status: "STOPPING" });
    documents.close();
    await boot();
    expect((await emitted("session-completed")).detail).toMatchObject({
      end: "stopped",
      processedVideoDurationMs: 0,
    });
  });
});

/** The cluster with its structure intact and garbage in every frame. */
function withGarbledFrames(cluster: Uint8Array): Uint8Array {
  const garbled = Uint8Array.from(cluster);
  const { headerBytes } = readElementHeader(garbled, 0, 0);
  const BLOCK_HEADER_BYTES = 4;
  for (const { id, content } of children(garbled.subarray(headerBytes), headerBytes))
    if (id === elementId.simpleBlock) content.fill(0x5a, BLOCK_HEADER_BYTES);
  return garbled;
}
