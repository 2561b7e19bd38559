import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  analysedAt,
  CONFIDENCE_LEVELS,
  horizonOf,
  keptAt,
  simulate,
  type FirstDetectionRow,
  type MotionRow,
} from "../../analysis/profile/simulation.ts";
import { firstDetectionsUpTo } from "../support/first-detections.ts";

const motion = (reachS: number, lastedS: number, motions: number, lastedMs: number): MotionRow => ({
  engine: "stream-processor",
  reachS,
  lastedS,
  motions,
  lastedMs,
});
const found = (afterS: number, above: number, most: number): FirstDetectionRow[] =>
  firstDetectionsUpTo(above, most, { label: "PERSON", afterS, firstDetections: 1 });

/** Four motions allowed 10 s, of which one ended after 4.2 s, and two allowed 30 s that lasted 30 and 12.5 s. */
const MOTIONS = [
  motion(10, 10, 3, 30_000),
  motion(10, 5, 1, 4200),
  motion(30, 30, 1, 30_000),
  motion(30, 13, 1, 12_500),
];

describe("the horizon", () => {
  test("is the longest duration that at least half of the motions were allowed", () => {
    expect(horizonOf(MOTIONS)).toEqual({ horizonS: 10, motions: 6, simulatedMotions: 6 });
    expect(horizonOf([motion(10, 10, 2, 20_000), motion(30, 30, 2, 60_000)])).toEqual({
      horizonS: 30,
      motions: 4,
      simulatedMotions: 2,
    });
  });

  test("is 0 without motions", () => {
    expect(horizonOf([])).toEqual({ horizonS: 0, motions: 0, simulatedMotions: 0 });
  });
});

describe("the simulation", () => {
  const { durations, labels } = simulate(
    MOTIONS,
    [
      found(2, -1, 80),
      found(5, -1, 60),
      // Detected after 3 s with 50, and after 8 s, in a later session of the motion, with 90.
      found(3, -1, 50),
      found(8, 50, 90),
      found(12, -1, 90),
    ].flat(),
  );
  const [person] = labels;
  const at = (durationS: number) => durations[durationS - 1]!;

  test("analyses the duration, or what the motion lasted if that is less", () => {
    // 4 s of six motions; then the short one has ended after 4.2 s.
    expect(at(4)).toEqual({ durationS: 4, analysedMs: 24_000, assumedMs: 0, knownMotions: 6 });
    expect(at(5)).toEqual({ durationS: 5, analysedMs: 29_200, assumedMs: 0, knownMotions: 6 });
    expect(at(10).analysedMs).toBe(54_200);
  });

  test("counts a motion that was not allowed a duration with all of it, as assumed", () => {
    // Two motions were allowed 20 s: 20 s and 12.5 s. Four were not.
    expect(at(20)).toEqual({ durationS: 20, analysedMs: 112_500, assumedMs: 80_000, knownMotions: 2 });
    expect(at(31)).toEqual({ durationS: 31, analysedMs: 186_000, assumedMs: 186_000, knownMotions: 0 });
  });

  test("takes the samples of frames for what it analyses", () => {
    // At 0, 1 and 3 s of six motions
    expect(analysedAt(MOTIONS, 4)).toEqual({ analysedMs: 24_000, samples: 18 });
    // Four motions that were not allowed 20 s get 0, 1, 3, 7, 12 and 17 s; one lasted 12.5 s, counted as 13 s
    expect(analysedAt(MOTIONS, 20)).toEqual({ analysedMs: 112_500, samples: 4 * 6 + 6 + 5 });
  });

  test("keeps a first detection once the session lasts until then, separately for each confidence", () => {
    expect([1, 2, 3, 5, 8, 10].map((durationS) => keptAt(person!, durationS, 0))).toEqual([0, 1, 2, 3, 3, 3]);
    expect([2, 3, 5, 8].map((durationS) => keptAt(person!, durationS, 60))).toEqual([1, 1, 2, 3]);
    expect([7, 8].map((durationS) => keptAt(person!, durationS, 90))).toEqual([0, 1]);
    expect(keptAt(person!, 10, 95)).toBe(0);
  });

  test("knows nothing beyond the horizon", () => {
    expect(keptAt(person!, 11, 0)).toBeNull();
    expect([person!.firstDetections, person!.laterFirstDetections]).toEqual([3, 1]);
  });
});

const motions = fc.array(
  fc
    .record({ reachS: fc.integer({ min: 1, max: 120 }), lastedMs: fc.integer({ min: 1, max: 150_000 }), motions: fc.integer({ min: 1, max: 9 }) })
    .map(({ reachS, lastedMs, motions: count }) => motion(reachS, Math.min(121, Math.ceil(lastedMs / 1000)), count, lastedMs * count)),
  { maxLength: 20 },
); // prettier-ignore
const level = fc.constantFrom(...CONFIDENCE_LEVELS);
/** As the lake returns them: a motion's label has one first detection per level, earlier for lower levels. */
const firstDetections = fc
  .array(fc.tuple(fc.array(level, { minLength: 1, maxLength: 3 }), fc.array(fc.integer({ min: 0, max: 121 }), { minLength: 3, maxLength: 3 })))
  .map((all) =>
    all.flatMap(([given, seconds]) => {
      const levels = [...new Set(given)].toSorted((a, b) => a - b);
      const rising = seconds.toSorted((a, b) => a - b);
      return levels.flatMap((one, index) => found(rising[index]!, levels[index - 1] ?? -1, one));
    }),
  ); // prettier-ignore

test("a longer session never keeps less, a higher confidence never more, nothing is negative", () => {
  fc.assert(
    fc.property(motions, firstDetections, (motionRows, sightRows) => {
      const { labels, durations, horizonS } = simulate(motionRows, sightRows);
      const outOfOrder = durations.filter(({ analysedMs, assumedMs, knownMotions }, index) => {
        const before = durations[index - 1];
        const isLess =
          analysedMs < (before?.analysedMs ?? 0) || knownMotions > (before?.knownMotions ?? Infinity);
        return isLess || assumedMs < 0 || analysedMs < assumedMs;
      });
      const wrong = labels.flatMap(({ kept, firstDetections: all }) =>
        kept.flatMap((byDuration, levelIndex) =>
          byDuration.filter((count, index) => {
            if (count === null || index >= horizonS) return count !== null || index < horizonS;
            return count < (byDuration[index - 1] ?? 0) || count > (kept[levelIndex - 1]?.[index] ?? all);
          }),
        ),
      );
      expect([outOfOrder, wrong]).toEqual([[], []]);
    }),
    { numRuns: 60 },
  );
});
