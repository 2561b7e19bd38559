import * as v from "valibot";
import { intersect, union } from "../../core/sessions/intervals.ts";
import { videoOf, type FragmentsOf } from "../../core/sessions/analysed-video.ts";
import { readStartRequest } from "../../core/lake/start-request.ts";
import type { SessionEvent } from "../../core/sessions/reduce.ts";
import { framesEngine } from "../../engines/frames/index.ts";
import type { FrameParts } from "../../engines/frames/parts.ts";
import { runStep } from "../../engines/frames/step.ts";
import type { Camera } from "../../schemas/camera.ts";
import type { ReceivedFragment } from "../../schemas/fragment.ts";
import type { FrameSession } from "../../schemas/frame-session.ts";
import { streamProcessingComplete } from "../../schemas/notification.ts";
import type { Interval, Run } from "../../schemas/session.ts";
import type { RunStatus, StartResult, StopResult } from "../../schemas/engine.ts";
import type { SessionMessage } from "../../schemas/engine-session.ts";

/** What the world around the engine decides. */
interface WorldAround {
  now(): number;
  random(): number;
  /** Whether something of that probability goes wrong now. */
  happens(probability: number): boolean;
  /** Takes some time, and may break the caller off before or after it took effect. */
  step<T>(act: () => T): Promise<T>;
  /** An error that breaks a caller off. */
  crash(why: string): Error;
  at(atMs: number, run: () => void): void;
  /** Runs what may be broken off, and what follows then. */
  attempt(doing: Promise<unknown>, brokenOff: () => void): void;
  readonly camera: Camera;
  listed(): readonly ReceivedFragment[];
  readonly list: ReturnType<FragmentsOf>;
  readonly trouble: {
    readonly throttle: number;
    readonly failLater: number;
    readonly unreadable: number;
    readonly loseStep: number;
  };
  /** A session began. */
  began(session: SampledSession): void;
  /** A completion notification was published, maybe not for the first time. */
  ended(event: SessionEvent, listedAtMs: number): void;
}

/** A session of the engine, and what it did. */
export interface SampledSession {
  readonly sessionId: string;
  readonly run: Run;
  processedMs: number;
  /** What it reported as analysed: a step that ends the session and is done again, after a stop, may report less. */
  analysed: readonly Interval[];
  /** What each of its reports has as analysed. */
  agreed: readonly Interval[] | undefined;
  /** Moments whose images it has analysed. */
  readonly imagesMs: number[];
  /** How many of its images could not be read. */
  unreadable: number;
  ends: boolean;
}

const STREAM_ARN = "arn:aws:kinesisvideo:us-east-1:000000000000:stream/front-door/1763700000000";
const REDELIVERY_MS = 30_000;
/** How many images show each of the camera's labels. */
const DETECTS = 0.15;
const NOTHING_SEEN = { kind: "labels", labels: [] } as const;
const ALL_SEEN = {
  kind: "labels",
  labels: ["Person", "Pet", "Package"].map((name) => ({
    name,
    confidence: 99,
    instances: [{ confidence: 99, box: { left: 0.1, top: 0.1, width: 0.5, height: 0.5 } }],
  })),
} as const;

/** The engine `frames` itself, over a stream, an image service and a queue that fail as the world decides. */
export class SampledSessions {
  readonly #world: WorldAround;
  #record: FrameSession | undefined;
  readonly #sessions = new Map<string, SampledSession>();
  /** Whether the image of a moment shows each of the camera's labels. */
  readonly #shown = new Map<number, boolean>();
  /** When the stream was last listed. */
  #listedAtMs = 0;
  readonly #parts: FrameParts;

  constructor(world: WorldAround) {
    this.#world = world;
    this.#parts = this.#partsOf(world);
  }

  async start(run: Run, sessionId: string): Promise<StartResult> {
    return await this.#engine(run, () => sessionId).start(run);
  }

  async find(processorName: string): Promise<RunStatus> {
    return await this.#engine().find(processorName);
  }

  async stop(processorName: string, videoEndMs: number | undefined): Promise<StopResult> {
    return await this.#engine().stop(processorName, videoEndMs);
  }

