/**
 * The engine `frames` over parts in memory, on a clock that is turned: its real steps, its real limit of calls, and a queue
 * whose delay is that clock's. What AWS would bill is counted.
 */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import jpeg from "jpeg-js";
import * as v from "valibot";
import { callLimit } from "../aws/call-limit.ts";
import { nextTurn, sleep, TurnableClock } from "../base/clock.ts";
import { SECOND_MS } from "../base/durations.ts";
import { TokenBucket } from "../base/token-bucket.ts";
import { framesEngine } from "../engines/frames/index.ts";
import type { FrameParts, NamedLabels } from "../engines/frames/parts.ts";
import { runStep } from "../engines/frames/step.ts";
import type { Engine } from "../engines/engine.ts";
import { camera as cameraSchema, type Camera, type CameraSettings } from "../schemas/camera.ts";
import type { SessionMessage } from "../schemas/engine-session.ts";
import type { ReceivedFragment } from "../schemas/fragment.ts";
import type { FrameSession } from "../schemas/frame-session.ts";
import type { FrameSampling } from "../schemas/notification.ts";

/** What the parts take, in milliseconds: assumed. */
const LATENCY_MS = { table: 5, queue: 20, image: 200, detectLabels: 300, list: 50, put: 40, publish: 20 };
const FRAGMENT_MS = 2000;
/** From a fragment's last frame until the stream has it. */
const UPLOAD_MS = 500;
const START_MS = Date.parse("2026-11-30T12:00:00Z");
/** Functions at a time, and the messages of each (serverless.yml). */
const FUNCTIONS = 8;
const WORKERS = FUNCTIONS * 10;

export interface WorldOptions {
  /** The limit of calls, and the rate at which Rekognition throttles. */
  readonly callsPerSecond: number;
  /** After how many seconds of the video a person is in it; never if absent. */
  readonly personAfterSeconds?: number;
}

/** What AWS would bill. */
export interface Counts {
  detectLabels: number;
  images: number;
  steps: number;
  messages: number;
  /** Of functions, as long as the parts take. */
  stepMs: number;
  /** Units of at most 4 KB. */
  tableReads: number;
  /** Units of at most 1 KB. */
  tableWrites: number;
  puts: number;
  publishes: number;
}

/** A completed session, as its notification reports it. */
export interface Completed extends FrameSampling {
  readonly processorName: string;
  readonly sessionId: string;
  readonly videoStartMs: number;
  /** When it was published. */
  readonly atMs: number;
}

/** The part of a notification that the world reads. */
interface Published {
  readonly eventId: string;
  readonly sessionId: string;
  readonly eventNamespace: { readonly type: string };
  readonly frameSampling?: FrameSampling;
  readonly startStreamProcessorRequest: {
    readonly name: string;
    readonly startSelector: { readonly kvsStreamStartSelector: { readonly producerTimestamp: number } };
  };
}

export const cameraOf = (settings: CameraSettings): Camera =>
  v.parse(cameraSchema, {
    ...settings,
    engine: "frames",
    streamName: settings.cameraId,
    processorName: settings.cameraId,
    keyVersion: 1,
  });

export class FramesWorld {
  readonly clock = new TurnableClock(START_MS);
  readonly startMs = START_MS;
  readonly parts: FrameParts;
  readonly engine: Engine;
  readonly counts: Counts = {
    detectLabels: 0,
    images: 0,
    steps: 0,
    messages: 0,
    stepMs: 0,
    tableReads: 0,
    tableWrites: 0,
    puts: 0,
    publishes: 0,
  };
  /** Calls of DetectLabels that were not made, since the limit was used up, or that Rekognition throttled. */
  readonly refused = { byLimit: 0, byRekognition: 0 };
  readonly completed: Completed[] = [];
  /** Event ids of the labels that were published. */
  readonly detections = new Set<string>();
  readonly failures: unknown[] = [];
  /** When DetectLabels saw an image, and of which moment. */
  readonly looks: { readonly streamName: string; readonly atMs: number; readonly lookedAtMs: number }[] = [];
  readonly #sessions = new Map<string, FrameSession>();
  readonly #cameras: ReadonlyMap<string, Camera>;
  readonly #options: WorldOptions;
  readonly #bucket: TokenBucket;
  readonly #waiting: SessionMessage[] = [];
  #running = 0;
  #seed = 1;

