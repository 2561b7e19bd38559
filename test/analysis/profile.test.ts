import { describe, expect, test } from "@jest/globals";
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
  const motions = [{ reachS: 60, lastedS: 60, motions: 1000, lastedMs: 60_000_000 }];

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
