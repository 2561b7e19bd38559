import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { coverageOf, coveredShares, gapsBetween, inOrder } from "../../analysis/coverage.ts";
import type { StoredFragment } from "../../schemas/fragment.ts";

const T = 1_763_700_000_000;

const fragment = (number: number, startMs: number, durationMs: number, sizeBytes = 10): StoredFragment => ({
  number: String(number),
  startMs,
  durationMs,
  sizeBytes,
});

const anyFragments = fc
  .array(
    fc.record({
      startMs: fc.integer({ min: T, max: T + 60_000 }),
      durationMs: fc.integer({ min: 1, max: 20_000 }),
      sizeBytes: fc.integer({ min: 1, max: 50_000_000 }),
    }),
    { maxLength: 30 },
  )
  .map((all) => all.map((one, index) => ({ ...one, number: String(index + 1) })));

describe("coverage", () => {
  test("joins fragments in any order, up to a pause of a second", () => {
    const fragments = [
      fragment(3, T + 5000, 2000, 30),
      fragment(1, T, 2000, 10),
      fragment(2, T + 2000, 2000, 20),
    ];
    expect(coverageOf(fragments)).toEqual({
      intervals: [{ startMs: T, endMs: T + 7000, fragments: 3, bytes: 60 }],
      gaps: [],
      overlaps: [],
    });
  });

  test("lists a pause of more than a second as a gap", () => {
    expect(coverageOf([fragment(1, T, 2000), fragment(2, T + 3001, 2000)])).toEqual({
      intervals: [
        { startMs: T, endMs: T + 2000, fragments: 1, bytes: 10 },
        { startMs: T + 3001, endMs: T + 5001, fragments: 1, bytes: 10 },
      ],
      gaps: [{ startMs: T + 2000, endMs: T + 3001 }],
      overlaps: [],
    });
  });

  test("lists missing footage at the requested ends, and between them if there is none", () => {
    const span = { startMs: T, endMs: T + 10_000 };
    expect(coverageOf([fragment(1, T + 4000, 2000)], span).gaps).toEqual([
      { startMs: T, endMs: T + 4000 },
      { startMs: T + 6000, endMs: T + 10_000 },
    ]);
    expect(coverageOf([], span).gaps).toEqual([span]);
    expect(coverageOf([])).toEqual({ intervals: [], gaps: [], overlaps: [] });
  });

  test("lists video that was uploaded twice as one overlap, and rounding as none", () => {
    const once = [fragment(1, T, 2000), fragment(2, T + 1900, 2000)];
    expect(coverageOf(once).overlaps).toEqual([]);
    expect(coverageOf([...once, fragment(3, T, 2000), fragment(4, T + 1900, 2000)])).toEqual({
      intervals: [{ startMs: T, endMs: T + 3900, fragments: 4, bytes: 40 }],
      gaps: [],
      overlaps: [{ startMs: T, endMs: T + 3900, fragments: 2 }],
    });
  });

  test("orders fragments with the same start by number, not by text", () => {
    expect(inOrder([fragment(10, T, 1), fragment(9, T, 1)]).map(({ number }) => number)).toEqual(["9", "10"]);
  });

  test("alternates intervals and gaps, leaves nothing out, and counts every fragment once", () => {
    fc.assert(
      fc.property(anyFragments, (fragments) => {
        const { intervals, gaps } = coverageOf(fragments);
        const spans = [...intervals, ...gaps].toSorted((a, b) => a.startMs - b.startMs);
        for (const [index, { startMs, endMs }] of spans.entries()) {
          expect(startMs).toBeLessThan(endMs);
          if (index > 0) expect(startMs).toBe(spans[index - 1]!.endMs);
        }
        expect(intervals.length).toBe(fragments.length === 0 ? 0 : gaps.length + 1);
        expect(spans[0]?.startMs ?? Infinity).toBe(Math.min(...fragments.map(({ startMs }) => startMs)));
        expect(spans.at(-1)?.endMs ?? -Infinity).toBe(
          Math.max(...fragments.map(({ startMs, durationMs }) => startMs + durationMs)),
        );
        expect(intervals.reduce((sum, one) => sum + one.fragments, 0)).toBe(fragments.length);
        expect(intervals.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(
          fragments.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
        );
        for (const one of fragments)
          expect(
            intervals.filter(
              ({ startMs, endMs }) => startMs <= one.startMs && one.startMs + one.durationMs <= endMs,
            ),
          ).toHaveLength(1);
      }),
    );
  });
});

test("gaps are between spans, and longer than a second", () => {
  expect(
    gapsBetween([
      { startMs: 0, endMs: 10 },
      { startMs: 1010, endMs: 1020 },
      { startMs: 3000, endMs: 3001 },
    ]),
  ).toEqual([{ startMs: 1020, endMs: 3000 }]);
});

describe("the covered share of each cell", () => {
  test("is exact at the ends of intervals", () => {
    const intervals = [
      { startMs: 0, endMs: 25 },
      { startMs: 30, endMs: 35 },
    ];
    expect(coveredShares(intervals, { startMs: 0, endMs: 40 }, 4)).toEqual([1, 1, 0.5, 0.5]);
  });

  test("adds up to what is covered within the span", () => {
    fc.assert(
      fc.property(anyFragments, fc.integer({ min: 1, max: 200 }), (fragments, cells) => {
        const { intervals } = coverageOf(fragments);
        const span = { startMs: T + 10_000, endMs: T + 50_000 };
        const within = intervals.reduce(
          (sum, { startMs, endMs }) =>
            sum + Math.max(0, Math.min(endMs, span.endMs) - Math.max(startMs, span.startMs)),
          0,
        );
        const shares = coveredShares(intervals, span, cells);
        expect(shares).toHaveLength(cells);
        expect((shares.reduce((sum, share) => sum + share, 0) * 40_000) / cells).toBeCloseTo(within, 3);
      }),
    );
  });
});