  constructor(cameras: readonly Camera[], options: WorldOptions) {
    this.#cameras = new Map(cameras.map((camera) => [camera.processorName, camera]));
    this.#options = options;
    this.#bucket = new TokenBucket(options.callsPerSecond, START_MS);
    this.parts = this.#parts();
    let ids = 0;
    this.engine = framesEngine({
      ...this.parts,
      randomId: () => `session-${++ids}`,
      cameraOf: async (name) => this.#cameras.get(name),
    });
  }

  /** Whether the record of the camera's latest session says so. */
  isRunning(processorName: string): boolean {
    return this.#sessions.get(processorName)?.state === "running";
  }

  /** Turns the clock until nothing waits for it any more, or until `isDone`. */
  async run(isDone: () => boolean = () => false): Promise<void> {
    for (;;) {
      await nextTurn();
      const dueMs = this.clock.nextDueMs;
      if (dueMs === undefined || isDone()) return;
      this.clock.turn(Math.max(0, dueMs - this.clock.now()));
    }
  }

  /** The same numbers from 0 to 1 in every run. */
  #random(): number {
    this.#seed = (this.#seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return this.#seed / 2 ** 31;
  }

  #parts(): FrameParts {
    const { counts, clock } = this;
    const taking = (ms: number) => sleep(clock, ms);
    const table = countersTable();
    // Each function knows for itself what it was refused.
    const limits = Array.from({ length: FUNCTIONS }, () =>
      callLimit("calls", this.#options.callsPerSecond, clock, table),
    );
    return {
      now: () => clock.now(),
      random: () => this.#random(),
      sessions: {
        find: async (processorName) => {
          await taking(LATENCY_MS.table);
          const session = this.#sessions.get(processorName);
          counts.tableReads += Math.ceil(sizeOf(session) / 4096);
          return session;
        },
        put: async (session) => {
          counts.tableWrites += Math.ceil(sizeOf(session) / 1024);
          await taking(LATENCY_MS.table);
          const before = this.#sessions.get(session.processorName)?.version ?? 0;
          if (before !== session.version - 1) return false;
          this.#sessions.set(session.processorName, session);
          return true;
        },
      },
      schedule: async (message, delayMs) => {
        counts.messages++;
        await taking(LATENCY_MS.queue);
        clock.after(Math.ceil(delayMs / SECOND_MS) * SECOND_MS, () => this.#receive(message));
      },
      imageAt: async (streamName, atMs) => {
        await taking(LATENCY_MS.image);
        if (fragmentsBetween(atMs, atMs + 1, clock.now()).length === 0) return { kind: "no-video" };
        counts.images++;
        return { kind: "image", jpeg: imageOf(streamName, atMs), atMs };
      },
      fragments: () => async (_by, fromMs, untilMs) => {
        await taking(LATENCY_MS.list);
        return fragmentsBetween(fromMs, untilMs, clock.now());
      },
      streamArnOf: async (name) => {
        await taking(LATENCY_MS.list);
        return { kind: "stream", arn: `arn:aws:kinesisvideo:us-east-1:000000000000:stream/${name}/1` };
      },
      takeCall: async (priority) => {
        counts.tableWrites++;
        await taking(LATENCY_MS.table);
        const limit = limits[Math.floor(this.#random() * FUNCTIONS)]!;
        const isTaken = await limit.takeCall(priority);
        if (!isTaken) this.refused.byLimit++;
        return isTaken;
      },
      detectLabels: async (image) => {
        if (!this.#bucket.has(1, clock.now())) {
          this.refused.byRekognition++;
          return { kind: "throttled" };
        }
        this.#bucket.take(1, clock.now());
        counts.detectLabels++;
        const { streamName, atMs } = momentOf(image);
        this.looks.push({ streamName, atMs, lookedAtMs: clock.now() });
        await taking(LATENCY_MS.detectLabels);
        return { kind: "labels", labels: this.#labelsAt(atMs) };
      },
      putImage: async (key) => {
        counts.puts++;
        await taking(LATENCY_MS.put);
        return `s3://evidence/${key}`;
      },
      publish: async (notification) => {
        counts.publishes++;
        await taking(LATENCY_MS.publish);
        this.#published(notification as Published);
      },
      sendPersons: async () => {},
      personsUnsent: () => {},
    };
  }

  #labelsAt(atMs: number): Extract<NamedLabels, { kind: "labels" }>["labels"] {
    const { personAfterSeconds = Infinity } = this.#options;
    if (atMs < START_MS + personAfterSeconds * SECOND_MS) return [];
    const box = { left: 0.25, top: 0.25, width: 0.25, height: 0.5 };
    return [{ name: "Person", confidence: 95, instances: [{ confidence: 95, box }] }];
  }

  #published({ eventId, sessionId, frameSampling, startStreamProcessorRequest }: Published): void {
    if (!frameSampling) this.detections.add(eventId);
    else
      this.completed.push({
        ...frameSampling,
        processorName: startStreamProcessorRequest.name,
        sessionId,
        videoStartMs: startStreamProcessorRequest.startSelector.kvsStreamStartSelector.producerTimestamp,
        atMs: this.clock.now(),
      });
  }

  /** Does a step as soon as a function is free. */
  #receive(message: SessionMessage): void {
    this.#waiting.push(message);
    while (this.#running < WORKERS && this.#waiting.length > 0) void this.#work(this.#waiting.shift()!);
  }

  async #work(message: SessionMessage): Promise<void> {
    this.#running++;
    this.counts.steps++;
    const startedAtMs = this.clock.now();
    try {
      await runStep(this.parts, message);
    } catch (error) {
      this.failures.push(error);
    }
    this.counts.stepMs += this.clock.now() - startedAtMs;
    this.#running--;
    const next = this.#waiting.shift();
    if (next) void this.#work(next);
  }
}

