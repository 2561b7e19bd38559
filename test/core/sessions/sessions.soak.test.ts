import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { intersect, LONGEST_PAUSE_MS, subtract } from "../../../core/sessions/intervals.ts";
import { videoOf } from "../../../core/sessions/analysed-video.ts";
import { isArmed } from "../../../core/sessions/schedule.ts";
import { camera as cameraSchema, type Camera } from "../../../schemas/camera.ts";
import type { Coverage } from "../../../schemas/coverage.ts";
import {
  analysedBy,
  SessionWorld,
  type Report,
  type Trouble,
  type Upload,
} from "../../support/session-world.ts";
import type { SampledSession } from "../../support/sampled-sessions.ts";
import { soakSize } from "../../support/soak.ts";
import * as v from "valibot";

/** How many interleavings are played; each failure prints its seed and path. */
const WORLDS = soakSize(3000, 150);

const cameras: fc.Arbitrary<Camera> = fc
  .record(
    {
      maxDurationSeconds: fc.integer({ min: 1, max: 60 }),
      engine: fc.constantFrom("stream-processor", "frames"),
      preRollSeconds: fc.integer({ min: 0, max: 10 }),
      motionTimeoutSeconds: fc.integer({ min: 5, max: 120 }),
      startTimeoutSeconds: fc.integer({ min: 10, max: 900 }),
      dailyBudgetMinutes: fc.constantFrom(0, 0.5, 2, 5),
      maxSampleGapSeconds: fc.constantFrom(1, 5, 30),
      whenAllDetected: fc.constantFrom("stop", "continue"),
      timeZone: fc.constantFrom("UTC", "Europe/Berlin", "Asia/Kathmandu"),
      schedule: fc.constantFrom(
        [{ days: ["sat"], from: "23:33", until: "23:38" }],
        [{ days: ["sun"], from: "00:00", until: "24:00" }],
        [],
      ),
    },
    { requiredKeys: ["maxDurationSeconds", "engine"] },
  )
  .map((own) =>
    v.parse(cameraSchema, {
      cameraId: "front-door",
      streamName: "front-door",
      processorName: "front-door",
      keyVersion: 1,
      ...own,
    }),
  );

const reports = (lossy: boolean): fc.Arbitrary<Report[]> =>
  fc.array(
    fc.record({
      verb: fc.constantFrom("start" as const, "start" as const, "stop" as const),
      afterMs: fc.integer({ min: 0, max: 600_000 }),
      arrivesAfterMs: lossy
        ? fc.array(fc.integer({ min: 0, max: 40_000 }), { maxLength: 3 })
        : fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 1 }),
    }),
    { minLength: 1, maxLength: 14 },
  );

/** Live video, clips that are sent later, holes, and duplicates. */
const uploads: fc.Arbitrary<Upload[]> = fc.array(
  fc.record({
    afterMs: fc.integer({ min: -60_000, max: 660_000 }),
    lengthMs: fc.integer({ min: 500, max: 240_000 }),
    fragmentMs: fc.integer({ min: 1000, max: 10_000 }),
    lateMs: fc.option(fc.integer({ min: 0, max: 3000 }), { nil: undefined }),
    sentAfterMs: fc.integer({ min: 0, max: 1_800_000 }),
    copies: fc.constantFrom(1, 1, 1, 2),
  }),
  { maxLength: 6 },
);

/** Video without an end. */
const ALWAYS: readonly Upload[] = [
  { afterMs: -120_000, lengthMs: 3_600_000, fragmentMs: 2000, lateMs: 100, sentAfterMs: 0, copies: 1 },
];

const share = (max: number) => fc.oneof(fc.constant(0), fc.double({ min: 0, max, noNaN: true }));

const troubles: fc.Arbitrary<Trouble> = fc.record({
  crash: share(0.15),
  throttle: share(0.8),
  refuse: share(0.3),
  failLater: share(0.4),
  unreadable: share(0.3),
  listFails: share(0.9),
  listLagMs: fc.constantFrom(0, 0, 0, 1500, 20_000),
  loseEnd: share(0.5),
  loseWake: share(0.5),
  checkFails: share(0.3),
  refuseOutbox: share(0.9),
  omitStart: fc.boolean(),
  slowestMs: fc.constantFrom(1, 50, 5000),
  lasts: fc.integer({ min: 60_000, max: 3_600_000 }),
});

const CALM: Trouble = {
  crash: 0,
  throttle: 0,
  refuse: 0,
  failLater: 0,
  unreadable: 0,
  listFails: 0,
  listLagMs: 0,
  loseEnd: 0,
  loseWake: 0,
  checkFails: 0,
  refuseOutbox: 0,
  omitStart: true,
  slowestMs: 50,
  lasts: 0,
};

