import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { videoOf } from "../../../core/sessions/analysed-video.ts";
import { sampleOffsetsMs } from "../../../core/sampling/gaps.ts";
import { LONGEST_PAUSE_MS, subtract, union } from "../../../core/sessions/intervals.ts";
import * as moments from "../../../engines/frames/moments.ts";
import { samplingOf } from "../../../engines/frames/sampling.ts";
import type { StoredFragment } from "../../../schemas/fragment.ts";
import type { FrameSession } from "../../../schemas/frame-session.ts";

const START_MS = 1_795_300_000_000;

const session = (more: Partial<FrameSession> = {}): FrameSession => ({
  processorName: "front-door",
  version: 1,
  sessionId: "session-1",
  state: "running",
  streamName: "front-door",
  videoStartMs: START_MS,
  maxDurationSeconds: 60,
  videoEndMs: START_MS + 60_000,
  startedAtMs: START_MS + 500,
  dueAtMs: START_MS + 500,
  step: 0,
  labels: { PERSON: 50, PET: 50 },
  regionsOfInterest: [],
  maxSampleGapSeconds: 5,
  whenAllDetected: "stop",
  faces: false,
  tags: {},
  nextAtMs: START_MS,
  samples: [],
  detected: [],
  refusals: 0,
  ...more,
});

const offsetsOf = ({ samples }: FrameSession): number[] => samples.map(({ atMs }) => atMs - START_MS);

describe("a session's moments", () => {
  test("without refusals are those by which its cost is estimated", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 120 }), fc.integer({ min: 1, max: 60 }), (seconds, gap) => {
        let one = session({ videoEndMs: START_MS + seconds * 1000, maxSampleGapSeconds: gap });
        while (moments.hasMoment(one)) one = moments.sampled(one, "image");
        expect(offsetsOf(one)).toEqual(sampleOffsetsMs(seconds * 1000, gap));
      }),
    );
  });

  test("are farther apart after refusals, at most eight times, and half as far after each success", () => {
    let one = session({ maxSampleGapSeconds: 2, videoEndMs: START_MS + 90_000 });
    one = moments.sampled(moments.sampled(one, "image"), "image");
    for (let time = 0; time < 5; time++) one = moments.refused(one, START_MS, 0);
    while (moments.hasMoment(one)) one = moments.sampled(one, "image");
    expect(offsetsOf(one).slice(0, 8)).toEqual([0, 1000, 3000, 19_000, 27_000, 31_000, 33_000, 35_000]);
  });

  test("are as dense after a hole as if it were not there", () => {
    let one = moments.sampled(session(), "image");
    one = moments.skipped(one, START_MS + 20_000);
    for (let time = 0; time < 3; time++) one = moments.sampled(one, "image");
    expect(offsetsOf(one)).toEqual([0, 1000, 20_000, 22_000, 26_000]);
    expect(one.samples[1]!.outcome).toBe("no-video");
  });

  test("end with the detection of all labels, if the camera wants that", () => {
    const detected = ["PET", "PERSON"];
    expect(moments.hasMoment(session({ detected }))).toBe(false);
    expect(moments.hasMoment(session({ detected: ["PET"] }))).toBe(true);
    expect(moments.hasMoment(session({ detected, whenAllDetected: "continue" }))).toBe(true);
  });

  test("do not end with the detection of all labels if faces are searched", () => {
    const detected = ["PET", "PERSON"];
    expect(moments.hasMoment(session({ detected, faces: true }))).toBe(true);
  });

  test("are due by our clock, or earlier as far as the camera's is ahead", () => {
    expect(moments.dueAtMs(session(), START_MS + 3000)).toBe(START_MS + 3000);
    const ahead = session({ startedAtMs: START_MS - 40_000 });
    expect(moments.dueAtMs(ahead, START_MS + 3000)).toBe(START_MS - 37_000);
    expect(moments.cameraTimeMs(ahead, START_MS - 37_000)).toBe(START_MS + 3000);
  });
});

describe("a refused call", () => {
  test("is repeated with backoff: 1 second at least, 20 at most", () => {
    const delays = (random: number): number[] => {
      let one = session();
      return Array.from({ length: 6 }, () => {
        one = moments.refused(one, START_MS, random);
        return one.dueAtMs - START_MS;
      });
    };
    expect(delays(0)).toEqual([1000, 1000, 1000, 1000, 1000, 1000]);
    expect(delays(1)).toEqual([2000, 4000, 8000, 16_000, 20_000, 20_000]);
  });
});

