import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  barsOf,
  firstView,
  LANE_WIDTH,
  momentOf,
  nextEvent,
  shiftDate,
  startOf,
  summaryOf,
  ticksOf,
  viewOf,
  ZOOMS,
} from "../../../console/page/day/timeline.ts";
import { DAY_MS, HOUR_MS } from "../../../base/durations.ts";
import type { Day } from "../../../schemas/console/day.ts";

const FROM_MS = Date.parse("2026-11-30T00:00:00Z");
const WHOLE = { fromMs: FROM_MS, untilMs: FROM_MS + DAY_MS };
const at = (hours: number): number => FROM_MS + hours * HOUR_MS;

const day = (more: Partial<Day> = {}): Day => ({
  cameraId: "front-door",
  date: "2026-11-30",
  timeZone: "UTC",
  ...WHOLE,
  nowMs: at(20),
  video: { kind: "known", intervals: [{ fromMs: at(0), untilMs: at(6) }] },
  motion: [{ fromMs: at(1), untilMs: at(3) }],
  analysed: [{ fromMs: at(1), untilMs: at(2), chainId: "front-door.1", engine: "frames" }],
  gaps: [
    { fromMs: at(2), untilMs: at(2.5), reason: "throttled", words: "too many" },
    { fromMs: at(2.5), untilMs: at(3), reason: "all-detected", words: "all there" },
  ],
  detections: [
    { chainId: "front-door.1", label: "PERSON", confidence: 90, box: null, detectedAtMs: at(1.5) },
    { chainId: "front-door.1", label: "PET", confidence: 90, box: null, detectedAtMs: at(1.6) },
    { chainId: "front-door.1", label: "PERSON", confidence: 90, box: null, detectedAtMs: at(1.7) },
  ],
  alerts: [],
  isCut: false,
  ...more,
});

describe("the part of a day that is shown", () => {
  test("is the whole day at first, also one of 23 hours", () => {
    expect(viewOf(WHOLE, 0, at(5))).toEqual(WHOLE);
    const short = { fromMs: FROM_MS, untilMs: FROM_MS + 23 * HOUR_MS };
    expect(viewOf(short, 0, at(5))).toEqual(short);
  });

  test("always lies within the day and has the length of its zoom", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: ZOOMS.length - 1 }), fc.integer({ min: 0, max: DAY_MS - 1 }), (zoom, ms) => {
        const { fromMs, untilMs } = viewOf(WHOLE, zoom, FROM_MS + ms);
        expect(untilMs - fromMs).toBe(ZOOMS[zoom]);
        expect(fromMs).toBeGreaterThanOrEqual(WHOLE.fromMs);
        expect(untilMs).toBeLessThanOrEqual(WHOLE.untilMs);
        expect(FROM_MS + ms).toBeGreaterThanOrEqual(fromMs);
        expect(FROM_MS + ms).toBeLessThan(untilMs + 1);
      }),
    ); // prettier-ignore
  });

  test("has round times on its axis", () => {
    expect(ticksOf(WHOLE, WHOLE, 8).map((ms) => (ms - FROM_MS) / HOUR_MS)).toEqual([0, 3, 6, 9, 12, 15, 18, 21, 24]);
    const view = { fromMs: at(9.9), untilMs: at(11.4) };
    expect(ticksOf(WHOLE, view, 8).map((ms) => (ms - FROM_MS) / HOUR_MS)).toEqual([10, 10.25, 10.5, 10.75, 11, 11.25]);
  }); // prettier-ignore
});

