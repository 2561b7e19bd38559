import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { planFragments } from "../../uploader/plan-fragments.ts";
import type { FrameFacts } from "../../uploader/plan-fragments.ts";

const frames = (keyframesMs: number[], endMs: number, sizeBytes = 10): FrameFacts[] =>
  Array.from({ length: endMs / 100 }, (_, i) => ({
    atMs: i * 100,
    keyframe: keyframesMs.includes(i * 100),
    sizeBytes,
  }));

describe("planFragments", () => {
  test("starts a fragment at every keyframe", () => {
    expect(planFragments(frames([0, 2000, 5000], 6000), 6000)).toEqual([
      { startMs: 0, durationMs: 2000, frames: 20, sizeBytes: 200 },
      { startMs: 2000, durationMs: 3000, frames: 30, sizeBytes: 300 },
      { startMs: 5000, durationMs: 1000, frames: 10, sizeBytes: 100 },
    ]);
  });

  test("merges what would be shorter than a second", () => {
    expect(planFragments(frames([0, 500, 1000, 1500, 2000], 2400), 2400)).toEqual([
      { startMs: 0, durationMs: 1000, frames: 10, sizeBytes: 100 },
      { startMs: 1000, durationMs: 1000, frames: 10, sizeBytes: 100 },
      { startMs: 2000, durationMs: 400, frames: 4, sizeBytes: 40 },
    ]);
  });

  test("takes a fragment of 20 s and refuses a longer one, saying where the keyframes are missing", () => {
    expect(planFragments(frames([0], 20_000), 20_000)).toHaveLength(1);
    expect(() => planFragments(frames([0, 3000], 26_400), 26_400)).toThrow(
      "no keyframe from 3.0 s to 26.4 s, but a fragment begins with one and lasts at most 20.0 s",
    );
  });

  test("refuses a fragment of more than 50 MB", () => {
    expect(() => planFragments(frames([0], 10_000, 600_000), 10_000)).toThrow(
      "60000000 bytes of video from 0.0 s to 10.0 s; a fragment holds at most 50000000 bytes",
    );
  });

  test("covers the whole clip without gaps, every fragment but the last at least a second long", () => {
    const gaps = fc.array(fc.integer({ min: 1, max: 9000 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(gaps, (gapsMs) => {
        let atMs = 0;
        const keyframes = gapsMs.map((gapMs) => ({
          atMs: (atMs += gapMs) - gapMs,
          keyframe: true,
          sizeBytes: 1,
        }));
        const plan = planFragments(keyframes, atMs);
        let expectedStartMs = 0;
        for (const { startMs, durationMs } of plan) {
          expect(startMs).toBe(expectedStartMs);
          expectedStartMs += durationMs;
        }
        expect(expectedStartMs).toBe(atMs);
        expect(plan.slice(0, -1).every(({ durationMs }) => durationMs >= 1000)).toBe(true);
        expect(plan.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)).toBe(gapsMs.length);
      }),
    );
  });
});
