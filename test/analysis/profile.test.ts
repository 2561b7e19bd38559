import { describe, expect, test } from "@jest/globals";
import { analysisCostUsd } from "../../analysis/cost.ts";
import { profileOf, type ProfileRows, type ProfileScope } from "../../analysis/profile/profile.ts";
import { adviceOf } from "../../report/words.ts";
import type { EngineName } from "../../schemas/engine.ts";
import { EMPTY_ROWS } from "../report/fixture.ts";
import { binsBetween, binUnitOf } from "../../analysis/profile/bins.ts";
import { coverageProfile } from "../../analysis/profile/coverage.ts";
import { distributionsOf, quantileS } from "../../analysis/profile/distribution.ts";
import { recommend } from "../../analysis/profile/recommendation.ts";
import { simulate, type FirstDetectionRow } from "../../analysis/profile/simulation.ts";
import { firstDetectionsUpTo } from "../support/first-detections.ts";

const DAY_MS = 86_400_000;

describe("a distribution", () => {
  test("counts detections without start and without confidence, and those before the start as at the start", () => {
    const [person, pet] = distributionsOf([
      { label: "PET", afterS: 7, level: 80, detections: 2 },
      { label: "PERSON", afterS: 1, level: 90, detections: 3 },
      { label: "PERSON", afterS: -2, level: 0, detections: 1 },
      { label: "PERSON", afterS: 121, level: null, detections: 1 },
      { label: "PERSON", afterS: null, level: 50, detections: 4 },
    ]);
    expect(person).toMatchObject({
      label: "PERSON",
      detections: 9,
      withoutStart: 4,
      beforeStart: 1,
      withoutConfidence: 1,
      byLevel: [1, 4, 0, 0, 0, 0, 0, 0, 0, 3, 0],
      quantilesS: [0, 1, 1, 1, 120],
    });
    expect([person!.bySecond[0], person!.bySecond[1], person!.bySecond[120]]).toEqual([1, 3, 1]);
    expect(pet!.quantilesS).toEqual([7, 7, 7, 7, 7]);
  });

  test("has no quantiles without detections", () => {
    expect(quantileS([0, 0], 0.5)).toBeNull();
  });
});

describe("the recommendation", () => {
  const rows = (entries: readonly (readonly [afterS: number, level: number, count: number])[], label = "PERSON"): FirstDetectionRow[] =>
    entries.flatMap(([afterS, most, firstDetections]) => firstDetectionsUpTo(-1, most, { label, afterS, firstDetections })); // prettier-ignore
  const motions = [
    { engine: "stream-processor" as const, reachS: 60, lastedS: 60, motions: 1000, lastedMs: 60_000_000 },
  ];

  test("is the shortest length that keeps 95 % at the highest confidence that keeps 99 %", () => {
    // Of 1000: 994 with 70 or more; of those 940 within 5 s, 951 within 12 s.
    const simulation = simulate(motions, rows([[5, 90, 940], [12, 70, 11], [40, 80, 43], [3, 50, 6]])); // prettier-ignore
    expect(recommend(simulation)).toEqual({
      kind: "advice",
      label: "PERSON",
      maxDurationS: 12,
      minConfidence: 70,
      firstDetections: 1000,
      kept: 951,
      missed: 49,
      analysedMs: 12_000_000,
      isStillRising: false,
      lateShare: 0,
    });
  });

  test("warns when many first detections came just before the sessions' end", () => {
    const advice = recommend(simulate(motions, rows([[5, 90, 900], [58, 90, 100]]))); // prettier-ignore
    expect(advice).toMatchObject({ maxDurationS: 58, isStillRising: true, lateShare: 0.1 });
  });

  test("is for the most frequent label where no person was detected", () => {
    const simulation = simulate(motions, [
      ...rows([[5, 90, 200]], "PET"),
      ...rows([[5, 90, 300]], "PACKAGE"),
    ]);
    expect(recommend(simulation)).toMatchObject({ label: "PACKAGE" });
  });

  test("is none with fewer than a hundred first detections", () => {
    expect(recommend(simulate(motions, rows([[5, 90, 99]])))).toEqual({
      kind: "too-little-data",
      label: "PERSON",
      firstDetections: 99,
    });
    expect(recommend(simulate([], []))).toEqual({ kind: "too-little-data", label: null, firstDetections: 0 });
  });
});

