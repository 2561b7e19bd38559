import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import {
  CreateStreamProcessorCommand,
  DescribeStreamProcessorCommand,
  RekognitionClient,
  StartStreamProcessorCommand,
  type CreateStreamProcessorRequest,
} from "@aws-sdk/client-rekognition";
import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterEach, beforeAll, beforeEach } from "@jest/globals";
import type { CloudEvent } from "../../../local/events.ts";
import { rekognition } from "../../../local/rekognition/index.ts";
import { startTestCloud, type TestCloud, type TestCloudOptions } from "../cloud.ts";
import { FakeStream, fakeKinesisVideo, fragmentsOf, type StoredFragment } from "./fake-stream.ts";
import { processor, STREAM_ARN, template } from "./stack.ts";

/*
 * A local cloud with one camera, front-door, for each test of a file: its stream has what the test adds, and its
 * clip has the labels below.
 */

/** 12 frames per second, 640 by 360, a fragment every 2 s. */
const CLIP = join(import.meta.dirname, "../../../events/videos/front-door.mp4");
export const START_MS = 1_763_726_400_000;
export const BOX = { left: 0.25, top: 0.25, width: 0.25, height: 0.5 };
const track = (name: string, confidence: number, fromMs: number, toMs: number) => ({
  name,
  confidence,
  keyframes: [fromMs, toMs].map((offsetMillis) => ({ offsetMillis, box: BOX })),
});
export const LABELS = {
  tracks: [
    track("PERSON", 97.5, 500, 16_000),
    track("PACKAGE", 81, 500, 16_000),
    track("PET", 60, 2500, 16_000),
    track("PET", 90, 4500, 16_000),
  ],
};

export let clip: { header: Uint8Array; fragments: StoredFragment[] };
export let folder: string;
export let stream: FakeStream;
export let local: TestCloud;

/** Boots the local cloud before each test of the file and stops it after. */
export function useFrontDoor(): void {
  beforeAll(async () => {
    clip = await fragmentsOf(CLIP, START_MS);
  });
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "doorstep-rekognition-"));
    writeFileSync(join(folder, "front-door.labels.json"), JSON.stringify(LABELS));
    stream = new FakeStream(STREAM_ARN);
    stream.header = clip.header;
    await boot();
  });
  afterEach(async () => {
    await local.stop();
    rmSync(folder, { recursive: true });
  });
}

export async function boot(options: Pick<TestCloudOptions, "objectModel"> = {}): Promise<void> {
  local = await startTestCloud({
    ...options,
    services: [fakeKinesisVideo(() => [stream]), rekognition],
    template,
    clipFolders: [folder],
    dataFolder: join(folder, "data"),
  });
}
export const client = () => local.client(RekognitionClient);
export const create = (changes: Partial<CreateStreamProcessorRequest> = {}) =>
  client().send(
    new CreateStreamProcessorCommand({ ...processor(), ...changes } as CreateStreamProcessorRequest),
  );
export const start = async (MaxDurationInSeconds = 4): Promise<string> => {
  const { SessionId } = await client().send(
    new StartStreamProcessorCommand({
      Name: "front-door",
      StartSelector: { KVSStreamStartSelector: { ProducerTimestamp: START_MS } },
      StopSelector: { MaxDurationInSeconds },
    }),
  );
  return SessionId!;
};
export const describeIt = () => client().send(new DescribeStreamProcessorCommand({ Name: "front-door" }));
export const emitted = (name: string, matches: (detail: CloudEvent["detail"]) => boolean = () => true) =>
  local.cloud.events.waitFor(
    (event) => event.service === "rekognition" && event.name === name && matches(event.detail),
  );

/** Turns the clock second by second until the event is emitted. */
export async function turnUntil(name: string): Promise<CloudEvent> {
  let event: CloudEvent | undefined;
  const waiting = emitted(name).then((one) => (event = one));
  for (let second = 0; second < 600 && !event; second++) {
    local.clock.turn(1000);
    await nextTurn();
  }
  return await waiting;
}

/** The next notifications of the topic, in any order. */
export async function notifications(
  count: number,
): Promise<{ subject: string; message: Record<string, any> }[]> {
  const QueueUrl = local.resources.get("Queue")!.ref;
  const received = [];
  for (let attempt = 0; attempt < 5 && received.length < count; attempt++) {
    const { Messages = [] } = await local
      .client(SQSClient)
      .send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 2 }));
    for (const { Body, ReceiptHandle } of Messages) {
      const { Subject, Message } = JSON.parse(Body!) as { Subject: string; Message: string };
      received.push({ subject: Subject, message: JSON.parse(Message) as Record<string, any> });
      await local.client(SQSClient).send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    }
  }
  return received;
}
export const ofType = (all: Awaited<ReturnType<typeof notifications>>, type: string) =>
  all.map(({ message }) => message).filter(({ eventNamespace }) => eventNamespace.type === type);