const skews = fc.integer({ min: -60_000, max: 60_000 });
/** Clocks behind by less than a session waits for video: at the first armed second there is none of that time yet. */
const goodSkews = fc.integer({ min: -20_000, max: 60_000 });
/** When the camera moves to the other engine. */
const moves = fc.option(fc.integer({ min: 0, max: 600_000 }), { nil: undefined, freq: 1 });
const seeds = fc.integer();

async function played(...made: ConstructorParameters<typeof SessionWorld>): Promise<SessionWorld> {
  const world = new SessionWorld(...made);
  await world.play();
  if (world.fault) throw world.fault;
  return world;
}

function expectNoOverlap(rows: readonly Coverage[]): void {
  const sorted = rows
    .filter(({ fromMs, untilMs }) => fromMs < untilMs)
    .toSorted((a, b) => a.fromMs - b.fromMs);
  for (const [index, row] of sorted.entries())
    if (index > 0)
      expect({ row, fromMs: Math.max(row.fromMs, sorted[index - 1]!.untilMs) }).toEqual({
        row,
        fromMs: row.fromMs,
      });
}

/** A session's chain began with it, or is the chain of a session that analysed video up to just there. */
function expectChained(rows: readonly Coverage[]): void {
  const analysed = rows.filter(({ outcome, fromMs, untilMs }) => outcome === "completed" && fromMs < untilMs);
  const chainsByEnd = new Map(analysed.map(({ untilMs, chainFromMs }) => [untilMs, chainFromMs]));
  for (const { outcome, fromMs, chainFromMs } of rows) {
    if (outcome === "gap") expect(chainFromMs).toBeUndefined();
    else if (chainFromMs !== fromMs) expect(chainFromMs).toBe(chainsByEnd.get(fromMs) ?? fromMs);
  }
}

function expectWhole(world: SessionWorld, camera: Camera): void {
  const rows = [...world.rows.values()];
  // Nothing waits forever.
  const { stored } = world;
  if (stored)
    expect({ wanted: stored.wanted, outbox: stored.outbox, wakeAtMs: stored.wakeAtMs }).toEqual({
      wanted: [],
      outbox: [],
      wakeAtMs: undefined,
    });
  expect(["idle", "completed", "failed"]).toContain(stored?.state ?? "idle");
  // Every second of motion is analysed or listed with its reason, and none twice.
  expect(subtract(world.motion(), rows)).toEqual([]);
  expectNoOverlap(rows);
  expectChained(rows);
  for (const row of rows) {
    if (row.outcome === "gap") expect(row.reason).toBeDefined();
    if (row.outcome !== "completed") continue;
    // What counts as analysed was analysed, by that session.
    const session = world.sessions.find(({ sessionId }) => sessionId === row.sessionId)!;
    expect(row.engine).toBe(session.run.engine);
    expect([row.samples !== undefined, row.longestGapMs !== undefined]).toEqual([
      row.engine === "frames",
      row.engine === "frames",
    ]);
    if (row.reason === "unverified" || row.fromMs === row.untilMs) continue;
    const read = analysedBy(session, LONGEST_PAUSE_MS);
    const leadIn = { fromMs: session.run.videoStartMs, untilMs: session.run.videoStartMs + LONGEST_PAUSE_MS };
    expect({ row, left: subtract([row], [...read, ...(read.length > 0 ? [leadIn] : [])]) }).toEqual({
      row,
      left: [],
    });
  }
  for (const row of rows) expectTrueGap(world, row, camera);
  for (const session of world.sessions) if ("imagesMs" in session) expectSampled(world, session, camera);
  // No session is requested outside the armed hours, except for the second by which it may end after them.
  for (const { run } of world.sessions)
    for (const atMs of [run.videoStartMs, run.videoStartMs + (run.maxDurationSeconds - 1) * 1000])
      expect(isArmed(camera.schedule, atMs, camera.timeZone)).toBe(true);
}

/** A sampled session claims video that the stream has, from images that it has analysed on. */
function expectSampled(world: SessionWorld, session: SampledSession, camera: Camera): void {
  const { analysed, imagesMs } = session;
  expect(subtract(analysed, videoOf(world.fragments))).toEqual([]);
  // Refused calls make the interval up to eight times as long.
  const claimed = imagesMs.map((fromMs) => ({
    fromMs,
    untilMs: fromMs + 8000 * camera.maxSampleGapSeconds + LONGEST_PAUSE_MS,
  }));
  expect(subtract(analysed, claimed)).toEqual([]);
}

