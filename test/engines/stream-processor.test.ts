import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CreateStreamProcessorCommand, RekognitionClient } from "@aws-sdk/client-rekognition";
import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { streamProcessorEngine } from "../../engines/stream-processor/index.ts";
import { rekognition } from "../../local/rekognition/index.ts";
import { describeEngine, type EngineHarness } from "../behaviours/engine.ts";
import { startTestCloud } from "../local/cloud.ts";
import { FakeStream, fakeKinesisVideo, fragmentsOf } from "../local/rekognition/fake-stream.ts";
import { LABELS } from "../local/rekognition/front-door.ts";
import { processor, roleArn, STREAM_ARN, template } from "../local/rekognition/stack.ts";
import { startThrottling, UNREACHABLE } from "./throttling-service.ts";

const CLIP = join(import.meta.dirname, "../../events/videos/front-door.mp4");
const VIDEO_START_MS = 1_763_726_400_000;
/** The clip's first fragments, of two seconds each. */
const FRAGMENTS = 4;

/** Rekognition of the local cloud, which analyses the clip's first seconds in each camera's stream. */
async function start(): Promise<EngineHarness> {
  const folder = mkdtempSync(join(tmpdir(), "doorstep-engine-"));
  writeFileSync(join(folder, "front-door.labels.json"), JSON.stringify(LABELS));
  const { header, fragments } = await fragmentsOf(CLIP, VIDEO_START_MS);
  const streams: FakeStream[] = [];
  const local = await startTestCloud({
    services: [fakeKinesisVideo(() => streams), rekognition],
    template,
    clipFolders: [folder],
    dataFolder: join(folder, "data"),
  });
  const throttling = await startThrottling();

  const engineAt = (endpoint: string) =>
    streamProcessorEngine(
      new RekognitionClient({
        endpoint,
        region: "us-east-1",
        credentials: { accessKeyId: "owner", secretAccessKey: "owner" },
        maxAttempts: 1,
      }),
    );

  async function addCamera(RoleArn = roleArn("full")) {
    const processorName = `camera-${streams.length + 1}`;
    const stream = new FakeStream(STREAM_ARN.replace("front-door", processorName));
    stream.header = header;
    stream.add(...fragments.slice(0, FRAGMENTS));
    streams.push(stream);
    await local.client(RekognitionClient).send(
      new CreateStreamProcessorCommand({
        ...processor(processorName),
        Input: { KinesisVideoStream: { Arn: stream.arn } },
        RoleArn,
      } as ConstructorParameters<typeof CreateStreamProcessorCommand>[0]),
    );
    return {
      processorName,
      streamArn: stream.arn,
      videoStartMs: VIDEO_START_MS,
      videoDurationMs: FRAGMENTS * 2000,
    };
  }

  const received: unknown[] = [];
  async function notifications() {
    const sqs = local.client(SQSClient);
    const QueueUrl = local.resources.get("Queue")!.ref;
    for (;;) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
      );
      if (Messages.length === 0) return received;
      for (const { Body, ReceiptHandle } of Messages) {
        received.push(JSON.parse((JSON.parse(Body!) as { Message: string }).Message));
        await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
      }
    }
  }

  return {
    engine: engineAt(local.endpoint),
    throttled: engineAt(throttling.endpoint),
    unreachable: engineAt(UNREACHABLE),
    addCamera: () => addCamera(),
    addFailingCamera: () => addCamera(roleArn("no-video")),
    pass: async (durationMs) => {
      local.clock.turn(durationMs);
      // Decoding takes real time; asking again at once would only take it away.
      await sleep(20);
    },
    notifications,
    stop: async () => {
      await throttling.stop();
      await local.stop();
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

describeEngine("stream-processor", start);