describe("a fleet with both engines", () => {
  const session = (engine: EngineName, cameraId: string, sessions: number, analysedMs: number, samples: number) => ({
    engine, cameraId, bin: "2026-11-20", outcome: "completed", sessions, analysedMs, samples,
  }); // prettier-ignore
  const motion = (engine: EngineName) => ({
    engine,
    reachS: 30,
    lastedS: 30,
    motions: 10,
    lastedMs: 300_000,
  });
  const rows: ProfileRows = {
    ...EMPTY_ROWS,
    sessions: [
      session("stream-processor", "porch", 10, 300_000, 0),
      session("frames", "yard", 20, 600_000, 90),
    ],
    motions: [motion("stream-processor"), motion("frames")],
  };
  const profile = (costUsdOf: ProfileScope["costUsdOf"]) =>
    profileOf(rows, { range: { fromMs: 0, toMs: DAY_MS }, binUnit: "day", cameraIds: [], costUsdOf });

  test("costs minutes of the one and samples of the other", () => {
    const { summary, cameras, costUsdByDuration } = profile(analysisCostUsd);
    expect(summary).toMatchObject({ sessions: 30, sampledSessions: 20, samples: 90 });
    expect(summary.costUsd).toBeCloseTo(5 * 0.00817 + 90 * 0.001, 10);
    expect(
      cameras.map(({ cameraId, engines, costUsd }) => [cameraId, engines, Number(costUsd.toFixed(6))]),
    ).toEqual([
      ["yard", ["frames"], 0.09],
      ["porch", ["stream-processor"], 0.04085],
    ]);
    // 10 motions of 7 s, and 10 of the samples at 0, 1 and 3 s
    expect(costUsdByDuration[6]).toBeCloseTo((70 / 60) * 0.00817 + 30 * 0.001, 10);
  });

  test("can be priced as of one engine, by its rule where it did not run", () => {
    const asFrames = profile((_, analysed) => analysisCostUsd("frames", analysed));
    // 10 sessions of 30 s would have 8 samples each
    expect(asFrames.summary.costUsd).toBeCloseTo((80 + 90) * 0.001, 10);
    const asProcessors = profile((_, analysed) => analysisCostUsd("stream-processor", analysed));
    expect(asProcessors.summary.costUsd).toBeCloseTo(15 * 0.00817, 10);
  });

  test("has advice that names the sessions whose detections are those of samples", () => {
    const { limits } = adviceOf(
      profileOf(
        { ...rows, firstDetections: firstDetectionsUpTo(-1, 90, { label: "PERSON", afterS: 3, firstDetections: 200 }) },
        { range: { fromMs: 0, toMs: DAY_MS }, binUnit: "day", cameraIds: [], costUsdOf: analysisCostUsd },
      ),
      false,
    ); // prettier-ignore
    expect(limits).toContainEqual(
      expect.stringMatching(/^20 sessions sampled their video \(engine frames\)/),
    );
  });
});

test("coverage is the analysed share of all motion, with gaps by reason", () => {
  const row = (bin: string, outcome: string, reason: string | null, durationMs: number) => ({
    cameraId: "porch",
    bin,
    outcome,
    reason,
    intervals: 1,
    durationMs,
  });
  const profile = coverageProfile(
    [
      row("2026-11-20", "completed", null, 60_000),
      row("2026-11-20", "gap", "budget", 15_000),
      row("2026-11-21", "gap", "budget", 5000),
      row("2026-11-21", "lost", "the end of the session was never reported", 20_000),
    ],
    ["2026-11-20", "2026-11-21"],
  );
  expect(profile).toEqual({
    analysedMs: 60_000,
    lostMs: 20_000,
    gapMs: 20_000,
    coveredShare: 0.6,
    byBin: [
      { bin: "2026-11-20", analysedMs: 60_000, lostMs: 0, gapMs: 15_000, coveredShare: 0.8 },
      { bin: "2026-11-21", analysedMs: 0, lostMs: 20_000, gapMs: 5000, coveredShare: 0 },
    ],
    reasons: [
      { outcome: "gap", reason: "budget", intervals: 2, durationMs: 20_000 },
      {
        outcome: "lost",
        reason: "the end of the session was never reported",
        intervals: 1,
        durationMs: 20_000,
      },
    ],
  });
});

describe("bins", () => {
  test.each([
    [3 * DAY_MS, "hour"],
    [4 * DAY_MS, "day"],
    [62 * DAY_MS, "day"],
    [63 * DAY_MS, "week"],
    [500 * DAY_MS, "month"],
  ])("of %d ms are %ss", (toMs, unit) => {
    expect(binUnitOf({ fromMs: 0, toMs })).toBe(unit);
  });

  test("include every bin between the first and the last", () => {
    expect(binsBetween(["2026-11-01", "2026-10-30"], "day")).toEqual([
      "2026-10-30",
      "2026-10-31",
      "2026-11-01",
    ]);
    expect(binsBetween(["2026-11-01T01", "2026-10-31T23"], "hour")).toEqual([
      "2026-10-31T23",
      "2026-11-01T00",
      "2026-11-01T01",
    ]);
    expect(binsBetween(["2026-12", "2027-02"], "month")).toEqual(["2026-12", "2027-01", "2027-02"]);
    expect(binsBetween([], "week")).toEqual([]);
  });
});