/** A gap's motion was analysed by no session before, and its reason is right. */
function expectTrueGap(world: SessionWorld, row: Coverage, camera: Camera): void {
  if (row.outcome !== "gap") return;
  const { atMs, listedAtMs } = world.entered.get(row.eventId)!;
  const { listLagMs } = world.trouble;
  if (row.reason === "no-video" && listedAtMs !== undefined) {
    const listed = videoOf(world.fragments.filter(({ serverMs }) => serverMs + listLagMs <= listedAtMs));
    const found = intersect([row], listed).filter(
      ({ fromMs, untilMs }) => untilMs - fromMs > LONGEST_PAUSE_MS,
    );
    expect({ row, found }).toEqual({ row, found: [] });
  }
  // The stream has video, and a session analysed nothing: of that video, or because it came later.
  if (row.reason === "unreadable")
    expect(
      world.sessions.filter(
        (session) =>
          !session.ends || session.processedMs === 0 || ("unreadable" in session && session.unreadable > 0),
      ),
    ).not.toEqual([]);
  if (row.reason === "all-detected") expect(camera.whenAllDetected).toBe("stop");
  // A call that crashes is one that failed.
  if (row.reason === "unverified") expect(world.trouble.listFails + world.trouble.crash).toBeGreaterThan(0);
  if (listLagMs > 0) return;
  for (const session of world.sessions) {
    const entries = [...world.rows.values()].filter(
      ({ sessionId, outcome, reason }) =>
        sessionId === session.sessionId && outcome === "completed" && reason === undefined,
    );
    const [entry] = entries;
    if (!entry || world.entered.get(entry.eventId)!.atMs >= atMs) continue;
    // Of two reports of the same end, the ledger may have either.
    const analysed = "agreed" in session ? (session.agreed ?? []) : analysedBy(session);
    expect({ row, session, again: intersect([row], analysed) }).toEqual({
      row,
      session,
      again: [],
    });
  }
}

describe("whatever is reported, lost, repeated, late, throttled or broken off", () => {
  test("every second of motion is analysed once or a gap with its reason, and nothing waits forever", async () => {
    await fc.assert(
      fc.asyncProperty(
        cameras,
        troubles,
        reports(true),
        uploads,
        skews,
        moves,
        seeds,
        async (camera, trouble, given, video, skewMs, movesAfterMs, seed) => {
          expectWhole(
            await played(camera, trouble, { reports: given, uploads: video, movesAfterMs }, skewMs, seed),
            camera,
          );
        },
      ),
      { numRuns: WORLDS, endOnFailure: true },
    );
  });
});

describe("when all goes well", () => {
  test("a processor never gets a second start, chains hold and the day's budget is kept", async () => {
    await fc.assert(
      fc.asyncProperty(cameras, reports(false), goodSkews, seeds, async (camera, given, skewMs, seed) => {
        const world = await played(camera, CALM, { reports: given, uploads: ALWAYS }, skewMs, seed);
        expectWhole(world, camera);
        expect(world.busyResults).toBe(0);
        const rows = [...world.rows.values()];
        // What follows a session that analysed its video without a gap is of the same chain.
        for (const { outcome, startMs, fromMs, untilMs, chainFromMs } of rows) {
          const next = rows.find((row) => row.startMs === untilMs && row.fromMs === untilMs);
          if (outcome === "completed" && startMs === fromMs && next)
            expect(next.chainFromMs).toBe(chainFromMs);
        }
        const reasons = rows.flatMap(({ outcome, reason }) => (outcome === "gap" ? [reason] : []));
        for (const reason of reasons)
          expect(["budget", "schedule", "late", "all-detected"]).toContain(reason);
        if (camera.dailyBudgetMinutes !== undefined) {
          const requestedS = new Map<string, number>();
          // What a session that found no video was to analyse is free again, and so is what no sample stands for.
          for (const { run, sessionId, processedMs } of world.sessions) {
            const reported = rows.find((row) => row.sessionId === sessionId);
            const seconds =
              run.engine === "frames" && reported?.processedMs !== undefined
                ? reported.processedMs / 1000
                : run.maxDurationSeconds;
            if (processedMs > 0) requestedS.set(run.day, (requestedS.get(run.day) ?? 0) + seconds);
          }
          for (const seconds of requestedS.values())
            expect(seconds).toBeLessThanOrEqual(camera.dailyBudgetMinutes * 60);
        }
      }),
      { numRuns: WORLDS / 2, endOnFailure: true },
    );
  });

  test("new motion starts a session at once, whatever video earlier motion had", async () => {
    await fc.assert(
      fc.asyncProperty(
        cameras,
        reports(false),
        uploads,
        skews,
        seeds,
        async (camera, given, video, skewMs, seed) => {
          const { schedule: _, dailyBudgetMinutes: __, ...free } = camera;
          const world = await played(free, CALM, { reports: given, uploads: video }, skewMs, seed);
          expectWhole(world, free);
          const reasons = [...world.rows.values()].flatMap(({ outcome, reason }) =>
            outcome === "gap" ? [reason] : [],
          );
          // Video may come after a session has waited for it, which then analysed nothing.
          for (const reason of reasons)
            expect(["no-video", "late", "all-detected", "unreadable"]).toContain(reason);
        },
      ),
      { numRuns: WORLDS / 2, endOnFailure: true },
    );
  });
});
