import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { before, joinNearest, subtract, union } from "../../../core/sessions/intervals.ts";
import type { Interval } from "../../../schemas/session.ts";

const END = 40;
const intervals = fc.array(
  fc
    .tuple(fc.nat(END), fc.nat(END))
    .map(([a, b]): Interval => ({ fromMs: Math.min(a, b), untilMs: Math.max(a, b) })),
  { maxLength: 8 },
);
/** The milliseconds that lie in some interval, one by one. */
const points = (list: readonly Interval[]): number[] =>
  Array.from({ length: END }, (_, ms) => ms).filter((ms) =>
    list.some(({ fromMs, untilMs }) => fromMs <= ms && ms < untilMs),
  );

test("a union, a difference and a beginning hold exactly the points that they should, apart and in order", () => {
  fc.assert(
    fc.property(intervals, intervals, fc.nat(END), (a, b, ms) => {
      const inA = new Set(points(a));
      const inB = new Set(points(b));
      expect(points(union([...a, ...b]))).toEqual([...new Set([...inA, ...inB])].toSorted((x, y) => x - y));
      expect(points(subtract(a, b))).toEqual([...inA].filter((point) => !inB.has(point)));
      expect(points(before(a, ms))).toEqual([...inA].filter((point) => point < ms));
      for (const list of [union([...a, ...b]), subtract(a, b), before(a, ms)])
        for (const [index, { fromMs, untilMs }] of list.entries()) {
          expect(fromMs).toBeLessThan(untilMs);
          if (index > 0) expect(list[index - 1]!.untilMs).toBeLessThan(fromMs);
        }
    }),
  );
});

test("a list that is too long is joined where its gaps are smallest", () => {
  const list = [0, 10, 12, 30].map((fromMs) => ({ fromMs, untilMs: fromMs + 1 }));
  expect(joinNearest(list, 3)).toEqual([
    { fromMs: 0, untilMs: 1 },
    { fromMs: 10, untilMs: 13 },
    { fromMs: 30, untilMs: 31 },
  ]);
  expect(joinNearest(list, 1)).toEqual([{ fromMs: 0, untilMs: 31 }]);
});
