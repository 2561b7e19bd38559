import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import * as v from "valibot";
import {
  MAX_POINTS,
  MIN_POINTS,
  movedBy,
  NEW_REGION,
  pointsOf,
  shareOf,
  withoutPoint,
  withPoint,
  withPointAfter,
  type Region,
} from "../../../console/page/cameras/regions.ts";
import {
  hoursInWords,
  joinNights,
  splitNights,
  WEEKDAYS,
  type Hours,
} from "../../../console/page/cameras/schedule.ts";
import { schedule } from "../../../schemas/camera.ts";
import { settingsBody } from "../../../schemas/console/cameras.ts";

describe("a region", () => {
  const box: Region = { box: { left: 0.1, top: 0.2, width: 0.5, height: 0.6 } };

  test("that is a box has four corners, and stays a box when it is moved as a whole", () => {
    expect(pointsOf(box)).toEqual([
      { x: 0.1, y: 0.2 },
      { x: 0.6, y: 0.2 },
      { x: 0.6, y: 0.8 },
      { x: 0.1, y: 0.8 },
    ]);
    expect(movedBy(box, { x: 0.1, y: -0.1 })).toEqual({
      box: { left: 0.2, top: 0.1, width: 0.5, height: 0.6 },
    });
  });

  test("that is moved against the frame's edge stops there and keeps its shape", () => {
    expect(movedBy(box, { x: 9, y: 9 })).toEqual({ box: { left: 0.5, top: 0.4, width: 0.5, height: 0.6 } });
    expect(shareOf(movedBy(NEW_REGION, { x: -9, y: 0.05 }))).toBeCloseTo(shareOf(NEW_REGION));
  });

  test("covers a share of the frame", () => {
    expect(shareOf(box)).toBeCloseTo(0.3);
    expect(shareOf({ polygon: [{ x: 0, y: 0 }, { x: 1, y: 0 }, { x: 0, y: 1 }] })).toBeCloseTo(0.5);
  }); // prettier-ignore

  test("gets and loses corners between the fewest and the most", () => {
    let region: Region = box;
    for (let turn = 0; turn < 20; turn++) region = withPointAfter(region, 0);
    expect(pointsOf(region)).toHaveLength(MAX_POINTS);
    for (let turn = 0; turn < 20; turn++) region = withoutPoint(region, 0);
    expect(pointsOf(region)).toHaveLength(MIN_POINTS);
  });

  test("is within the frame whatever is done to it", () => {
    const number = fc.double({ min: -3, max: 3, noNaN: true });
    const step = fc.record({ kind: fc.nat(3), index: fc.nat(2), x: number, y: number });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        let region: Region = box;
        for (const { kind, index, x, y } of steps)
          region =
            kind === 0
              ? withPoint(region, index, { x, y })
              : kind === 1
                ? movedBy(region, { x, y })
                : kind === 2
                  ? withPointAfter(region, index)
                  : withoutPoint(region, index);
        for (const { x, y } of pointsOf(region)) {
          expect(Math.min(x, y)).toBeGreaterThanOrEqual(0);
          expect(Math.max(x, y)).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  test("that is new is one that the server accepts", () => {
    expect(v.is(settingsBody, { regions: [NEW_REGION] })).toBe(true);
  });
});

const clock = fc
  .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
  .map(([hour, minute]) => `${String(hour).padStart(2, "0")}:${String(minute).padStart(2, "0")}`);
const hours: fc.Arbitrary<Hours> = fc.record({
  days: fc.subarray([...WEEKDAYS], { minLength: 1 }),
  from: clock,
  until: clock,
});

/** Every minute of the week in which the entries arm the camera. */
function minutesOf(entries: readonly Hours[]): Set<number> {
  const minuteOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
  const armed = new Set<number>();
  for (const { days, from, until } of entries)
    for (const day of days) {
      const begin = WEEKDAYS.indexOf(day) * 1440;
      const end = minuteOf(until) + (from < until ? 0 : 1440);
      for (let minute = minuteOf(from); minute < end; minute++) armed.add((begin + minute) % (7 * 1440));
    }
  return armed;
}

describe("hours", () => {
  test("of a night become two entries, the second of the next day", () => {
    expect(splitNights([{ days: ["fri", "sun"], from: "22:00", until: "06:00" }])).toEqual([
      { days: ["fri", "sun"], from: "22:00", until: "24:00" },
      { days: ["mon", "sat"], from: "00:00", until: "06:00" },
    ]);
    expect(splitNights([{ days: ["mon"], from: "18:00", until: "00:00" }])).toEqual([
      { days: ["mon"], from: "18:00", until: "24:00" },
    ]);
  });

  test("that are entered are stored as the registry accepts them, and arm the same minutes", () => {
    fc.assert(
      fc.property(fc.array(hours, { maxLength: 5 }), (entries) => {
        const stored = splitNights(entries);
        expect(v.is(schedule, stored)).toBe(true);
        expect(minutesOf(stored)).toEqual(minutesOf(entries));
        expect(minutesOf(splitNights(joinNights(stored)))).toEqual(minutesOf(stored));
      }),
      { numRuns: 30 },
    );
  });

  test("of an evening and the morning after it are shown as one night", () => {
    const night: Hours = { days: ["mon", "tue"], from: "18:00", until: "06:00" };
    expect(joinNights(splitNights([night]))).toEqual([night]);
    const wholeDay: Hours = { days: ["sat"], from: "00:00", until: "24:00" };
    expect(joinNights([wholeDay])).toEqual([wholeDay]);
  });

  test("are said in words", () => {
    expect(hoursInWords({ days: ["mon", "tue", "wed"], from: "08:00", until: "18:00" })).toBe(
      "Mon to Wed, 08:00 to 18:00",
    );
    expect(hoursInWords({ days: ["sat", "sun"], from: "00:00", until: "24:00" })).toBe(
      "Sat, Sun, 00:00 to 24:00",
    );
    expect(hoursInWords({ days: [...WEEKDAYS], from: "22:00", until: "06:00" })).toBe(
      "Every day, 22:00 to 06:00",
    );
  });
});
