import { describe, expect, test } from "@jest/globals";
import { reduce, idle, type SessionEvent } from "../../../core/sessions/reduce.ts";
import { drive } from "../../../core/sessions/drive.ts";
import { plan } from "../../../core/sessions/plan.ts";
import { camera as cameraSchema, type CameraInput } from "../../../schemas/camera.ts";
import * as v from "valibot";
import type { EngineName } from "../../../schemas/engine.ts";
import { session as sessionSchema, type Interval, type Session } from "../../../schemas/session.ts";

/** 2026-11-21T12:00:00Z, a Saturday. */
const NOON_MS = 1_795_262_400_000;
const SECOND = 1000;

const camera = (own: Partial<CameraInput> = {}) =>
  v.parse(cameraSchema, {
    cameraId: "front-door",
    engine: "stream-processor",
    streamName: "stream",
    processorName: "processor",
    maxDurationSeconds: 10,
    keyVersion: 1,
    ...own,
  });

/** A camera's record and its engine calls, second by second. */
class Record {
  record: Session = idle("front-door");
  calls: string[] = [];
  /** The stream's video, in seconds after noon: what a search finds. What sessions processed is always there. */
  video: (readonly [number, number])[] = [];
  /** Whether the stream's fragments can be listed. */
  isListed = true;
  camera;
  /** What the ended session analysed, if that is not the processed duration from its start. */
  read: readonly Interval[] | undefined;
  /** Until when, in seconds, lists are too young to say it. */
  uncertainUntil = 0;
  readonly #random: number;

  constructor(own: Partial<CameraInput> = {}, random = 0.5) {
    this.camera = camera(own);
    this.#random = random;
  }

