import { expect, test } from "@jest/globals";
import { SlowTargets } from "../../../core/alerts/slow-targets.ts";

const NOW_MS = Date.parse("2026-11-30T12:00:00Z");

test("a target that was slow is left alone for 10 s, then longer each time, up to 2 minutes", () => {
  const targets = new SlowTargets();
  let nowMs = NOW_MS;
  const pauses: number[] = [];
  for (let attempt = 0; attempt < 6; attempt++) {
    targets.attempted("slow", 10_000, nowMs);
    let pauseMs = 0;
    while (targets.isPaused("slow", nowMs + pauseMs)) pauseMs += 1000;
    pauses.push(pauseMs);
    nowMs += pauseMs;
  }
  expect(pauses).toEqual([10_000, 20_000, 40_000, 80_000, 120_000, 120_000]);
  expect(targets.isPaused("another", nowMs)).toBe(false);
});

test("attempts that were made at the same time count as one", () => {
  const targets = new SlowTargets();
  for (let message = 0; message < 10; message++) targets.attempted("slow", 10_000, NOW_MS);
  expect(targets.isPaused("slow", NOW_MS + 9999)).toBe(true);
  expect(targets.isPaused("slow", NOW_MS + 10_000)).toBe(false);
});

test("a fast attempt ends the pause", () => {
  const targets = new SlowTargets();
  targets.attempted("target", 10_000, NOW_MS);
  targets.attempted("target", 4999, NOW_MS);
  expect(targets.isPaused("target", NOW_MS)).toBe(false);
});
