import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { planClip } from "../../analysis/clip-plan.ts";
import type { StoredFragment } from "../../schemas/fragment.ts";

const T = 1_763_700_000_000;
const ALL = { startMs: T, endMs: T + 100 * 3_600_000 };

/** Consecutive fragments of two seconds. */
const row = (count: number, sizeBytes = 1000, fromMs = T, firstNumber = 1): StoredFragment[] =>
  Array.from({ length: count }, (_, index) => ({
    number: String(firstNumber + index),
    startMs: fromMs + index * 2000,
    durationMs: 2000,
    sizeBytes,
  }));

const counts = (plan: ReturnType<typeof planClip>) => plan.parts.map(({ fragments }) => fragments);

describe("the plan of a clip", () => {
  test("includes whole fragments, also one that began before the span and one that ends after it", () => {
    expect(planClip(row(5), { startMs: T + 3000, endMs: T + 4001 })).toEqual({
      parts: [{ startMs: T + 2000, endMs: T + 6000, lastStartMs: T + 4000, fragments: 2, bytes: 2000 }],
      gaps: [],
      repeatedFragments: 0,
    });
  });

  test("ends a part after 200 fragments", () => {
    expect(counts(planClip(row(200), ALL))).toEqual([200]);
    expect(counts(planClip(row(401), ALL))).toEqual([200, 200, 1]);
  });

  test("ends a part before it exceeds 100 MB", () => {
    expect(counts(planClip(row(4, 25_000_000), ALL))).toEqual([4]);
    expect(counts(planClip(row(5, 25_000_001), ALL))).toEqual([3, 2]);
  });

  test("ends a part at a gap, and lists the gap", () => {
    const plan = planClip([...row(3), ...row(2, 1000, T + 60_000, 4)], {
      startMs: T,
      endMs: T + 64_000,
    });
    expect(counts(plan)).toEqual([3, 2]);
    expect(plan.gaps).toEqual([{ startMs: T + 6000, endMs: T + 60_000 }]);
  });

  test("includes footage that was uploaded twice once, and keeps the shifted copy out of every part's range", () => {
    expect(planClip([...row(3), ...row(3, 1000, T, 10)], ALL)).toMatchObject({
      parts: [{ startMs: T, lastStartMs: T + 4000, fragments: 3 }],
      repeatedFragments: 3,
    });
    const shifted = planClip([...row(3), ...row(3, 1000, T + 700, 10)], ALL);
    expect(shifted.parts.map(({ startMs, lastStartMs }) => [startMs - T, lastStartMs - T])).toEqual([
      [0, 0],
      [2000, 2000],
      [4000, 4000],
      // Only the last fragment of the copy covers more.
      [4700, 4700],
    ]);
    expect(shifted.repeatedFragments).toBe(2);
  });

  test("includes a fragment that overlaps another but covers more", () => {
    const long = { number: "9", startMs: T + 1000, durationMs: 19_000, sizeBytes: 5 };
    const plan = planClip([...row(1), long, ...row(1, 1000, T + 20_000, 11)], ALL);
    expect(plan).toMatchObject({
      parts: [
        { fragments: 1, startMs: T, endMs: T + 2000 },
        { fragments: 2, startMs: T + 1000, endMs: T + 22_000 },
      ],
      repeatedFragments: 0,
    });
  });

  test("is empty where there is no footage", () => {
    const span = { startMs: T, endMs: T + 5000 };
    expect(planClip([], span)).toEqual({ parts: [], gaps: [span], repeatedFragments: 0 });
  });

  test("respects both limits and covers exactly the fragments that overlap the span", () => {
    const pieces = fc.array(
      fc.record({
        pauseMs: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, fc.integer({ min: 0, max: 30_000 })),
        durationMs: fc.integer({ min: 1000, max: 20_000 }),
        sizeBytes: fc.oneof(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: 50_000_000 })),
      }),
      { minLength: 1, maxLength: 700, size: "max" },
    );
    fc.assert(
      fc.property(pieces, fc.nat(600_000), fc.integer({ min: 1, max: 9_000_000 }), (all, after, lastsMs) => {
        let endMs = T;
        const fragments = all.map(({ pauseMs, durationMs, sizeBytes }, index) => {
          const startMs = endMs + pauseMs;
          endMs = startMs + durationMs;
          return { number: String(index + 1), startMs, durationMs, sizeBytes };
        });
        const span = { startMs: T + after, endMs: T + after + lastsMs };
        const wanted = fragments.filter(
          (one) => one.startMs + one.durationMs > span.startMs && one.startMs < span.endMs,
        );
        const { parts, repeatedFragments } = planClip(fragments.toReversed(), span);
        // What GetClip returns for each part's range, by its documented rule.
        const given = parts.map((part) =>
          fragments.filter(({ startMs }) => startMs >= part.startMs && startMs <= part.lastStartMs + 1),
        );
        expect(given.flat()).toEqual(wanted);
        expect(repeatedFragments).toBe(0);
        for (const [index, part] of parts.entries()) {
          const bytes = given[index]!.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
          expect(part).toMatchObject({ fragments: given[index]!.length, bytes });
          expect(part.fragments).toBeLessThanOrEqual(200);
          expect(bytes).toBeLessThanOrEqual(100_000_000);
          expect(part.lastStartMs + 1 - part.startMs).toBeLessThanOrEqual(86_400_000);
        }
      }),
      { numRuns: 50 },
    );
  });

  test("omits no moment that any fragment covers, however they overlap", () => {
    const some = fc.array(
      fc.record({
        startMs: fc.integer({ min: T, max: T + 40_000 }),
        durationMs: fc.integer({ min: 1000, max: 20_000 }),
      }),
      { minLength: 1, maxLength: 20 },
    );
    fc.assert(
      fc.property(some, (all) => {
        const fragments = all.map((one, index) => ({ ...one, number: String(index + 1), sizeBytes: 1 }));
        const { parts, repeatedFragments } = planClip(fragments, { startMs: T, endMs: T + 100_000 });
        const missing = fragments.flatMap(({ startMs, durationMs }) =>
          Array.from({ length: durationMs / 50 }, (_, index) => startMs + index * 50).filter(
            (atMs) => !parts.some((part) => part.startMs - 250 <= atMs && atMs <= part.endMs + 250),
          ),
        );
        expect(missing).toEqual([]);
        for (const [index, part] of parts.entries())
          if (index > 0) {
            expect(part.startMs).toBeGreaterThanOrEqual(parts[index - 1]!.startMs);
            expect(part.endMs).toBeGreaterThan(parts[index - 1]!.endMs);
          }
        expect(parts.reduce((sum, part) => sum + part.fragments, 0)).toBe(
          fragments.length - repeatedFragments,
        );
      }),
    );
  });
});