  /** Applies an event, so many seconds after noon, and plans. */
  at(seconds: number, event?: SessionEvent): this {
    const moment = { nowMs: NOON_MS + seconds * SECOND, random: this.#random };
    const { record, call } = plan(
      event ? reduce(this.record, event, moment) : this.record,
      this.camera,
      moment,
    );
    if (call?.kind === "read-video") {
      const { attempt, videoStartMs, processedMs = 0 } = call.run;
      this.record = record;
      const all = [{ fromMs: videoStartMs, untilMs: videoStartMs + processedMs }];
      const intervals = this.read ?? (processedMs > 0 ? all : []);
      const uncertainUntilMs =
        seconds < this.uncertainUntil ? NOON_MS + this.uncertainUntil * SECOND : undefined;
      const video = { intervals, stored: intervals, missingMs: 0, uncertainUntilMs };
      return this.at(seconds, { kind: "video-read", attempt, video: this.isListed ? video : undefined });
    }
    if (call?.kind === "search-video") {
      const { attempt, untilMs, isLast } = call;
      this.record = record;
      this.calls.push("search");
      const video = this.video.map(([from, until]) => ({
        fromMs: NOON_MS + from * SECOND,
        untilMs: NOON_MS + until * SECOND,
      }));
      const found = this.isListed ? video : undefined;
      return this.at(seconds, { kind: "video-searched", attempt, untilMs, isLast, video: found });
    }
    if (call?.kind === "start") {
      const { attempt, videoStartMs, maxDurationSeconds } = call.run;
      this.calls.push(`start ${attempt} at ${(videoStartMs - NOON_MS) / SECOND} for ${maxDurationSeconds}`);
    } else if (call) this.calls.push(`find ${call.run.attempt}`);
    this.record = record;
    return this;
  }

  get starts() {
    return this.calls.filter((call) => call.startsWith("start"));
  }

  get rows() {
    return this.record.outbox.flatMap((entry) => {
      if (entry.to !== "ledger") return [];
      const { outcome, reason, fromMs, untilMs } = entry.row;
      const from = (fromMs - NOON_MS) / SECOND;
      return `${outcome} ${from}..${(untilMs - NOON_MS) / SECOND}${reason ? ` ${reason}` : ""}`;
    });
  }

  /** Each entry of a session with where its chain began, and each gap. */
  get chains() {
    return this.record.outbox.flatMap((entry) => {
      if (entry.to !== "ledger") return [];
      const { outcome, fromMs, chainFromMs } = entry.row;
      const chain = chainFromMs === undefined ? "none" : (chainFromMs - NOON_MS) / SECOND;
      return `${outcome} ${(fromMs - NOON_MS) / SECOND} of ${chain}`;
    });
  }

  get events() {
    return this.record.outbox.flatMap((entry) => (entry.to === "bus" ? [entry.event.type] : []));
  }

  get stops() {
    return this.record.outbox.flatMap((entry) => {
      if (entry.to !== "stops") return [];
      const { engine, processorName, videoEndMs } = entry;
      return `${engine} ${processorName} at ${videoEndMs === undefined ? "once" : (videoEndMs - NOON_MS) / SECOND}`;
    });
  }

  get wakesAt() {
    return this.record.wakeAtMs && (this.record.wakeAtMs - NOON_MS) / SECOND;
  }
}

const began = (seconds: number, timeoutSeconds = 60): SessionEvent => ({
  kind: "motion-started",
  atMs: NOON_MS + seconds * SECOND,
  timeoutSeconds,
});
const ended = (seconds: number): SessionEvent => ({
  kind: "motion-stopped",
  atMs: NOON_MS + seconds * SECOND,
});
const started = (attempt: number): SessionEvent => ({
  kind: "start-returned",
  attempt,
  result: { kind: "started", sessionId: `session-${attempt}` },
});
const throttled = (attempt: number): SessionEvent => ({
  kind: "start-returned",
  attempt,
  result: { kind: "throttled" },
});
const refused = (attempt: number): SessionEvent => ({
  kind: "start-returned",
  attempt,
  result: { kind: "refused", reason: "AccessDenied" },
});
const foundFailed = (attempt: number): SessionEvent => ({
  kind: "run-checked",
  attempt,
  status: { kind: "failed", reason: "Access denied to Role" },
});
const complete = (attempt: number, processedSeconds: number): SessionEvent => ({
  kind: "session-completed",
  sessionId: `session-${attempt}`,
  processedMs: processedSeconds * SECOND,
  videoStartMs: null,
});

describe("motion", () => {
  test("starts one session where it began, and the next where that one's video ended", () => {
    const front = new Record().at(0, began(0)).at(0, started(1)).at(11, complete(1, 12));
    expect(front.calls).toEqual(["start 1 at 0 for 10", "start 2 at 12 for 10"]);
    expect(front.rows).toEqual(["completed 0..12"]);
    expect(front.events).toEqual(["SessionStarted", "SessionEnded"]);
  });

  test("is analysed from a little before its beginning, but never what was analysed already", () => {
    const front = new Record({ preRollSeconds: 5 }).at(0, began(0)).at(0, started(1)).at(6, ended(6));
    front.video = [[-60, 60]];
    front.at(7, complete(1, 8)).at(9, began(9));
    // The first session analysed up to 3 seconds after noon, so three seconds of the motion are left.
    expect(front.starts).toEqual(["start 1 at -5 for 10", "start 2 at 3 for 3"]);
  });

  test("that is reported again while it is analysed only lasts longer", () => {
    const front = new Record().at(0, began(0)).at(0, started(1)).at(5, began(5));
    expect(front.starts).toHaveLength(1);
    expect(front.record.wanted).toEqual([{ fromMs: NOON_MS, untilMs: NOON_MS + 65 * SECOND }]);
  });

  test("that ended is not analysed further than to its end", () => {
    const front = new Record().at(0, began(0)).at(0, started(1)).at(8, ended(8)).at(11, complete(1, 10));
    expect(front.starts).toEqual(["start 1 at 0 for 10"]);
    expect([front.record.state, front.record.wanted]).toEqual(["completed", []]);
  });

  test("that never ends does after the camera's timeout", () => {
    const front = new Record().at(0, began(0, 15)).at(0, started(1)).at(11, complete(1, 10));
    front.at(11, started(2)).at(17, complete(2, 5));
    expect(front.calls).toEqual(["start 1 at 0 for 10", "start 2 at 10 for 5"]);
    expect(front.record.wanted).toEqual([]);
  });

  test("whose end arrives before its beginning is analysed all the same, up to that end", () => {
    const front = new Record().at(7, ended(6)).at(8, began(0));
    expect(front.calls).toEqual(["start 1 at 0 for 6"]);
  });

  test("that is reported after later video was taken up is a gap", () => {
    const front = new Record().at(20, began(20)).at(20, started(1)).at(21, began(0));
    expect(front.rows).toEqual(["gap 0..20 late"]);
  });

  test("that is reported twice changes nothing the second time", () => {
    const front = new Record().at(0, began(0)).at(0, started(1));
    const moment = { nowMs: NOON_MS, random: 0 };
    expect(reduce(front.record, began(0), moment)).toBe(front.record);
    expect(reduce(front.record, complete(7, 10), moment)).toBe(front.record);
    const over = front.at(11, complete(1, 61)).record;
    expect(reduce(over, complete(1, 61), moment)).toBe(over);
  });
});

describe("a start that is throttled", () => {
  test("is repeated after growing random delays", () => {
    const front = new Record().at(0, began(0)).at(0, throttled(1));
    expect([front.record.state, front.wakesAt]).toEqual(["starting", 1]);
    front.at(1).at(1, throttled(2));
    expect(front.wakesAt).toBe(3);
    front.at(3).at(3, started(3));
    expect(front.calls).toEqual(["start 1 at 0 for 10", "start 2 at 0 for 10", "start 3 at 0 for 10"]);
    expect(front.record.state).toBe("running");
  });

  test("is given up when the camera's start timeout is over, and its motion so far is a gap", () => {
    const front = new Record({ startTimeoutSeconds: 30 }).at(0, began(0, 20)).at(0, throttled(1)).at(31);
    expect(front.rows).toEqual(["gap 0..20 throttled"]);
    expect([front.record.state, front.record.wanted]).toEqual(["failed", []]);
  });
});

describe("a running session", () => {
  test("is checked after five seconds, and has failed if its processor has, with its reason", () => {
    const front = new Record().at(0, began(0)).at(0, started(1)).at(5);
    expect(front.calls).toEqual(["start 1 at 0 for 10", "find 1"]);
    front.at(5, {
      kind: "run-checked",
      attempt: 1,
      status: { kind: "failed", reason: "Access denied to Role" },
    });
    expect(front.rows).toEqual(["failed 0..0 Access denied to Role"]);
    expect(front.events).toEqual(["SessionStarted", "SessionFailed"]);
    expect([front.record.state, front.record.failure]).toEqual(["failed", "Access denied to Role"]);
  });

  test("whose end is never reported is lost two minutes later, and its video is entered", () => {
    const front = new Record().at(0, began(0, 10)).at(0, started(1));
    front.at(5).at(5, { kind: "run-checked", attempt: 1, status: { kind: "running" } });
    expect(front.record.run?.checkAtMs).toBe(NOON_MS + 130 * SECOND);
    front.at(130).at(130, { kind: "run-checked", attempt: 1, status: { kind: "stopped" } });
    expect(front.rows).toEqual(["lost 0..10 the end of the session was never reported"]);
    expect(front.record.wanted).toEqual([]);
  });

  test("that still runs long after its end is stopped", () => {
    const front = new Record().at(0, began(0, 10)).at(0, started(1));
    for (let minute = 0; minute < 7; minute++)
      front.at(130 + 60 * minute, { kind: "run-checked", attempt: 1, status: { kind: "running" } });
    expect(front.record.outbox.find(({ to }) => to === "stops")).toEqual({
      to: "stops",
      id: "stop/front-door/1",
      processorName: "processor",
      engine: "stream-processor",
    });
  });

  test("whose start returned nothing is the camera's if it runs, and ends with the notification of the same start", () => {
    const front = new Record().at(0, began(0, 10)).at(30);
    expect(front.calls).toEqual(["start 1 at 0 for 10", "find 1"]);
    front.at(30, { kind: "run-checked", attempt: 1, status: { kind: "running" } });
    expect(front.record.state).toBe("running");
    front.at(31, { ...complete(1, 10), videoStartMs: NOON_MS + 1 } as SessionEvent);
    expect(front.record.state).toBe("running");
    front.at(31, { ...complete(1, 10), videoStartMs: NOON_MS } as SessionEvent);
    expect(front.rows).toEqual(["completed 0..10"]);
  });
});

describe("the end of motion", () => {
  const frames = { engine: "frames", maxDurationSeconds: 30 } as const;

  test("stops a running session of frames there, at once and once", () => {
    const front = new Record(frames).at(0, began(0)).at(0, started(1)).at(12, ended(10));
    expect([front.stops, front.wakesAt]).toEqual([["frames processor at 10"], 12]);
    front.at(13, ended(10)).at(13, complete(1, 10));
    expect([front.stops, front.rows]).toEqual([["frames processor at 10"], ["completed 0..10"]]);
    expect(front.record.wanted).toEqual([]);
  });

  test("leaves a stream processor its session, which analyses what it was started for", () => {
    const front = new Record({ maxDurationSeconds: 30 }).at(0, began(0)).at(0, started(1)).at(12, ended(10));
    expect(front.stops).toEqual([]);
  });

  test("stops a session whose start returns only then", () => {
    const front = new Record(frames).at(0, began(0)).at(3, ended(3));
    expect(front.stops).toEqual([]);
    expect(front.at(4, started(1)).stops).toEqual(["frames processor at 3"]);
  });

  test("stops a session whose start returned nothing once it is found running", () => {
    const front = new Record(frames).at(0, began(0)).at(3, ended(3)).at(30);
    front.at(30, { kind: "run-checked", attempt: 1, status: { kind: "running" } });
    expect(front.stops).toEqual(["frames processor at 3"]);
  });

  test("stops no session that ends before it", () => {
    const front = new Record({ engine: "frames" }).at(0, began(0)).at(0, started(1)).at(11, ended(10));
    expect(front.stops).toEqual([]);
    expect(front.at(11, complete(1, 10)).at(12, ended(5)).stops).toEqual([]);
  });

  test("stops no session whose later motion is known: the stop is that of an earlier one", () => {
    const front = new Record(frames).at(0, began(0)).at(0, started(1)).at(20, began(20)).at(21, ended(10));
    expect(front.stops).toEqual([]);
  });

  test("is not before the session's own beginning", () => {
    const front = new Record({ ...frames, preRollSeconds: 5 }).at(0, began(0)).at(0, started(1));
    expect(front.at(1, ended(-10)).stops).toEqual([]);
    expect(front.at(1, ended(0)).stops).toEqual(["frames processor at -5"]);
  });

  test("leaves motion that begins after it to a new session", () => {
    const front = new Record(frames).at(0, began(0)).at(0, started(1)).at(10, ended(10)).at(14, began(14));
    front.video = [[0, 40]];
    front.at(15, complete(1, 10));
    expect(front.stops).toEqual(["frames processor at 10"]);
    expect(front.rows).toEqual(["completed 0..10"]);
    expect(front.starts).toEqual(["start 1 at 0 for 30", "start 2 at 14 for 30"]);
  });
});

describe("a camera that changes its engine", () => {
  test("keeps that of its running session, and the next session has the new one", () => {
    const front = new Record({ engine: "stream-processor" }).at(0, began(0)).at(0, started(1));
    front.camera = camera({ engine: "frames" });
    front.at(5, { kind: "run-checked", attempt: 1, status: { kind: "running" } });
    expect(front.record.run).toMatchObject({ attempt: 1, engine: "stream-processor" });
    front.at(11, complete(1, 10));
    expect(front.record.run).toMatchObject({ attempt: 2, engine: "frames" });
    expect(front.starts).toEqual(["start 1 at 0 for 10", "start 2 at 10 for 10"]);
  });

  test("has its running session checked and stopped by the engine that runs it", async () => {
    const front = new Record({ engine: "frames", maxDurationSeconds: 30 }).at(0, began(0)).at(0, started(1));
    front.camera = camera({ engine: "stream-processor" });
    expect(front.at(3, ended(3)).stops).toEqual(["frames processor at 3"]);
    const checked: string[] = [];
    const engineOf = (name: EngineName) => ({
      start: async () => await Promise.reject(new Error("unexpected start")),
      find: async (processorName: string) => {
        checked.push(`${name} ${processorName}`);
        return await Promise.resolve({ kind: "running" } as const);
      },
    });
    let stored = front.record;
    const records = {
      now: () => NOON_MS + 5 * SECOND,
      random: () => 0.5,
      find: async () => await Promise.resolve(stored),
      put: async (record: Session) => await Promise.resolve(((stored = record), true)),
      wake: async () => await Promise.resolve(),
    };
    const engines = {
      "stream-processor": engineOf("stream-processor"),
      frames: engineOf("frames"),
      "face-search": engineOf("face-search"),
    };
    await drive(records, engines, { record: stored, camera: front.camera });
    expect(checked).toEqual(["frames processor"]);
  });
});

describe("a record of an earlier version", () => {
  test("whose run and stops have no engine is one of a stream processor", () => {
    const front = new Record().at(0, began(0, 10)).at(0, started(1));
    const { engine: _, ...run } = front.record.run!;
    const stop = { to: "stops", id: "stop/front-door/1", processorName: "processor" };
    const record = v.parse(sessionSchema, { ...front.record, run, outbox: [stop] });
    expect(record.run?.engine).toBe("stream-processor");
    expect(record.outbox).toEqual([{ ...stop, engine: "stream-processor" }]);
  });
});

describe("a chain of sessions", () => {
  /** The first session's video is analysed up to ten seconds after noon, and the second one is requested there. */
  const firstEnded = (own: Partial<CameraInput> = {}) =>
    new Record(own).at(0, began(0, 120)).at(0, started(1)).at(11, complete(1, 10));

  test("begins where the first of them did, and goes on while each begins where the last one's video ended", () => {
    const front = firstEnded().at(11, started(2)).at(22, complete(2, 11));
    front.at(22, started(3)).at(23, ended(23)).at(33, complete(3, 10));
    expect(front.chains).toEqual(["completed 0 of 0", "completed 10 of 0", "completed 21 of 0"]);
  });

  test("goes on with the next motion where that begins just behind the analysed video", () => {
    const front = new Record({ preRollSeconds: 5 }).at(0, began(0)).at(0, started(1)).at(6, ended(6));
    front.video = [[-60, 60]];
    front.at(7, complete(1, 8)).at(9, began(9)).at(9, started(2)).at(12, complete(2, 3));
    expect(front.chains).toEqual(["completed -5 of -5", "completed 3 of -5"]);
  });

  test("is over when the next motion begins later", () => {
    const front = new Record().at(0, began(0)).at(0, started(1)).at(6, ended(6)).at(11, complete(1, 10));
    front.at(11.5, began(11.5)).at(12, started(2)).at(22, complete(2, 10));
    expect(front.chains).toEqual(["completed 0 of 0", "completed 11.5 of 11.5"]);
  });

  test("is over with a gap", () => {
    const front = firstEnded({ startTimeoutSeconds: 10 }).at(11, throttled(2)).at(22);
    front.at(22, started(3)).at(33, complete(3, 10));
    expect(front.chains).toEqual(["completed 0 of 0", "gap 10 of none", "completed 22 of 22"]);
  });

  test.each([
    ["throttled", throttled],
    ["refused", refused],
  ])("goes on when a start that was %s succeeds at last in the same place", (_, result) => {
    const front = firstEnded().at(11, result(2)).at(13).at(13, started(3)).at(24, complete(3, 10));
    expect(front.chains).toEqual(["completed 0 of 0", "completed 10 of 0"]);
  });

  test("is over with a session that failed, though the next one begins in the same place", () => {
    const front = firstEnded().at(11, started(2)).at(16, foundFailed(2)).at(76);
    front.at(76, started(3)).at(87, complete(3, 10));
    expect(front.chains).toEqual(["completed 0 of 0", "failed 10 of 0", "completed 10 of 10"]);
  });

  test("is over with a session that found no video", () => {
    const front = firstEnded().at(11, started(2)).at(22, complete(2, 0));
    front.video = [[0, 200]];
    front.at(82);
    front.at(82, started(3)).at(93, complete(3, 10));
    expect(front.chains).toEqual(["completed 0 of 0", "completed 10 of 0", "completed 10 of 10"]);
  });

  test("is over with a session whose end was never reported", () => {
    const front = firstEnded().at(11, started(2)).at(141);
    front.at(141, { kind: "run-checked", attempt: 2, status: { kind: "stopped" } });
    front.at(141, started(3)).at(152, complete(3, 10));
    expect(front.chains).toEqual(["completed 0 of 0", "lost 10 of 0", "completed 20 of 20"]);
  });

  test("begins with the first session that a record of an earlier version knows of", () => {
    const front = new Record().at(0, began(0)).at(0, started(1));
    const { chainStartMs: _, ...run } = front.record.run!;
    front.record = v.parse(sessionSchema, { ...front.record, run });
    front.at(11, complete(1, 10)).at(11, started(2)).at(22, complete(2, 10));
    expect(front.chains).toEqual(["completed 0 of 0", "completed 10 of 0"]);
  });
});

describe("the day's budget", () => {
  test("limits each session to what is left, and the rest is a gap that is published once", () => {
    const front = new Record({ dailyBudgetMinutes: 0.25 })
      .at(0, began(0))
      .at(0, started(1))
      .at(11, complete(1, 10));
    front.at(11, started(2)).at(17, complete(2, 5)).at(40, ended(40)).at(41);
    expect(front.calls).toEqual(["start 1 at 0 for 10", "start 2 at 10 for 5"]);
    expect(front.rows).toEqual(["completed 0..10", "completed 10..15", "gap 15..40 budget"]);
    front.at(50, began(50, 5)).at(60);
    expect(front.rows.at(-1)).toBe("gap 50..55 budget");
    expect(front.events.filter((type) => type === "BudgetExhausted")).toHaveLength(1);
  });
});

test("motion outside the armed hours is a gap until they begin", () => {
  const schedule = [{ days: ["sat" as const], from: "12:01", until: "24:00" }];
  const front = new Record({ schedule, preRollSeconds: 5 }).at(30, began(30, 60));
  expect([front.calls, front.wakesAt, front.record.blocked]).toEqual([[], 60, "schedule"]);
  front.at(60);
  expect(front.rows).toEqual(["gap 30..60 schedule"]);
  expect(front.calls).toEqual(["start 1 at 60 for 10"]);
});

test("a camera that is disarmed finishes its session, and the rest of the motion is a gap", () => {
  const front = new Record().at(0, began(0, 30)).at(0, started(1));
  front.camera = camera({ armed: false });
  front.at(11, complete(1, 12)).at(30);
  expect(front.calls).toEqual(["start 1 at 0 for 10"]);
  expect(front.rows).toEqual(["completed 0..12", "gap 12..30 schedule"]);
});

test("a camera that is armed again goes by its hours again, and what was before stays a gap", () => {
  const front = new Record({ armed: false }).at(0, began(0, 120));
  expect([front.calls, front.record.blocked]).toEqual([[], "schedule"]);
  front.camera = camera({ armedSinceMs: NOON_MS + 10 * SECOND, preRollSeconds: 5 });
  front.at(20, began(20, 120));
  expect(front.rows).toEqual(["gap 0..10 schedule"]);
  expect(front.starts).toEqual(["start 1 at 10 for 10"]);
});

describe("a session that analysed nothing", () => {
  /** The first session waited until 11 seconds after noon, and there was no video. */
  const waited = (own: Partial<CameraInput> = {}, random = 0.5) =>
    new Record(own, random).at(0, began(0, 20)).at(0, started(1)).at(11, complete(1, 0));

  test("is followed by searches for video, at once and after growing random delays, and by no session", () => {
    const front = waited();
    expect(front.calls).toEqual(["start 1 at 0 for 10", "search"]);
    expect([front.record.state, front.record.retry?.reason]).toEqual(["completed", "no-video"]);
    expect(front.record.retry?.atMs).toBe(NOON_MS + 12.5 * SECOND);
    front.at(12.5).at(15).at(20);
    expect(front.calls).toEqual(["start 1 at 0 for 10", "search", "search", "search", "search"]);
    expect(waited({}, 0).record.retry?.atMs).toBe(NOON_MS + 12 * SECOND);
  });

  test("is one gap when the camera's start timeout is over, after a last search", () => {
    const front = waited({ startTimeoutSeconds: 20 });
    front.record = { ...front.record, outbox: [] };
    for (const second of [12.5, 15, 20, 28.5]) front.at(second);
    front.calls = [];
    expect(front.at(30.5).calls).toEqual([]);
    expect(front.wakesAt).toBe(31);
    expect(front.at(31).rows).toEqual(["gap 0..20 no-video"]);
    expect([front.calls, front.record.wanted, front.record.retry]).toEqual([["search"], [], undefined]);
  });

  test("is followed by a session where video begins, once there is some, and what was before is a gap", () => {
    const front = waited();
    front.video = [[4, 30]];
    front.at(12.5).at(12.5, started(2)).at(22, complete(2, 16));
    expect(front.starts).toEqual(["start 1 at 0 for 10", "start 2 at 4 for 10"]);
    expect(front.rows).toEqual(["completed 0..0", "gap 0..4 no-video", "completed 4..20"]);
  });

  test("is followed by a session of later motion at once, and its own motion is a gap", () => {
    const front = waited().at(60, began(60));
    expect(front.starts).toEqual(["start 1 at 0 for 10", "start 2 at 60 for 10"]);
    expect(front.rows).toEqual(["completed 0..0", "gap 0..20 no-video"]);
  });

  test("is followed by a search at once when its motion is reported again", () => {
    const front = waited();
    front.calls = [];
    front.at(11.5).at(12, began(12));
    expect(front.calls).toEqual(["search"]);
  });

  test("though the stream has video is repeated after half a minute at the earliest, and is a gap at last", () => {
    const front = waited({ startTimeoutSeconds: 60 }, 0);
    front.video = [[0, 20]];
    front.at(12).at(12, started(2)).at(22, complete(2, 0));
    expect([front.wakesAt, front.record.retry?.atMs]).toEqual([22, NOON_MS + 52 * SECOND]);
    front.at(52).at(52, started(3)).at(62, complete(3, 0)).at(80);
    expect(front.starts).toHaveLength(3);
    expect(front.rows.at(-1)).toBe("gap 0..20 unreadable");
    expect(front.record.wanted).toEqual([]);
  });
});

describe("what a session analysed", () => {
  const seconds = (from: number, until: number): Interval => ({
    fromMs: NOON_MS + from * SECOND,
    untilMs: NOON_MS + until * SECOND,
  });
  /** Motion for 20 seconds from noon, and a session of ten seconds of it. */
  const running = () => new Record().at(0, began(0, 20)).at(0, started(1));

  test("is where video was: motion before it, and between, is a gap", () => {
    const front = running();
    front.read = [seconds(4, 8), seconds(11, 17)];
    front.at(20, complete(1, 10));
    expect(front.rows).toEqual([
      "completed 4..8",
      "completed 11..17",
      "gap 0..4 no-video",
      "gap 8..11 no-video",
    ]);
    expect(front.chains).toEqual([
      "completed 4 of 4",
      "completed 11 of 11",
      "gap 0 of none",
      "gap 8 of none",
    ]);
    expect(front.starts.at(-1)).toBe("start 2 at 17 for 3");
  });

  test("may lie behind the motion, which is a gap then", () => {
    const front = running();
    front.read = [seconds(64, 74)];
    front.at(80, complete(1, 10));
    expect(front.rows).toEqual(["completed 64..74", "gap 0..20 no-video"]);
    expect([front.record.wanted, front.record.state]).toEqual([[], "completed"]);
  });

  test("begins with the motion where its first fragment begins less than a second later", () => {
    const front = running();
    front.read = [seconds(0.9, 11)];
    front.at(11, complete(1, 10));
    expect(front.rows).toEqual(["completed 0..11"]);
  });

  test("may begin before the requested start, with the fragment that contains it, but not within earlier video", () => {
    const front = running();
    front.read = [seconds(-1, 10)];
    front.at(11, complete(1, 11));
    front.read = [seconds(8, 20)];
    front.at(11, started(2)).at(21, complete(2, 12));
    expect(front.chains).toEqual(["completed -1 of -1", "completed 10 of -1"]);
    expect(front.rows).toEqual(["completed -1..10", "completed 10..20"]);
  });

  test("is taken to begin where requested, and marked, if the stream cannot be listed at five attempts", () => {
    const front = running();
    front.isListed = false;
    front.at(11, complete(1, 10));
    expect([front.rows, front.record.state]).toEqual([[], "running"]);
    for (const second of [12.5, 15, 20, 29]) front.at(second);
    expect(front.rows).toEqual(["completed 0..10 unverified"]);
    expect(front.starts).toEqual(["start 1 at 0 for 10", "start 2 at 10 for 10"]);
  });

  test("is listed again when the list is too young to tell where the session began", () => {
    const front = running();
    front.uncertainUntil = 30;
    front.at(11, complete(1, 10));
    front.at(29);
    expect([front.rows, front.record.state]).toEqual([[], "running"]);
    front.at(30);
    expect(front.rows).toEqual(["completed 0..10"]);
  });

  test("is not entered twice when its end is reported again, also before the stream was listed", () => {
    const front = running();
    front.isListed = false;
    front.at(11, complete(1, 10)).at(11, complete(1, 10));
    front.isListed = true;
    front.at(12.5).at(12.5, complete(1, 10));
    expect(front.rows).toEqual(["completed 0..10"]);
  });

  test("ends the video for now, if it is less than was requested: the stream is searched for more", () => {
    const front = running().at(5, complete(1, 4));
    expect(front.calls).toEqual(["start 1 at 0 for 10", "search"]);
    front.video = [[0, 12]];
    front.at(6.5);
    expect(front.starts.at(-1)).toBe("start 2 at 4 for 10");
  });
});

describe("a session that was sampled", () => {
  const second = (at: number) => NOON_MS + at * SECOND;
  const sampled = (
    attempt: number,
    analysed: readonly (readonly [number, number])[],
    gaps: readonly (readonly [number, number, "no-video" | "unreadable" | "all-detected"])[] = [],
    own: { sessionId?: string; videoStartMs?: number } = {},
  ): SessionEvent => ({
    kind: "session-completed",
    sessionId: `session-${attempt}`,
    engine: "frames",
    processedMs: analysed.reduce((sum, [from, until]) => sum + (until - from) * SECOND, 0),
    videoStartMs: null,
    frameSampling: {
      samples: 4,
      longestGapMillis: 5000,
      analysed: analysed.map(([from, until]) => ({ fromMs: second(from), untilMs: second(until) })),
      gaps: gaps.map(([from, until, reason]) => ({ fromMs: second(from), untilMs: second(until), reason })),
    },
    ...own,
  });
  /** Motion for 60 seconds from noon, and a session of ten seconds of it. */
  const running = (own: Partial<CameraInput> = {}) =>
    new Record({ engine: "frames", ...own }).at(0, began(0, 60)).at(0, started(1));

  test("is entered at once, without a list of the stream, and keeps its samples", () => {
    const front = running();
    front.read = [];
    front.at(11, sampled(1, [[0, 10]]));
    expect(front.rows).toEqual(["completed 0..10"]);
    expect(front.events).toEqual(["SessionStarted", "SessionEnded"]);
    const ended = reduce(running().record, sampled(1, [[0, 10]]), { nowMs: second(11), random: 0 });
    expect([ended.state, ended.run?.sampled, ended.wakeAtMs]).toEqual([
      "completed",
      { samples: 4, longestGapMs: 5000, untilMs: second(10) },
      second(11),
    ]);
  });

  test("up to its end is followed by the next one of its chain", () => {
    const front = running()
      .at(11, sampled(1, [[0, 10]]))
      .at(11, started(2));
    front.at(22, sampled(2, [[10, 20]]));
    expect(front.chains).toEqual(["completed 0 of 0", "completed 10 of 0"]);
    expect(front.calls).toEqual(["start 1 at 0 for 10", "start 2 at 10 for 10", "start 3 at 20 for 10"]);
  });

  test("has gaps with their reasons, and after the last detection it is final: the next one begins at its end", () => {
    const front = running().at(
      11,
      sampled(
        1,
        [
          [1.5, 3],
          [5, 8],
        ],
        [
          [0, 1.5, "no-video"],
          [3, 5, "unreadable"],
          [8, 10, "all-detected"],
        ],
      ),
    );
    expect(front.rows).toEqual([
      "completed 1.5..3",
      "completed 5..8",
      "gap 0..1.5 no-video",
      "gap 3..5 unreadable",
      "gap 8..10 all-detected",
    ]);
    expect(front.starts).toEqual(["start 1 at 0 for 10", "start 2 at 10 for 10"]);
    front.at(11, started(2)).at(22, sampled(2, [[10, 20]]));
    expect(front.chains.at(-1)).toBe("completed 10 of 10");
  });

  test("has gaps only where motion was wanted and nothing is accounted for", () => {
    const front = running({ preRollSeconds: 5 }).at(3, ended(2)).at(3, began(6, 60));
    front.at(
      11,
      sampled(
        1,
        [[-4, -1]],
        [
          [-5, -4, "unreadable"],
          [-1, 5, "all-detected"],
        ],
      ),
    );
    expect(front.rows).toEqual(["completed -4..-1", "gap 0..2 all-detected"]);
    expect(front.starts.at(-1)).toBe("start 2 at 2 for 10");
    front.at(12, started(2)).at(20, sampled(2, [[1, 12]], [[12, 15, "all-detected"]]));
    expect(front.rows.slice(2)).toEqual(["completed 2..12", "gap 12..15 all-detected"]);
  });

  test("whose video stopped is followed by a search, which decides what the rest is", () => {
    const front = running().at(40, sampled(1, [[0, 4]], [[4, 10, "no-video"]]));
    expect(front.rows).toEqual(["completed 0..4"]);
    expect(front.calls).toEqual(["start 1 at 0 for 10", "search"]);
    front.video = [
      [0, 4],
      [8, 60],
    ];
    front.at(41.5);
    expect(front.rows).toEqual(["completed 0..4", "gap 4..8 no-video"]);
    expect(front.starts.at(-1)).toBe("start 2 at 8 for 10");
  });

  test("that ended early is followed by a search, unless its motion had ended: then later motion is new", () => {
    expect(running().at(40, sampled(1, [[0, 4]])).calls).toEqual(["start 1 at 0 for 10", "search"]);
    const front = running().at(4, ended(4)).at(6, began(6, 60));
    expect(front.record.run?.stopMs).toBe(second(4));
    front.at(7, sampled(1, [[0, 4]]));
    expect(front.starts).toEqual(["start 1 at 0 for 10", "start 2 at 6 for 10"]);
    const cut = running()
      .at(4, ended(4))
      .at(6, began(6, 60))
      .at(40, sampled(1, [[0, 3]]));
    expect(cut.calls.at(-1)).toBe("search");
  });

  test("of which nothing was readable is final, too", () => {
    const front = running().at(36, sampled(1, [], [[0, 10, "unreadable"]]));
    expect(front.rows).toEqual(["completed 0..0", "gap 0..10 unreadable"]);
    expect(front.calls).toEqual(["start 1 at 0 for 10", "start 2 at 10 for 10"]);
  });

  test("of time before the motion is not repeated: not where it is done, and not at all where it found nothing", () => {
    const own = { preRollSeconds: 5, maxDurationSeconds: 2 };
    const seen = running(own).at(1, sampled(1, [[-5, -4]], [[-4, -3, "all-detected"]]));
    expect(seen.starts).toEqual(["start 1 at -5 for 2", "start 2 at -3 for 2"]);
    expect(
      running(own)
        .at(1, sampled(1, [], [[-5, -3, "unreadable"]]))
        .starts.at(-1),
    ).toBe("start 2 at 0 for 2");
    const none = running(own);
    none.video = [[0, 60]];
    expect(none.at(26, sampled(1, [], [[-5, -3, "no-video"]])).starts.at(-1)).toBe("start 2 at 0 for 2");
  });

  test("whose end is never reported is lost up to where it was stopped", () => {
    const front = running().at(4, ended(4)).at(4, began(6, 60)).at(131);
    front.at(131, { kind: "run-checked", attempt: 1, status: { kind: "stopped" } });
    expect(front.rows).toEqual(["lost 0..4 the end of the session was never reported"]);
    expect(front.starts.at(-1)).toBe("start 2 at 6 for 10");
  });

  test("without any video is followed by a search", () => {
    const front = running().at(36, sampled(1, [], [[0, 10, "no-video"]]));
    expect(front.rows).toEqual(["completed 0..0"]);
    expect(front.calls).toEqual(["start 1 at 0 for 10", "search"]);
  });

  test("costs the day's budget its samples' shares of a whole session, and at least what they stand for", () => {
    const spent = (samples: number, untilS: number) => {
      const ended = sampled(1, [[0, untilS]], [[untilS, 10, "all-detected"]]) as SessionEvent & {
        frameSampling: object;
      };
      const event = { ...ended, frameSampling: { ...ended.frameSampling, samples } } as SessionEvent;
      const front = running({ maxDurationSeconds: 10, dailyBudgetMinutes: 0.25 });
      return reduce(front.record, event, { nowMs: second(11), random: 0 }).budget?.usedMs;
    };
    // A whole session of 10 s has 4 samples.
    expect(spent(3, 4)).toBe(7500);
    expect(spent(1, 4)).toBe(4000);
  });

  test("leaves the rest of the day's budget to the next one", () => {
    const front = running({ maxDurationSeconds: 10, dailyBudgetMinutes: 0.25 }).at(
      11,
      sampled(1, [[0, 4]], [[4, 10, "all-detected"]]),
    );
    // Four samples spent as much as a whole session.
    expect(front.record.budget?.usedMs).toBe(10_000 + 5000);
    expect(front.starts).toEqual(["start 1 at 0 for 10", "start 2 at 10 for 5"]);
  });

  test("moves the ledger no further than a session may be long, whatever times it reports", () => {
    const front = running().at(11, sampled(1, [[-3600, 3]], [[3, 80_000, "all-detected"]]));
    expect(front.rows).toEqual(["completed 0..3", "gap 3..60 all-detected"]);
    expect(front.record.accounted).toEqual([{ fromMs: second(0), untilMs: second(60) }]);
  });

  test("of which only the end is known is the run's if the engine and the beginning are", () => {
    const unanswered = () => new Record({ engine: "frames" }).at(0, began(0, 60));
    const processed = {
      kind: "session-completed",
      sessionId: "session-0",
      processedMs: 10_000,
      videoStartMs: second(0),
    } as const;
    expect(unanswered().at(11, processed).rows).toEqual([]);
    const own = { videoStartMs: second(0) };
    expect(unanswered().at(11, sampled(1, [[0, 10]], [], own)).rows).toEqual(["completed 0..10"]);
  });

  test("with many gaps leaves none of them out of what is accounted for", () => {
    const many = Array.from({ length: 40 }, (_, index) => index * 3);
    const front = running({ maxDurationSeconds: 120 }).at(0, began(0, 120));
    front.at(
      121,
      sampled(
        1,
        many.map((at) => [at, at + 1] as const),
        many.map((at) => [at + 1, at + 3, "unreadable"] as const),
      ),
    );
    expect(front.rows).toHaveLength(80);
    expect(front.record.accounted).toEqual([{ fromMs: second(0), untilMs: second(120) }]);
  });
});

describe("while no entry of the outbox is accepted", () => {
  /** Motion without an end, sessions of ten seconds, and a bus and a ledger that are down. */
  function dayOfSilence(): Record {
    const front = new Record();
    for (let second = 0, attempt = 0; second < 86_400; second += 10) {
      front.at(second, began(second));
      if (front.record.state !== "starting") continue;
      attempt++;
      front.at(second, started(attempt)).at(second + 9, complete(attempt, 10));
    }
    return front;
  }

  test("its sessions pause, its record keeps far below the 400 KB of an item, and nothing of it is lost", () => {
    const front = dayOfSilence();
    expect(front.record.outbox.length).toBeGreaterThanOrEqual(200);
    expect(front.record.outbox.length).toBeLessThanOrEqual(210);
    expect(JSON.stringify(front.record).length).toBeLessThan(200_000);
    expect(front.record.state).toBe("completed");
    // The outbox, the oldest first, and what is still wanted leave no second out.
    const rows = front.rows;
    expect(rows[0]).toBe("completed 0..10");
    const analysedUntil = rows.length * 10;
    expect(front.record.accounted).toEqual([{ fromMs: NOON_MS, untilMs: NOON_MS + analysedUntil * SECOND }]);
    expect(front.record.wanted).toEqual([
      { fromMs: NOON_MS + analysedUntil * SECOND, untilMs: NOON_MS + (86_390 + 60) * SECOND },
    ]);
  });

  test("it is woken all the time, and continues where it paused once the outbox is delivered", () => {
    const front = dayOfSilence();
    const untilBefore = front.record.accounted.at(-1)!.untilMs;
    expect(front.record.wakeAtMs).toBeLessThanOrEqual(NOON_MS + 86_400 * SECOND);
    const calls = front.calls.length;
    front.at(86_401, { kind: "outbox-delivered", ids: front.record.outbox.map(({ id }) => id) });
    expect(front.calls).toHaveLength(calls + 1);
    expect(front.record.run?.videoStartMs).toBe(untilBefore);
  });

  test("reasons are cut, so that the worst of them fits an item", () => {
    const front = new Record().at(0, began(0)).at(0, started(1)).at(5);
    front.at(5, { kind: "run-checked", attempt: 1, status: { kind: "failed", reason: "x".repeat(5000) } });
    expect(front.record.failure).toHaveLength(400);
    const [largest = 0] = front.record.outbox
      .map((entry) => JSON.stringify(entry).length)
      .toSorted((a, b) => b - a);
    expect(largest * 300).toBeLessThan(400_000);
  });
});

test("motion whose video comes after the armed hours is a gap by the hours, though it was searched for", () => {
  const schedule = [{ days: ["sat" as const], from: "00:00", until: "12:01" }];
  const front = new Record({ schedule, startTimeoutSeconds: 10 }).at(50, began(50, 60)).at(50, started(1));
  front.video = [[70, 200]];
  front.at(60, complete(1, 4)).at(80).at(110);
  expect(front.rows).toEqual(["completed 50..54", "gap 54..70 no-video", "gap 70..110 schedule"]);
});

test("a session ends with the armed hours, and the motion after them is a gap", () => {
  const schedule = [{ days: ["sat" as const], from: "00:00", until: "12:01" }];
  const front = new Record({ schedule, maxDurationSeconds: 60 }).at(50, began(50, 60)).at(50, started(1));
  expect(front.calls).toEqual(["start 1 at 50 for 10"]);
  front.at(61, complete(1, 10)).at(111);
  expect(front.rows).toEqual(["completed 50..60", "gap 60..110 schedule"]);
});