  #engine(run?: Run, randomId = (): string => "") {
    return framesEngine({
      ...this.#parts,
      randomId: () => {
        const sessionId = randomId();
        this.#sessions.set(sessionId, {
          sessionId,
          run: run!,
          processedMs: 0,
          analysed: [],
          agreed: undefined,
          imagesMs: [],
          unreadable: 0,
          ends: false,
        });
        return sessionId;
      },
      cameraOf: async () => this.#world.camera,
    });
  }

  get #current(): SampledSession {
    return this.#sessions.get(this.#record!.sessionId)!;
  }

  #partsOf({ trouble, ...world }: WorldAround): FrameParts {
    return {
      now: world.now,
      random: world.random,
      sessions: {
        find: async () => this.#record,
        put: (record) =>
          world.step(() => {
            if ((this.#record?.version ?? 0) !== record.version - 1) return false;
            const isNew = this.#record?.sessionId !== record.sessionId;
            this.#record = record;
            if (isNew) world.began(this.#current);
            return true;
          }),
      },
      schedule: (message, delayMs) =>
        world.step(() => {
          if (!world.happens(trouble.loseStep)) this.#send(message, Math.ceil(delayMs / 1000) * 1000);
        }),
      imageAt: async (_streamName, atMs) => {
        const video = videoOf(world.listed());
        if (!video.some(({ fromMs, untilMs }) => fromMs <= atMs && atMs < untilMs))
          return { kind: "no-video" };
        if (!world.happens(trouble.unreadable))
          return { kind: "image", jpeg: Buffer.from(String(atMs)), atMs };
        this.#current.unreadable++;
        return { kind: "unreadable", reason: "not decodable" };
      },
      fragments: () => async (by, fromMs, untilMs) => {
        const fragments = await world.list(by, fromMs, untilMs).catch((error: Error) => {
          throw world.crash(error.message);
        });
        this.#listedAtMs = world.now();
        return fragments;
      },
      streamArnOf: async () =>
        world.happens(trouble.failLater)
          ? { kind: "refused", reason: "Access denied to Role" }
          : { kind: "stream", arn: STREAM_ARN },
      takeCall: async () => !world.happens(trouble.throttle),
      detectLabels: async (jpeg) => {
        const atMs = Number(Buffer.from(jpeg).toString());
        this.#current.imagesMs.push(atMs);
        if (!this.#shown.has(atMs)) this.#shown.set(atMs, world.random() < DETECTS);
        return this.#shown.get(atMs) ? ALL_SEEN : NOTHING_SEEN;
      },
      putImage: async (key) => `s3://evidence/${key}`,
      publish: async (notification) => {
        if (!("frameSampling" in notification)) return;
        const listedAtMs = this.#listedAtMs;
        await world.step(() => this.#ended(notification, listedAtMs));
      },
      sendPersons: async () => {},
      personsUnsent: () => {},
    };
  }

  #send(message: SessionMessage, delayMs: number): void {
    const { at, now, attempt } = this.#world;
    at(now() + delayMs, () =>
      attempt(runStep(this.#parts, message), () => this.#send(message, REDELIVERY_MS)),
    );
  }

  /** Reads the notification as `closeSession` does. */
  #ended(notification: object, listedAtMs: number): void {
    const { sessionId, engine, frameSampling, inputInformation, startStreamProcessorRequest } = v.parse(
      streamProcessingComplete,
      JSON.parse(JSON.stringify(notification)),
    );
    const processedMs = inputInformation.kinesisVideo.processedVideoDurationMillis;
    const session = this.#sessions.get(sessionId)!;
    session.ends = true;
    session.processedMs = Math.max(session.processedMs, processedMs);
    const { analysed } = frameSampling!;
    session.analysed = union([...session.analysed, ...analysed]);
    session.agreed = session.agreed ? intersect(session.agreed, analysed) : analysed;
    const videoStartMs = readStartRequest(startStreamProcessorRequest).startedAtMs;
    const kind = "session-completed";
    this.#world.ended({ kind, sessionId, engine, processedMs, videoStartMs, frameSampling }, listedAtMs);
  }
}
