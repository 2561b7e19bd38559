import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { nextSession, startsBefore, type Video } from "../../cli/simulation/plan-sessions.ts";

const T = 1_763_700_000_000;

/** A video cut into fragments of two seconds. */
const video = (durationMs: number): Video => ({
  startMs: T,
  endMs: T + durationMs,
  fragmentStartsMs: Array.from({ length: Math.ceil(durationMs / 2000) }, (_, index) => T + index * 2000),
});

describe("the next session", () => {
  test("covers a short video except its end, so that it never waits for more", () => {
    expect(nextSession(video(16_000), T, 120)).toEqual({ atMs: T, maxDurationSeconds: 15 });
    expect(nextSession(video(1400), T, 120)).toEqual({ atMs: T, maxDurationSeconds: 1 });
  });

  test("is at most as long as a session may be", () => {
    expect(nextSession(video(500_000), T, 120)).toEqual({ atMs: T, maxDurationSeconds: 120 });
    expect(nextSession(video(500_000), T, 30)).toEqual({ atMs: T, maxDurationSeconds: 30 });
  });

  test("begins at the end of the previous session, at the fragment that begins there", () => {
    expect(nextSession(video(500_000), T + 119_988, 120)).toEqual({
      atMs: T + 120_000,
      maxDurationSeconds: 120,
    });
    expect(nextSession(video(500_000), T + 121_000, 120)).toEqual({
      atMs: T + 121_000,
      maxDurationSeconds: 120,
    });
  });

  test("is undefined when less than a second is left", () => {
    expect(nextSession(video(16_000), T + 15_001, 120)).toBeUndefined();
    expect(nextSession(video(16_000), T + 16_000, 120)).toBeUndefined();
  });

  test("in a chain, each ending at a fragment's end, covers every fragment once", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1000, max: 1_200_000 }),
        fc.integer({ min: 1, max: 120 }),
        (durationMs, maxSeconds) => {
          const shown = video(durationMs);
          let endedAtMs = T;
          let count = 0;
          for (
            let next = nextSession(shown, T, maxSeconds);
            next;
            next = nextSession(shown, endedAtMs, maxSeconds)
          ) {
            expect(next.atMs).toBe(endedAtMs);
            expect(next.maxDurationSeconds).toBeGreaterThanOrEqual(1);
            expect(next.maxDurationSeconds).toBeLessThanOrEqual(maxSeconds);
            // It ends at the first boundary at or after its length.
            const longEnoughMs = next.atMs + next.maxDurationSeconds * 1000;
            const boundary = shown.fragmentStartsMs.find((startMs) => startMs >= longEnoughMs) ?? shown.endMs;
            expect(longEnoughMs).toBeLessThanOrEqual(shown.endMs);
            endedAtMs = boundary;
            expect(++count).toBeLessThanOrEqual(1201);
          }
          expect(shown.endMs - endedAtMs).toBeLessThan(1000);
        },
      ),
    );
  });
});

test("a camera's clips follow each other with a pause, and the last ends now", () => {
  expect(startsBefore(T, [10_000, 5000.4, 20_000])).toEqual([T - 39_001, T - 27_001, T - 20_000]);
  expect(startsBefore(T, [])).toEqual([]);
});
