/**
 * From video to notification, on the local cloud: how long after Kinesis Video stored a frame its detection is published,
 * and how long after it stored the first frame that shows the object. Both engines, each with a camera of its own that sends
 * the same video at the speed of the video while its motion lasts. The packaged functions run; times of AWS's services are
 * those of this machine, so the figures compare the engines and say little about AWS.
 *
 *     npm run bench -- detection-latency [-- --rounds=4]
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { SECOND_MS } from "../base/durations.ts";
import { Fleet } from "../operator/fleet.ts";
import type { Camera } from "../schemas/camera.ts";
import { LABEL_ENGINES, type EngineName } from "../schemas/engine.ts";
import type { TestStack } from "../test/local/stack.ts";
import { uploadClip } from "../uploader/upload-clip.ts";
import { median, quantile, rounded } from "./figures.ts";
import { numberFlag } from "./flags.ts";
import { onStack } from "./on-stack.ts";
import { figure, report } from "./result.ts";
import { subscribe } from "./topic-queue.ts";

const ROUNDS = numberFlag("rounds", 4);
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

const latencies = await onStack(measure, [VIDEOS]);
const secondsOf = (milliseconds: readonly number[], fraction: number) =>
  rounded(quantile(milliseconds, fraction) / SECOND_MS);
const results = LABEL_ENGINES.map((engine) => {
  const own = latencies.filter((one) => one.engine === engine);
  const [fromFrame, fromFirstFrame] = [
    own.map(({ ofFrameMs }) => ofFrameMs),
    own.map(({ ofFirstFrameMs }) => ofFirstFrameMs),
  ];
  return {
    labels: own.map(({ label }) => label).toSorted(),
    firstFrameMs: median(fromFirstFrame),
    figures: [
      figure(`${engine}, detections in ${ROUNDS} rounds`, own.length, ""),
      figure(`${engine}, from the stored frame: half within`, secondsOf(fromFrame, 0.5), "s"),
      figure(`${engine}, from the stored frame: all within`, secondsOf(fromFrame, 1), "s"),
      figure(
        `${engine}, from the first stored frame that shows the object: half within`,
        secondsOf(fromFirstFrame, 0.5),
        "s",
      ),
      figure(
        `${engine}, from the first stored frame that shows the object: all within`,
        secondsOf(fromFirstFrame, 1),
        "s",
      ),
    ],
  };
});
const [processor, frames] = results;
report("detection-latency", {
  figures: results.flatMap(({ figures }) => figures),
  rival: {
    name: "the stream processor",
    ratio: rounded(frames!.firstFrameMs / processor!.firstFrameMs),
    ratioOf: "the median of frames from the first frame / its",
  },
  sameWork: "both engines detected the same labels in the same video",
  failures:
    frames!.labels.join() === processor!.labels.join() ? [] : ["the engines detected different labels"],
});
