import { describe, expect, test } from "@jest/globals";
import { MINUTE_MS } from "../../../base/durations.ts";
import { framesEngine, type FramesEngineParts } from "../../../engines/frames/index.ts";
import { camera as cameraSchema, type Camera } from "../../../schemas/camera.ts";
import type { SessionMessage } from "../../../schemas/engine-session.ts";
import type { FrameSession } from "../../../schemas/frame-session.ts";
import * as v from "valibot";

const NOW_MS = 1_795_300_000_000;
const REQUEST = { processorName: "front-door", videoStartMs: NOW_MS - 2000, maxDurationSeconds: 30 };

const CAMERA = v.parse(cameraSchema, {
  cameraId: "front-door",
  engine: "frames",
  streamName: "front-door-stream",
  processorName: "front-door",
  keyVersion: 1,
  labels: { PERSON: 80 },
  maxSampleGapSeconds: 3,
  tags: { site: "berlin" },
});

class Parts implements FramesEngineParts {
  nowMs = NOW_MS;
  record: FrameSession | undefined;
  readonly scheduled: { message: SessionMessage; delayMs: number }[] = [];
  cameras: readonly Camera[] = [CAMERA];
  /** Called before each write of the record. */
  beforePut = (): void => {};
  #ids = 0;

  now = () => this.nowMs;
  randomId = () => `session-${++this.#ids}`;
  cameraOf = async (name: string) => this.cameras.find(({ processorName }) => processorName === name);
  sessions = {
    find: async () => this.record,
    put: async (session: FrameSession) => {
      this.beforePut();
      if ((this.record?.version ?? 0) !== session.version - 1) return false;
      this.record = session;
      return true;
    },
  };
  schedule = async (message: SessionMessage, delayMs: number) =>
    void this.scheduled.push({ message, delayMs });

  readonly engine = framesEngine(this);

  async started(): Promise<void> {
    expect(await this.engine.start(REQUEST)).toEqual({ kind: "started", sessionId: "session-1" });
  }
}

const named = (name: string): Error => Object.assign(new Error("no"), { name });

describe("a start", () => {
  test("writes the session with the camera's settings, and sends its first step", async () => {
    const parts = new Parts();
    await parts.started();
    expect(parts.record).toEqual({
      processorName: "front-door",
      version: 1,
      sessionId: "session-1",
      state: "running",
      streamName: "front-door-stream",
      videoStartMs: NOW_MS - 2000,
      maxDurationSeconds: 30,
      videoEndMs: NOW_MS + 28_000,
      startedAtMs: NOW_MS,
      dueAtMs: NOW_MS,
      step: 0,
      labels: { PERSON: 80 },
      regionsOfInterest: [],
      maxSampleGapSeconds: 3,
      whenAllDetected: "stop",
      faces: false,
      tags: { site: "berlin", camera: "front-door" },
      nextAtMs: NOW_MS - 2000,
      samples: [],
      detected: [],
      refusals: 0,
    });
    expect(parts.scheduled).toEqual([
      { message: { processorName: "front-door", sessionId: "session-1", step: 0 }, delayMs: 0 },
    ]);
  });

  test("is refused without a camera of that name", async () => {
    const parts = new Parts();
    parts.cameras = [];
    expect(await parts.engine.start(REQUEST)).toEqual({
      kind: "refused",
      reason: "no camera has the name front-door",
    });
  });

  test("while a session runs, or another start is faster, is processor-busy", async () => {
    const parts = new Parts();
    await parts.started();
    expect(await parts.engine.start(REQUEST)).toEqual({ kind: "processor-busy" });
    const racing = new Parts();
    racing.beforePut = () => void (racing.record ??= parts.record);
    expect(await racing.engine.start(REQUEST)).toEqual({ kind: "processor-busy" });
    expect(racing.scheduled).toEqual([]);
  });

  test.each(["ended", "failed"] as const)("replaces a session that has %s", async (state) => {
    const parts = new Parts();
    await parts.started();
    parts.record = { ...parts.record!, state };
    expect(await parts.engine.start(REQUEST)).toEqual({ kind: "started", sessionId: "session-2" });
    expect(parts.record).toMatchObject({ version: 2, state: "running", sessionId: "session-2" });
  });

  test("replaces a session whose message was lost", async () => {
    const parts = new Parts();
    await parts.started();
    parts.nowMs += 10 * MINUTE_MS;
    expect(await parts.engine.start(REQUEST)).toEqual({ kind: "processor-busy" });
    parts.nowMs++;
    expect(await parts.engine.start(REQUEST)).toEqual({ kind: "started", sessionId: "session-2" });
  });

  test("whose first step cannot be sent ends the session and throws", async () => {
    const parts = new Parts();
    parts.schedule = () => Promise.reject(new Error("the queue does not respond"));
    await expect(parts.engine.start(REQUEST)).rejects.toThrow("the queue does not respond");
    expect(parts.record).toMatchObject({ version: 2, state: "ended" });
    expect(await parts.engine.find("front-door")).toEqual({ kind: "stopped" });
  });

  test("that can neither be sent nor ended throws both errors", async () => {
    const parts = new Parts();
    parts.schedule = () => Promise.reject(new Error("the queue does not respond"));
    let puts = 0;
    parts.beforePut = () => {
      if (++puts === 2) throw new Error("nor does the table");
    };
    await expect(parts.engine.start(REQUEST)).rejects.toThrow(
      "session session-1 could neither be scheduled (the queue does not respond) nor ended (nor does the table)",
    );
  });

  test.each(["ThrottlingException", "ProvisionedThroughputExceededException", "RequestThrottled"])(
    "that AWS throttles (%s) is throttled",
    async (name) => {
      const parts = new Parts();
      parts.sessions.find = () => Promise.reject(named(name));
      expect(await parts.engine.start(REQUEST)).toEqual({ kind: "throttled" });
      await expect(parts.engine.find("front-door")).rejects.toThrow();
      await expect(parts.engine.stop("front-door")).rejects.toThrow();
    },
  );
});

