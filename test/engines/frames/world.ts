import { nextTurn, sleep, TurnableClock } from "../../../base/clock.ts";
import { randomSequence, type Random } from "../../../base/random.ts";
import { framesEngine } from "../../../engines/frames/index.ts";
import type { FrameParts, NamedLabel } from "../../../engines/frames/parts.ts";
import { runStep } from "../../../engines/frames/step.ts";
import { camera as cameraSchema, type Camera, type CameraInput } from "../../../schemas/camera.ts";
import type { SessionMessage } from "../../../schemas/engine-session.ts";
import type { FaceRequest } from "../../../schemas/face.ts";
import type { ReceivedFragment } from "../../../schemas/fragment.ts";
import type { FrameSession } from "../../../schemas/frame-session.ts";
import type { Interval } from "../../../schemas/session.ts";
import {
  labelDetected,
  streamProcessingComplete,
  type LabelDetected,
  type StreamProcessingComplete,
} from "../../../schemas/notification.ts";
import * as v from "valibot";

/** When the world begins, epoch milliseconds. */
export const BEGIN_MS = Date.UTC(2026, 10, 21, 23, 30);
const CAMERA = "front-door";
const STREAM_ARN = "arn:aws:kinesisvideo:us-east-1:123456789012:stream/front-door/1600000000000";
const REDELIVERY_MS = 30_000;
/** After which the queue gives a message up. */
const MAX_RECEIVES = 12;

/** Video that reaches the stream, in fragments. */
export interface Upload {
  /** Producer time, since the beginning of the world. */
  readonly fromMs: number;
  readonly untilMs: number;
  readonly fragmentMs: number;
  /** How long after its end a fragment arrives. */
  readonly lateMs: number;
}

/** Something that can be seen in the video. */
interface Visible {
  readonly name: string;
  /** Producer time, since the beginning of the world. */
  readonly fromMs: number;
  readonly untilMs: number;
}

/** How often things go wrong, each 0..1. */
export interface Trouble {
  readonly crash: number;
  /** A message is delivered twice. */
  readonly twice: number;
  /** Rekognition refuses a call for now. */
  readonly throttle: number;
  /** An image cannot be decoded. */
  readonly unreadable: number;
  /** The queue of faces does not accept a message. */
  readonly unsendable: number;
  /** How long a call takes at most. */
  readonly slowestMs: number;
}

const NO_TROUBLE: Trouble = { crash: 0, twice: 0, throttle: 0, unreadable: 0, unsendable: 0, slowestMs: 100 };

export interface WorldOptions {
  readonly camera?: Partial<CameraInput>;
  readonly uploads?: readonly Upload[];
  readonly visible?: readonly Visible[];
  readonly trouble?: Partial<Trouble>;
  /** Calls of DetectLabels a second. */
  readonly limit?: number;
  /** Why the stream, its images or DetectLabels refuse every call. */
  readonly refusing?: "stream" | "images" | "labels";
  readonly seed?: number;
}

class Crash extends Error {}

/** Which call of a part is killed, counted from 1, and whether before it takes effect. */
export interface Kill {
  readonly call: number;
  readonly when: "before" | "after";
}

/** A camera, its stream, the table, the queue, the topic and a clock; random numbers come from a seed. */
export class FramesWorld {
  readonly clock = new TurnableClock(BEGIN_MS);
  readonly camera: Camera;
  readonly fragments: readonly ReceivedFragment[];
  /** Every notification that was published, in order, as the topic delivers it. */
  readonly published: { readonly document: unknown; readonly atMs: number }[] = [];
  readonly images = new Map<string, Uint8Array>();
  /** What the search of faces got, in order; repeated steps send it again. */
  readonly persons: FaceRequest[] = [];
  /** How often persons could not be sent. */
  personsUnsent = 0;
  /** Moments of the images that DetectLabels returned labels of, repeated steps included. */
  readonly detectedAtMs: number[] = [];
  readonly callsBySecond = new Map<number, number>();
  session: FrameSession | undefined;
  /** How many calls the parts have had. */
  calls = 0;
  steps = 0;
  /** Messages that the queue gave up. */
  readonly dead: SessionMessage[] = [];
  /** An error that no trouble explains. */
  fault: unknown;
  kill: Kill | undefined;
  readonly #trouble: Trouble;
  readonly #options: WorldOptions;
  readonly #random: Random;
  #ids = 0;
  /** Whether nothing goes wrong for now. */
  #isCalm = false;