/** The stream's fragments in an interval that it has by then; every camera's video lasts from the world's start on. */
function fragmentsBetween(fromMs: number, untilMs: number, nowMs: number): ReceivedFragment[] {
  const found: ReceivedFragment[] = [];
  const first = Math.max(0, Math.floor((fromMs - START_MS) / FRAGMENT_MS));
  for (let index = first; ; index++) {
    const startMs = START_MS + index * FRAGMENT_MS;
    const serverMs = startMs + FRAGMENT_MS + UPLOAD_MS;
    if (startMs >= untilMs || serverMs > nowMs) return found;
    found.push({ number: String(index + 1), startMs, durationMs: FRAGMENT_MS, sizeBytes: 500_000, serverMs });
  }
}

/** About what an item has in the table. */
const sizeOf = (record: object | undefined): number => Math.max(1, JSON.stringify(record ?? "").length);

const PICTURE = jpeg.encode({ width: 80, height: 80, data: Buffer.alloc(80 * 80 * 4, 128) }, 50).data;

/** A picture that names its moment after its end. */
const imageOf = (streamName: string, atMs: number): Uint8Array =>
  Buffer.concat([PICTURE, Buffer.from(JSON.stringify({ streamName, atMs }))]);

const momentOf = (image: Uint8Array): { streamName: string; atMs: number } =>
  JSON.parse(Buffer.from(image.subarray(PICTURE.length)).toString());

/** The table of the limit of calls, as far as that uses it: `ADD #calls :one` if there are less than `:limit`. */
function countersTable(): DynamoDBClient {
  const calls = new Map<string, number>();
  type Value = { readonly N: string };
  interface Update {
    readonly Key: { readonly second: Value };
    readonly ExpressionAttributeValues: { readonly ":one": Value; readonly ":limit": Value };
  }
  return {
    send: async ({ input }: { input: Update }) => {
      const { Key, ExpressionAttributeValues: values } = input;
      const before = calls.get(Key.second.N) ?? 0;
      if (before >= Number(values[":limit"].N))
        throw new ConditionalCheckFailedException({ message: "the limit", $metadata: {} });
      calls.set(Key.second.N, before + Number(values[":one"].N));
      return {};
    },
  } as unknown as DynamoDBClient;
}