describe("a lane's bars", () => {
  const bars = (path: string): { x: number; width: number }[] =>
    [...path.matchAll(/M([\d.]+) 0h([\d.]+)v10h-[\d.]+z/g)].map(([, x, width]) => ({
      x: Number(x),
      width: Number(width),
    }));

  test("are as long as their intervals", () => {
    expect(bars(barsOf(WHOLE, [{ fromMs: at(6), untilMs: at(12) }]))).toEqual([{ x: 250, width: 250 }]);
  });

  test("can be seen, however short the interval", () => {
    expect(bars(barsOf(WHOLE, [{ fromMs: at(12), untilMs: at(12) }]))).toEqual([{ x: 500, width: 1.6 }]);
  });

  test("leave out what is not in the view, and cut what reaches out of it", () => {
    const view = { fromMs: at(6), untilMs: at(12) };
    expect(barsOf(view, [{ fromMs: at(1), untilMs: at(6) }, { fromMs: at(12), untilMs: at(13) }])).toBe("");
    expect(bars(barsOf(view, [{ fromMs: at(1), untilMs: at(23) }]))).toEqual([{ x: 0, width: LANE_WIDTH }]);
  }); // prettier-ignore

  test("never overlap and stay within the lane", () => {
    const interval = fc
      .tuple(fc.integer({ min: -DAY_MS, max: 2 * DAY_MS }), fc.integer({ min: 0, max: DAY_MS }))
      .map(([from, length]) => ({ fromMs: FROM_MS + from, untilMs: FROM_MS + from + length }));
    fc.assert(
      fc.property(fc.array(interval, { maxLength: 30 }), (intervals) => {
        let end = 0;
        for (const { x, width } of bars(barsOf(WHOLE, intervals))) {
          expect(x).toBeGreaterThanOrEqual(end - 0.02);
          end = x + width;
          expect(end).toBeLessThanOrEqual(LANE_WIDTH + 0.02);
        }
      }),
    );
  });
});

test("a day comes to its motion, what was analysed, what was missed and what was left out on purpose", () => {
  expect(summaryOf(day())).toEqual({
    motionMs: 2 * HOUR_MS,
    analysedMs: HOUR_MS,
    missedMs: HOUR_MS / 2,
    leftOutMs: HOUR_MS / 2,
    reasons: [
      { reason: "throttled", words: "too many", ms: HOUR_MS / 2 },
      { reason: "all-detected", words: "all there", ms: HOUR_MS / 2 },
    ],
    labels: [
      { label: "PERSON", count: 2 },
      { label: "PET", count: 1 },
    ],
  });
});

describe("a moment", () => {
  test("says whether video is kept, and what was analysed, detected and missed", () => {
    expect(momentOf(day(), at(1.5), HOUR_MS / 60)).toMatchObject({
      isVideoKept: true,
      isMotion: true,
      session: { engine: "frames" },
      gap: undefined,
      detection: { label: "PERSON" },
    });
    expect(momentOf(day(), at(2), HOUR_MS / 60)).toMatchObject({
      session: undefined,
      gap: { reason: "throttled" },
      detection: undefined,
    });
    expect(momentOf(day(), at(12), 0)).toMatchObject({ isVideoKept: false, isMotion: false });
  });

  test("does not claim that video is gone when the stream could not be listed", () => {
    const unknown = day({ video: { kind: "unknown", reason: "the stream does not exist" } });
    expect(momentOf(unknown, at(1), 0).isVideoKept).toBeUndefined();
  });

  test("is followed by the next detection or gap, in both directions", () => {
    expect(nextEvent(day(), at(1.7), 1)).toBe(at(2));
    expect(nextEvent(day(), at(1.7), -1)).toBe(at(1.6));
    expect(nextEvent(day(), at(2.5), 1)).toBeUndefined();
  });

  test("is at first the latest detection, gap or motion; else now, or noon of a day that is over", () => {
    expect(startOf(day())).toBe(at(1.7));
    expect(startOf(day({ detections: [] }))).toBe(at(2.5));
    expect(startOf(day({ detections: [], gaps: [] }))).toBe(at(1));
    const quiet = day({ detections: [], gaps: [], motion: [] });
    expect(startOf(quiet)).toBe(at(20));
    expect(startOf({ ...quiet, nowMs: at(50) })).toBe(at(12));
  });
});

describe("a day at first", () => {
  test("shows all that happened, as close as that allows", () => {
    expect(firstView(day())).toEqual({ zoom: 1, aroundMs: at(2) });
    const far = [{ fromMs: at(1), untilMs: at(2) }, { fromMs: at(22), untilMs: at(23) }]; // prettier-ignore
    expect(firstView(day({ motion: far })).zoom).toBe(0);
  });

  test("shows some time around a single motion", () => {
    const motion = [{ fromMs: at(1), untilMs: at(1) + 16_000 }];
    expect(firstView(day({ motion, detections: [] }))).toEqual({ zoom: 3, aroundMs: at(1) + 8000 });
  });

  test("is whole when nothing happened", () => {
    expect(firstView(day({ motion: [], detections: [], gaps: [] })).zoom).toBe(0);
  });
});

test("dates move by calendar days", () => {
  expect(shiftDate("2026-03-01", -1)).toBe("2026-02-28");
  expect(shiftDate("2026-12-31", 1)).toBe("2027-01-01");
});