  constructor(options: WorldOptions = {}) {
    this.#options = options;
    this.#trouble = { ...NO_TROUBLE, ...options.trouble };
    this.#random = randomSequence(options.seed ?? 1);
    this.camera = v.parse(cameraSchema, {
      cameraId: CAMERA,
      engine: "frames",
      streamName: CAMERA,
      processorName: CAMERA,
      keyVersion: 1,
      ...options.camera,
    });
    this.fragments = fragmentsOf(options.uploads ?? []);
  }

  readonly engine = () =>
    framesEngine({ ...this.parts, randomId: () => `session-${++this.#ids}`, cameraOf: this.#cameraOf });

  readonly #cameraOf = (processorName: string) =>
    this.#call(() => (processorName === CAMERA ? this.camera : undefined));

  readonly parts: FrameParts = {
    now: () => this.clock.now(),
    random: () => this.#random(),
    sessions: {
      find: () => this.#call(() => this.session),
      put: (session) =>
        this.#call(() => {
          if ((this.session?.version ?? 0) !== session.version - 1) return false;
          this.session = session;
          return true;
        }),
    },
    schedule: (message, delayMs) =>
      this.#call(() => {
        const delay = Math.ceil(delayMs / 1000) * 1000;
        this.#deliverAfter(message, delay, 1);
        if (this.#happens(this.#trouble.twice))
          this.#deliverAfter(message, delay + Math.floor(this.#random() * 3) * 500, 1);
      }),
    imageAt: (_, atMs) =>
      this.#call(() => {
        if (this.#options.refusing === "images") return { kind: "refused", reason: "no retention" };
        if (
          !this.#arrived().some(({ startMs, durationMs }) => startMs <= atMs && atMs < startMs + durationMs)
        )
          return { kind: "no-video" };
        if (this.#happens(this.#trouble.unreadable)) return { kind: "unreadable", reason: "MEDIA_ERROR" };
        return { kind: "image", jpeg: new TextEncoder().encode(String(atMs)), atMs };
      }),
    fragments: () => (by, fromMs, untilMs) =>
      this.#call(() =>
        this.#arrived().filter(({ startMs, serverMs }) => {
          const ms = by === "producer" ? startMs : serverMs;
          return fromMs <= ms && ms <= untilMs;
        }),
      ),
    streamArnOf: () =>
      this.#call(() =>
        this.#options.refusing === "stream"
          ? { kind: "refused", reason: "no such stream" }
          : { kind: "stream", arn: STREAM_ARN },
      ),
    takeCall: (priority) =>
      this.#call(() => {
        const limit = (this.#options.limit ?? 50) * (priority === "first" ? 1 : 0.8);
        const second = Math.floor(this.clock.now() / 1000);
        const calls = this.callsBySecond.get(second) ?? 0;
        if (calls >= limit) return false;
        this.callsBySecond.set(second, calls + 1);
        return true;
      }),
    detectLabels: (jpeg, names) =>
      this.#call(() => {
        if (this.#options.refusing === "labels") return { kind: "refused", reason: "no DetectLabels here" };
        if (this.#happens(this.#trouble.throttle)) return { kind: "throttled" };
        const atMs = Number(new TextDecoder().decode(jpeg));
        this.detectedAtMs.push(atMs);
        return { kind: "labels", labels: this.visibleAt(atMs).filter(({ name }) => names.includes(name)) };
      }),
    putImage: (key, jpeg) =>
      this.#call(() => {
        this.images.set(key, jpeg);
        return `s3://evidence/${key}`;
      }),
    publish: (notification) =>
      this.#call(() => {
        const document: unknown = JSON.parse(JSON.stringify(notification));
        this.published.push({ document, atMs: this.clock.now() });
      }),
    sendPersons: (request) =>
      this.#call(() => {
        if (this.#happens(this.#trouble.unsendable)) throw new Error("the queue is out of reach");
        this.persons.push(request);
      }),
    personsUnsent: (error) => {
      // A function that dies reports nothing.
      if (error instanceof Crash) throw error;
      this.personsUnsent++;
    },
  };

  visibleAt(atMs: number): NamedLabel[] {
    const box = { left: 0.25, top: 0.25, width: 0.5, height: 0.5 };
    return (this.#options.visible ?? [])
      .filter(({ fromMs, untilMs }) => BEGIN_MS + fromMs <= atMs && atMs < BEGIN_MS + untilMs)
      .map(({ name }) => ({ name, confidence: 90, instances: [{ confidence: 90, box }] }));
  }

  /** The notifications of labels, in order; copies have the same event id. */
  get labels(): LabelDetected[] {
    return this.published.flatMap(({ document }) =>
      v.is(labelDetected, document) ? [v.parse(labelDetected, document)] : [],
    );
  }

  /** The notifications of ends, in order, with the time at which they were published. */
  get ends(): (StreamProcessingComplete & { readonly publishedAtMs: number })[] {
    return this.published.flatMap(({ document, atMs }) =>
      v.is(streamProcessingComplete, document)
        ? [{ ...v.parse(streamProcessingComplete, document), publishedAtMs: atMs }]
        : [],
    );
  }

  /** The video that the stream has in the end, producer time. */
  get video(): Interval[] {
    return this.fragments.map(({ startMs, durationMs }) => ({
      fromMs: startMs,
      untilMs: startMs + durationMs,
    }));
  }

  /** When the fragment that contains a moment arrived; undefined if there is none. */
  readonly arrivalOf = (atMs: number): number | undefined =>
    this.fragments.find(({ startMs, durationMs }) => startMs <= atMs && atMs < startMs + durationMs)
      ?.serverMs;

  /** Calls `run` at a time since the beginning of the world. */
  at(ms: number, run: () => Promise<unknown>): void {
    this.clock.after(BEGIN_MS + ms - this.clock.now(), () => {
      run().catch((error: unknown) => {
        if (!(error instanceof Crash)) this.fault ??= error;
      });
    });
  }

  /** Starts a session at the beginning of the world. */
  start(videoStartMs: number, maxDurationSeconds: number): void {
    const request = { processorName: CAMERA, videoStartMs: BEGIN_MS + videoStartMs, maxDurationSeconds };
    this.at(0, async () => {
      this.#isCalm = true;
      await this.engine().start(request);
      this.#isCalm = false;
    });
  }

  stop(atMs: number, videoEndMs?: number): void {
    const stop = async (): Promise<void> => {
      try {
        await this.engine().stop(CAMERA, videoEndMs === undefined ? undefined : BEGIN_MS + videoEndMs);
      } catch (error) {
        // The caller tries again.
        if (!(error instanceof Crash)) throw error;
        await sleep(this.clock, 1000);
        await stop();
      }
    };
    this.at(atMs, stop);
  }

  /** Runs until nothing is left to happen. */
  async play(): Promise<void> {
    const deadlineMs = BEGIN_MS + 6 * 3_600_000;
    await nextTurn();
    for (let dueMs = this.clock.nextDueMs; dueMs !== undefined; dueMs = this.clock.nextDueMs) {
      if (dueMs > deadlineMs) throw new Error("the session does not end");
      this.clock.turn(Math.max(0, dueMs - this.clock.now()));
      await nextTurn();
    }
    if (this.fault) throw this.fault;
  }

  #deliverAfter(message: SessionMessage, delayMs: number, receives: number): void {
    this.clock.after(delayMs, () => {
      this.steps++;
      runStep(this.parts, message).catch((error: unknown) => {
        if (!(error instanceof Crash)) this.fault ??= error;
        if (receives === MAX_RECEIVES) this.dead.push(message);
        else this.#deliverAfter(message, REDELIVERY_MS, receives + 1);
      });
    });
  }

  /** Fragments that the stream stores by now. */
  #arrived(): ReceivedFragment[] {
    const nowMs = this.clock.now();
    return this.fragments.filter(({ serverMs }) => serverMs <= nowMs);
  }

  /** Takes some time, and may die before or after it took effect. */
  async #call<T>(act: () => T): Promise<T> {
    const call = ++this.calls;
    const dies = (when: Kill["when"]): boolean =>
      (this.kill?.call === call && this.kill.when === when) || this.#happens(this.#trouble.crash / 2);
    await sleep(this.clock, Math.floor(this.#random() * this.#trouble.slowestMs));
    if (dies("before")) throw new Crash(`before call ${call}`);
    const result = act();
    if (dies("after")) throw new Crash(`after call ${call}`);
    return result;
  }

  #happens(probability: number): boolean {
    return probability > 0 && !this.#isCalm && this.#random() < probability;
  }
}

const fragmentsOf = (uploads: readonly Upload[]): ReceivedFragment[] => {
  const fragments: ReceivedFragment[] = [];
  for (const { fromMs, untilMs, fragmentMs, lateMs } of uploads)
    for (let startMs = fromMs; startMs < untilMs; startMs += fragmentMs) {
      const durationMs = Math.min(fragmentMs, untilMs - startMs);
      fragments.push({
        number: String(fragments.length + 1),
        startMs: BEGIN_MS + startMs,
        durationMs,
        sizeBytes: 1,
        serverMs: BEGIN_MS + startMs + durationMs + lateMs,
      });
    }
  return fragments;
};
