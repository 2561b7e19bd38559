/**
 * From video to notification, on the local cloud: how long after Kinesis Video stored a frame its detection is published,
 * and how long after it stored the first frame that shows the object. Both engines, each with a camera of its own that sends
 * the same video at the speed of the video while its motion lasts. The packaged functions run; times of AWS's services are
 * those of this machine, so the figures compare the engines and say little about AWS.
 *
 *     node bench/detection-latency.bench.ts [--rounds=4] [--json]
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { SECOND_MS } from "../base/durations.ts";
import { packageService } from "../demo/package-service.ts";
import { Fleet } from "../operator/fleet.ts";
import type { Camera } from "../schemas/camera.ts";
import { LABEL_ENGINES, type EngineName } from "../schemas/engine.ts";
import { startStack, type TestStack } from "../test/local/stack.ts";
import { uploadClip } from "../uploader/upload-clip.ts";
import { median, quantile, rounded } from "./figures.ts";
import { subscribe } from "./topic-queue.ts";

const HELP = `Time from a frame's ingestion to its published detection, on the local cloud, with both engines.
Usage: node bench/detection-latency.bench.ts [--rounds=4] [--json]`;

const ROUNDS = Number(
  /^--rounds=(\d+)$/.exec(process.argv.find((one) => one.startsWith("--rounds")) ?? "")?.[1] ?? 4,
);
const VIDEOS = fileURLToPath(new URL("../events/videos", import.meta.url));
const CLIP = "front-door";
const SESSION_SECONDS = 16;
const LONGEST_WAIT_MS = 90 * SECOND_MS;

/** When each object is in the clip for the first time, milliseconds from its beginning. */
const firstShown = new Map<string, number>(
  (
    JSON.parse(readFileSync(`${VIDEOS}/${CLIP}.labels.json`, "utf8")) as {
      tracks: { name: string; keyframes: { offsetMillis: number }[] }[];
    }
  ).tracks.map(({ name, keyframes }) => [name, keyframes[0]!.offsetMillis]),
);

/** What the bench reads of a notification. */
interface Notification {
  readonly eventNamespace: { readonly type: string };
  readonly startStreamProcessorRequest: { readonly name: string };
  readonly labels?: readonly {
    readonly name: string;
    readonly videoMapping: { readonly kinesisVideoMapping: { readonly fragmentNumber: string } };
  }[];
}

interface StoredEvent {
  readonly streamName: string;
  readonly fragmentNumber: string;
  readonly producerMs: number;
  readonly lengthMs: number;
}

interface Stored {
  readonly number: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly storedAtMs: number;
}

interface Latency {
  readonly engine: EngineName;
  readonly label: string;
  /** Of the frame in the notification. */
  readonly ofFrameMs: number;
  /** Of the first frame that shows the object. */
  readonly ofFirstFrameMs: number;
}

async function measure(stack: TestStack): Promise<Latency[]> {
  const { local, config, clock } = stack;
  const fleet = await Fleet.open("doorstep-dev", config);
  const receive = await subscribe<Notification>(stack);
  const stored = new Map<string, Stored[]>();
  local.cloud.events.subscribe(({ name, detail, atMs }) => {
    if (name !== "fragment-stored") return;
    const { streamName, fragmentNumber, producerMs, lengthMs } = detail as unknown as StoredEvent;
    const fragment = {
      number: fragmentNumber,
      startMs: producerMs,
      endMs: producerMs + lengthMs,
      storedAtMs: atMs,
    };
    stored.set(streamName, [...(stored.get(streamName) ?? []), fragment]);
  });
  const latencies: Latency[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const cameras = new Map<string, Camera & { startMs?: number }>();
    const playing = LABEL_ENGINES.map(async (engine) => {
      const { camera } = await fleet.add({ cameraId: `${engine}-${round}`, engine });
      const startMs = clock.now();
      cameras.set(camera.processorName, { ...camera, startMs });
      const { streamName } = camera;
      const upload = uploadClip({
        ...config,
        file: `${VIDEOS}/${CLIP}.mp4`,
        streamName,
        startMs,
        pace: "realtime",
      });
      const { status } = await fleet.sendMotion(camera, "start", {
        at: startMs,
        maxDurationSeconds: SESSION_SECONDS,
      });
      if (status >= 300) throw new Error(`${camera.cameraId}: ${status}`);
      await fleet.sendMotion(camera, "stop", { at: startMs + SESSION_SECONDS * SECOND_MS });
      await upload;
    });
    const uploaded = Promise.all(playing);
    const ended = new Set<string>();
    const untilMs = clock.now() + LONGEST_WAIT_MS;
    while (ended.size < LABEL_ENGINES.length && clock.now() < untilMs)
      for (const { notification, publishedAtMs } of await receive()) {
        const { eventNamespace, startStreamProcessorRequest, labels = [] } = notification;
        const camera = cameras.get(startStreamProcessorRequest.name);
        if (!camera) continue;
        if (eventNamespace.type === "STREAM_PROCESSING_COMPLETE") ended.add(camera.cameraId);
        const fragments = stored.get(camera.streamName) ?? [];
        for (const { name, videoMapping } of labels) {
          const { fragmentNumber } = videoMapping.kinesisVideoMapping;
          const firstMs = camera.startMs! + firstShown.get(name)!;
          const own = fragments.find(({ number }) => number === fragmentNumber)!;
          const first = fragments.find(({ startMs, endMs }) => startMs <= firstMs && firstMs < endMs)!;
          latencies.push({
            engine: camera.engine,
            label: name,
            ofFrameMs: publishedAtMs - own.storedAtMs,
            ofFirstFrameMs: publishedAtMs - first.storedAtMs,
          });
        }
      }
    await uploaded;
    if (ended.size < LABEL_ENGINES.length) throw new Error(`a session of round ${round} did not end`);
  }
  return latencies;
}

if (process.argv.includes("--help")) console.log(HELP);
else {
  await packageService();
  const stack = await startStack([VIDEOS]);
  let latencies: Latency[];
  try {
    latencies = await measure(stack);
  } finally {
    await stack.stop();
  }
  const figures = (numbers: readonly number[]) => ({
    p50Seconds: rounded(median(numbers) / SECOND_MS),
    mostSeconds: rounded(quantile(numbers, 1) / SECOND_MS),
  });
  const results = LABEL_ENGINES.map((engine) => {
    const own = latencies.filter((one) => one.engine === engine);
    return {
      engine,
      rounds: ROUNDS,
      detections: own.length,
      fromFrame: figures(own.map(({ ofFrameMs }) => ofFrameMs)),
      fromFirstFrame: figures(own.map(({ ofFirstFrameMs }) => ofFirstFrameMs)),
    };
  });
  const [processor, frames] = results;
  const ratio = rounded(frames!.fromFirstFrame.p50Seconds / processor!.fromFirstFrame.p50Seconds);
  if (process.argv.includes("--json"))
    console.log(JSON.stringify({ node: process.version, results, ratio, latencies }));
  else {
    for (const { engine, detections, fromFrame, fromFirstFrame } of results)
      console.log(
        `${engine.padEnd(17)} ${detections} detections; from the stored frame to the notification: half within ${fromFrame.p50Seconds} s, all within ${fromFrame.mostSeconds} s; ` +
          `from the first stored frame that shows the object: half within ${fromFirstFrame.p50Seconds} s, all within ${fromFirstFrame.mostSeconds} s`,
      );
    console.log(`frames takes ${ratio} times as long as the stream processor from the first frame`);
  }
}
