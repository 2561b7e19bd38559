import { describe, expect, test } from "@jest/globals";
import { motionRequests } from "../../operator/report-motion.ts";

describe("motionRequests", () => {
  test("cover exactly the intervals, in pieces of the camera's motion timeout", () => {
    const safe = [
      { fromMs: 1000, toMs: 41_000 },
      { fromMs: 100_000, toMs: 245_000 },
    ];
    expect(motionRequests(safe, 60)).toEqual([
      { verb: "start", atMs: 1000 },
      { verb: "stop", atMs: 41_000 },
      { verb: "start", atMs: 100_000 },
      { verb: "start", atMs: 160_000 },
      { verb: "start", atMs: 220_000 },
      { verb: "stop", atMs: 245_000 },
    ]);
    expect(motionRequests([{ fromMs: 0, toMs: 60_000 }], 60)).toEqual([
      { verb: "start", atMs: 0 },
      { verb: "stop", atMs: 60_000 },
    ]);
    expect(motionRequests([], 60)).toEqual([]);
  });
});
