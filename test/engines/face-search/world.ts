/** The engine `face-search` over parts in memory, on a clock that is turned: its real checks, live video and processors. */
import * as v from "valibot";
import { TurnableClock } from "../../../base/clock.ts";
import { runCheck } from "../../../engines/face-search/check.ts";
import { faceSearchEngine } from "../../../engines/face-search/index.ts";
import type { CheckParts, FoundProcessor } from "../../../engines/face-search/parts.ts";
import { camera as cameraSchema, type Camera } from "../../../schemas/camera.ts";
import type { SessionMessage } from "../../../schemas/engine-session.ts";
import type { FaceSession } from "../../../schemas/face-session.ts";
import type { ReceivedFragment } from "../../../schemas/fragment.ts";

const START_MS = Date.parse("2026-11-30T12:00:00Z");
/** How long a processor is STARTING and STOPPING. */
const STARTING_MS = 3000;
const STOPPING_MS = 1000;
const FRAGMENT_MS = 1000;
/** How long a message that failed is invisible. */
const REDELIVERY_MS = 60_000;

interface Processor {
  status: "STOPPED" | "STARTING" | "RUNNING" | "STOPPING" | "FAILED";
  atMs: number;
  fails?: string | undefined;
}

export const named = (name: string): Error =>
  Object.assign(new Error(name), { name, $metadata: { httpStatusCode: 400 } });

export class FaceSearchWorld {
  readonly clock = new TurnableClock(START_MS);
  readonly cameras = new Map<string, Camera & { readonly videoStartMs: number; readonly videoMs: number }>();
  readonly records = new Map<string, FaceSession>();
  readonly processors = new Map<string, Processor>();
  readonly published: unknown[] = [];
  /** When a processor ran, for each time that it did: from and until. */
  readonly runs: { readonly name: string; readonly fromMs: number; untilMs: number }[] = [];
  /** Errors that the next calls get, by their names. */
  readonly trouble: { call: string; error: Error }[] = [];
  checks = 0;
  #messages: { atMs: number; message: SessionMessage }[] = [];
  #ids = 0;