describe("a session that waits for video", () => {
  const forMs = START_MS + 3000;
  const waitingFrom = (given: FrameSession, afterMs: number, storedUntilMs = START_MS + 1000): FrameSession =>
    moments.waiting(given, { forMs, storedUntilMs }, START_MS + afterMs);

  test("checks every 2 seconds at first, then every 5, and gives up after 25", () => {
    let one = waitingFrom(session(), 0);
    const polls: number[] = [];
    while (!moments.hasWaited(one, one.dueAtMs)) {
      polls.push(one.dueAtMs - START_MS);
      one = waitingFrom(one, polls.at(-1)!);
    }
    expect(polls).toEqual([2000, 4000, 6000, 8000, 10_667, 14_223, 18_964, 23_964]);
  });

  test("waits anew when the stream's video comes nearer, but not when it has passed", () => {
    const since = (given: FrameSession): number => given.waitingSinceMs! - START_MS;
    const first = waitingFrom(session(), 0);
    const nearer = waitingFrom(first, 10_000, START_MS + 2500);
    expect([since(first), since(nearer)]).toEqual([0, 10_000]);
    expect(since(waitingFrom(nearer, 20_000, START_MS + 2500))).toBe(10_000);
    const passed = waitingFrom(nearer, 20_000, START_MS + 9000);
    expect(since(passed)).toBe(20_000);
    expect(since(waitingFrom(passed, 30_000, START_MS + 19_000))).toBe(20_000);
  });

  test("starts anew with each moment", () => {
    const { waitingSinceMs, storedUntilMs } = moments.sampled(waitingFrom(session(), 0), "image");
    expect([waitingSinceMs, storedUntilMs]).toEqual([undefined, undefined]);
  });
});

test("a session is overdue five minutes after its video, or after its start if its video is older", () => {
  const isOverdue = (given: FrameSession, afterMs: number): boolean =>
    moments.isOverdue(given, START_MS + afterMs);
  expect([isOverdue(session(), 359_999), isOverdue(session(), 360_000)]).toEqual([false, true]);
  const old = session({ startedAtMs: START_MS + 3_600_000 });
  expect([isOverdue(old, 3_899_999), isOverdue(old, 3_900_000)]).toEqual([false, true]);
});

describe("what samples stand for", () => {
  const fragments: fc.Arbitrary<StoredFragment[]> = fc
    .array(fc.tuple(fc.constantFrom(0, 0, 500, 1000, 1001, 9000), fc.integer({ min: 1, max: 8000 })), {
      maxLength: 20,
    })
    .map((pieces) => {
      let atMs = START_MS - 4000;
      return pieces.map(([pauseMs, durationMs], index) => {
        const startMs = atMs + pauseMs;
        atMs = startMs + durationMs;
        return { number: String(index + 1), startMs, durationMs, sizeBytes: 1 };
      });
    });

  const what = fc.constantFrom("image", "image", "unreadable", "skip", "refuse", "detect", "stop");

  test("and the gaps partition the session's video, and no more is processed than there was", () => {
    fc.assert(
      fc.property(
        fragments,
        fc.array(what, { maxLength: 40 }),
        fc.integer({ min: 1, max: 20 }),
        (stored, events, maxSampleGapSeconds) => {
          let one = session({ maxSampleGapSeconds });
          for (const event of events) {
            if (event === "stop") one = { ...one, videoEndMs: Math.max(START_MS, one.videoEndMs - 7777) };
            if (!moments.hasMoment(one)) continue;
            if (event === "image" || event === "unreadable") one = moments.sampled(one, event);
            if (event === "skip") one = moments.skipped(one, one.nextAtMs + 3333);
            if (event === "refuse") one = moments.refused(one, START_MS, 0);
            if (event === "detect")
              one = { ...one, detected: one.detected.length === 0 ? ["PERSON"] : ["PERSON", "PET"] };
          }
          const { analysed, gaps, samples, longestGapMillis } = samplingOf(one, stored);
          const whole = { fromMs: one.videoStartMs, untilMs: one.videoEndMs };
          const all = [...analysed, ...gaps].toSorted((a, b) => a.fromMs - b.fromMs);
          let atMs = whole.fromMs;
          for (const { fromMs, untilMs } of all) {
            expect(fromMs).toBe(atMs);
            expect(untilMs).toBeGreaterThan(fromMs);
            atMs = untilMs;
          }
          expect(atMs).toBe(whole.untilMs);
          expect(union(analysed)).toEqual(analysed);
          expect(subtract(analysed, videoOf(stored))).toEqual([]);
          expect(samples).toBe(one.samples.filter(({ outcome }) => outcome === "image").length);
          if (!events.includes("refuse"))
            expect(longestGapMillis).toBeLessThanOrEqual(maxSampleGapSeconds * 1000 + LONGEST_PAUSE_MS);
        },
      ),
    );
  });

  test("ends one second after the last one that completes the camera's labels", () => {
    let one = moments.sampled(moments.sampled(session(), "image"), "image");
    one = { ...one, detected: ["PERSON", "PET"], videoEndMs: START_MS + 20_000 };
    const stored = [{ number: "1", startMs: START_MS, durationMs: 15_000, sizeBytes: 1 }];
    expect(samplingOf(one, stored)).toEqual({
      samples: 2,
      longestGapMillis: 1000,
      analysed: [{ fromMs: START_MS, untilMs: START_MS + 2000 }],
      gaps: [
        { fromMs: START_MS + 2000, untilMs: START_MS + 15_000, reason: "all-detected" },
        { fromMs: START_MS + 15_000, untilMs: START_MS + 20_000, reason: "no-video" },
      ],
    });
  });
});
