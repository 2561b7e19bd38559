import { expect, test } from "@jest/globals";
import { motionAnalysis } from "../../analysis/cost.ts";
import { cameraOf, FramesWorld } from "../../bench/frames-world.ts";

/** The calls of DetectLabels that the engine's steps make for one session of so many seconds. */
async function callsOf(seconds: number, settings: object, personAfterSeconds?: number): Promise<number> {
  const camera = cameraOf({ cameraId: "porch", maxDurationSeconds: seconds, ...settings });
  const world = new FramesWorld([camera], {
    callsPerSecond: 50,
    ...(personAfterSeconds !== undefined && { personAfterSeconds }),
  });
  const { processorName, maxDurationSeconds } = camera;
  const started = world.engine.start({ processorName, videoStartMs: world.startMs, maxDurationSeconds });
  await world.run();
  expect([(await started).kind, world.completed.length, world.failures]).toEqual(["started", 1, []]);
  return world.counts.detectLabels;
}

test.each([
  [20, 5],
  [60, 5],
  [60, 16],
  [30, 1],
])(
  "the samples in the costs of %d s with gaps up to %d s are those that the engine takes",
  async (seconds, maxSampleGapSeconds) => {
    const planned = motionAnalysis({ seconds, sessionSeconds: 120, maxSampleGapSeconds });
    expect(await callsOf(seconds, { maxSampleGapSeconds })).toBe(planned.samples);
  },
);

test("the samples in the costs of a motion whose labels are detected early are those that the engine takes", async () => {
  const planned = motionAnalysis({
    seconds: 60,
    sessionSeconds: 120,
    maxSampleGapSeconds: 5,
    detectedAfterSeconds: 2,
  });
  expect(await callsOf(60, { labels: { PERSON: 50 } }, 2)).toBe(planned.samples);
});