  readonly parts: CheckParts = {
    now: () => this.clock.now(),
    sessions: {
      find: async (name) => await this.#call("find", () => this.records.get(name)),
      put: async (session) =>
        await this.#call("put", () => {
          if ((this.records.get(session.processorName)?.version ?? 0) + 1 !== session.version) return false;
          this.records.set(session.processorName, session);
          return true;
        }),
    },
    schedule: async (message, delayMs) =>
      await this.#call("schedule", () => {
        const atMs = this.clock.now() + Math.ceil(delayMs / 1000) * 1000;
        this.#messages.push({ atMs, message });
      }),
    findProcessor: async (name) =>
      await this.#call("findProcessor", () => {
        const processor = this.#advanced(name);
        const found: FoundProcessor | undefined = processor && {
          status: processor.status,
          reason: processor.fails,
          streamArn: this.arnOf(name),
          updatedAtMs: processor.atMs,
        };
        return found;
      }),
    stopProcessor: async (name) =>
      await this.#call("stopProcessor", () => {
        const processor = this.#advanced(name);
        if (!processor) return "not-found";
        if (processor.status !== "RUNNING" && processor.status !== "STARTING") return "not-running";
        const run = this.runs.findLast((one) => one.name === name);
        if (processor.status === "RUNNING" && run) run.untilMs = this.clock.now();
        Object.assign(processor, { status: "STOPPING", atMs: this.clock.now() });
        return "stopped";
      }),
    fragments: (streamName) => async (_by, fromMs, untilMs) =>
      await this.#call("fragments", () =>
        this.#fragments(streamName).filter(({ serverMs }) => serverMs >= fromMs && serverMs <= untilMs),
      ),
    publish: async (notification) =>
      await this.#call("publish", () => void this.published.push(notification)),
  };

  readonly engine = faceSearchEngine({
    ...this.parts,
    randomId: () => `session-${++this.#ids}`,
    cameraOf: async (name) => await Promise.resolve(this.cameras.get(name)),
    startProcessor: async (name) =>
      await this.#call("startProcessor", () => {
        const processor = this.#advanced(name);
        if (!processor) return { kind: "refused", reason: "ResourceNotFoundException" } as const;
        if (processor.status !== "STOPPED" && processor.status !== "FAILED")
          return { kind: "processor-busy" } as const;
        Object.assign(processor, { status: "STARTING", atMs: this.clock.now() });
        return { kind: "started" } as const;
      }),
  });

  arnOf = (name: string): string =>
    `arn:aws:kinesisvideo:us-east-1:000000000000:stream/${name}/1763700000000`;

  /** Adds a camera that films from now on. */
  addCamera({ videoMs = 60_000, fails }: { videoMs?: number; fails?: string } = {}) {
    const name = `camera-${this.cameras.size + 1}`;
    const camera = v.parse(cameraSchema, {
      cameraId: name,
      engine: "face-search",
      faces: true,
      streamName: name,
      processorName: name,
      keyVersion: 1,
    });
    const videoStartMs = this.clock.now();
    this.cameras.set(name, { ...camera, videoStartMs, videoMs });
    this.processors.set(name, { status: "STOPPED", atMs: videoStartMs, fails });
    return { processorName: name, streamArn: this.arnOf(name), videoStartMs, videoDurationMs: videoMs };
  }

  /** Turns the clock, second by second, and does the checks that are due. */
  async pass(durationMs: number): Promise<void> {
    for (let leftMs = durationMs; leftMs > 0; leftMs -= 1000) {
      this.clock.turn(Math.min(1000, leftMs));
      for (const name of this.processors.keys()) this.#advanced(name);
      const due = this.#messages.filter(({ atMs }) => atMs <= this.clock.now());
      this.#messages = this.#messages.filter((one) => !due.includes(one));
      for (const { message } of due)
        try {
          this.checks++;
          await runCheck(this.parts, message);
        } catch {
          this.#messages.push({ atMs: this.clock.now() + REDELIVERY_MS, message });
        }
    }
  }

  /** Loses every message that waits. */
  loseMessages(): void {
    this.#messages = [];
  }

  isRunning = (name: string): boolean =>
    ["STARTING", "RUNNING"].includes(this.#advanced(name)?.status ?? "STOPPED");

  async #call<T>(name: string, act: () => T): Promise<T> {
    await Promise.resolve();
    const index = this.trouble.findIndex(({ call }) => call === name);
    if (index >= 0) throw this.trouble.splice(index, 1)[0]!.error;
    return act();
  }

  #advanced(name: string): Processor | undefined {
    const processor = this.processors.get(name);
    if (!processor) return undefined;
    const { status, atMs, fails } = processor;
    const nowMs = this.clock.now();
    if (status === "STARTING" && nowMs >= atMs + STARTING_MS) {
      processor.status = fails === undefined ? "RUNNING" : "FAILED";
      processor.atMs = atMs + STARTING_MS;
      if (fails === undefined) this.runs.push({ name, fromMs: processor.atMs, untilMs: Infinity });
    } else if (status === "STOPPING" && nowMs >= atMs + STOPPING_MS) processor.status = "STOPPED";
    return processor;
  }

  /** A fragment's first frame is in the stream as soon as it is filmed, the whole fragment when its last one is. */
  #fragments(streamName: string): ReceivedFragment[] {
    const { videoStartMs, videoMs } = this.cameras.get(streamName)!;
    const endMs = Math.min(this.clock.now(), videoStartMs + videoMs);
    const count = Math.max(0, Math.floor((endMs - videoStartMs) / FRAGMENT_MS));
    return Array.from({ length: count }, (_, index) => ({
      number: String(index + 1),
      startMs: videoStartMs + index * FRAGMENT_MS,
      serverMs: videoStartMs + index * FRAGMENT_MS,
      durationMs: FRAGMENT_MS,
      sizeBytes: 1,
    }));
  }
}
