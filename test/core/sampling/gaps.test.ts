import { expect, test } from "@jest/globals";
import { sampleGapMs, sampleOffsetsMs, sampleShareMs } from "../../../core/sampling/gaps.ts";

test("gaps between samples double from a second up to the longest gap", () => {
  const gaps = (maxSampleGapSeconds: number) =>
    [1, 2, 3, 4, 5, 2000].map((samples) => sampleGapMs(samples, maxSampleGapSeconds));
  expect(gaps(5)).toEqual([1000, 2000, 4000, 5000, 5000, 5000]);
  expect(gaps(1)).toEqual([1000, 1000, 1000, 1000, 1000, 1000]);
  expect(gaps(60)).toEqual([1000, 2000, 4000, 8000, 16_000, 60_000]);
});

test("samples are taken from a session's start to before its end", () => {
  const seconds = (videoMs: number, maxSampleGapSeconds: number) =>
    sampleOffsetsMs(videoMs, maxSampleGapSeconds).map((offsetMs) => offsetMs / 1000);
  expect(seconds(30_000, 5)).toEqual([0, 1, 3, 7, 12, 17, 22, 27]);
  expect(seconds(12_000, 5)).toEqual([0, 1, 3, 7]);
  expect(seconds(60_000, 60)).toEqual([0, 1, 3, 7, 15, 31]);
  expect(seconds(3500, 1)).toEqual([0, 1, 2, 3]);
  expect(seconds(0, 5)).toEqual([]);
});

test("a sample spends its share of a whole session", () => {
  // 8 samples in 30 s
  expect(sampleShareMs({ maxDurationSeconds: 30, maxSampleGapSeconds: 5 })).toBe(3750);
  expect(sampleShareMs({ maxDurationSeconds: 1, maxSampleGapSeconds: 5 })).toBe(1000);
});