describe("find", () => {
  test("finds no session of a camera stopped, and nothing without a camera", async () => {
    const parts = new Parts();
    expect(await parts.engine.find("front-door")).toEqual({ kind: "stopped" });
    expect(await parts.engine.find("unknown")).toEqual({ kind: "not-found" });
  });

  test("finds a session running, ended or failed with its reason", async () => {
    const parts = new Parts();
    await parts.started();
    expect(await parts.engine.find("front-door")).toEqual({ kind: "running" });
    parts.record = { ...parts.record!, state: "ended" };
    expect(await parts.engine.find("front-door")).toEqual({ kind: "stopped" });
    parts.record = { ...parts.record, state: "failed", failure: "no retention" };
    expect(await parts.engine.find("front-door")).toEqual({ kind: "failed", reason: "no retention" });
  });

  test("finds a session failed whose step is ten minutes overdue", async () => {
    const parts = new Parts();
    await parts.started();
    parts.nowMs += 10 * MINUTE_MS + 1;
    expect(await parts.engine.find("front-door")).toEqual({
      kind: "failed",
      reason: "no step of the session has run since 2026-11-21T22:26:40.000Z",
    });
    expect(await parts.engine.stop("front-door")).toBe("not-running");
  });
});

describe("a stop", () => {
  test("shortens the session's video, to now by default and never before its start", async () => {
    for (const [given, expected] of [
      [NOW_MS + 5000, NOW_MS + 5000],
      [NOW_MS - 60_000, NOW_MS - 2000],
      [undefined, NOW_MS + 1000],
    ] as const) {
      const parts = new Parts();
      await parts.started();
      parts.nowMs += 1000;
      expect(await parts.engine.stop("front-door", given)).toBe("stopped");
      expect(parts.record).toMatchObject({ version: 2, state: "running", videoEndMs: expected });
    }
  });

  test("never lengthens it, and is then not written", async () => {
    const parts = new Parts();
    await parts.started();
    expect(await parts.engine.stop("front-door", NOW_MS + 90_000)).toBe("stopped");
    expect(parts.record).toMatchObject({ version: 1, videoEndMs: NOW_MS + 28_000 });
  });

  test("sends a step for the new end when the next one is due later, also if it is repeated", async () => {
    const parts = new Parts();
    await parts.started();
    parts.record = { ...parts.record!, step: 7_000_123, dueAtMs: NOW_MS + 28_000 };
    for (let time = 1; time <= 2; time++) {
      expect(await parts.engine.stop("front-door", NOW_MS + 4000)).toBe("stopped");
      expect(parts.scheduled.slice(1)).toEqual(
        Array.from({ length: time }, () => ({
          message: { processorName: "front-door", sessionId: "session-1", step: 7_000_123 },
          delayMs: 4000,
        })),
      );
    }
  });

  test("is written anew when a step is faster, and throws when steps are faster every time", async () => {
    const parts = new Parts();
    await parts.started();
    let steps = 2;
    parts.beforePut = () => {
      if (steps-- > 0) parts.record = { ...parts.record!, version: parts.record!.version + 1 };
    };
    expect(await parts.engine.stop("front-door", NOW_MS)).toBe("stopped");
    expect(parts.record).toMatchObject({ version: 4, videoEndMs: NOW_MS });
    steps = 100;
    await expect(parts.engine.stop("front-door", NOW_MS - 1000)).rejects.toThrow(
      "the session of front-door changed 5 times while it was stopped",
    );
  });

  test("of what does not run changes nothing", async () => {
    const parts = new Parts();
    expect(await parts.engine.stop("front-door")).toBe("not-running");
    expect(await parts.engine.stop("unknown")).toBe("not-found");
    await parts.started();
    parts.record = { ...parts.record!, state: "ended" };
    expect(await parts.engine.stop("front-door")).toBe("not-running");
  });
});
