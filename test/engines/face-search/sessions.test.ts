import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import * as v from "valibot";
import { totalMs } from "../../../core/sessions/intervals.ts";
import { stopUnownedProcessors } from "../../../engines/face-search/sweep.ts";
import { streamProcessingComplete } from "../../../schemas/notification.ts";
import { FaceSearchWorld, named } from "./world.ts";

const completionsOf = (world: FaceSearchWorld) =>
  world.published.map((notification) => v.parse(streamProcessingComplete, notification));

async function started(world: FaceSearchWorld, maxDurationSeconds = 30) {
  const camera = world.addCamera();
  const { processorName, videoStartMs } = camera;
  const request = { processorName, videoStartMs, maxDurationSeconds };
  expect(await world.engine.start(request)).toMatchObject({ kind: "started" });
  return { ...camera, request };
}

describe("a session of face-search", () => {
  test("analyses what arrives while its processor runs; what was filmed before is a gap that says so", async () => {
    const world = new FaceSearchWorld();
    const { videoStartMs } = await started(world, 10);
    await world.pass(60_000);
    const [{ frameSampling, engine, inputInformation }] = completionsOf(world) as [
      ReturnType<typeof completionsOf>[number],
    ];
    expect(engine).toBe("face-search");
    // The processor runs after three seconds, which the check of the fourth second finds.
    const analysed = [{ fromMs: videoStartMs + 4000, untilMs: videoStartMs + 16_000 }];
    expect(frameSampling).toEqual({
      samples: null,
      longestGapMillis: null,
      analysed,
      gaps: [{ fromMs: videoStartMs, untilMs: videoStartMs + 4000, reason: "not-live" }],
    });
    expect(inputInformation.kinesisVideo.processedVideoDurationMillis).toBe(12_000);
    expect(world.runs.map(({ fromMs, untilMs }) => untilMs - fromMs)).toEqual([13_000]);
  });

  test("ends at the time at which it is stopped, when that comes", async () => {
    const world = new FaceSearchWorld();
    const { processorName, videoStartMs } = await started(world, 60);
    await world.pass(5000);
    expect(await world.engine.stop(processorName, videoStartMs + 12_000)).toBe("stopped");
    expect(await world.engine.stop(processorName, videoStartMs + 20_000)).toBe("stopped");
    await world.pass(20_000);
    expect(world.runs).toEqual([
      { name: processorName, fromMs: videoStartMs + 3000, untilMs: videoStartMs + 12_000 },
    ]);
    expect(completionsOf(world)[0]?.frameSampling?.analysed).toEqual([
      { fromMs: videoStartMs + 4000, untilMs: videoStartMs + 12_000 },
    ]);
  });

  test("of a processor that was stopped by someone else ends there", async () => {
    const world = new FaceSearchWorld();
    const { processorName } = await started(world, 60);
    await world.pass(10_000);
    await world.parts.stopProcessor(processorName);
    await world.pass(40_000);
    expect(completionsOf(world)).toHaveLength(1);
    expect(await world.engine.find(processorName)).toEqual({ kind: "stopped" });
  });

  test("whose start was lost is failed, and the processor that it may have started is found", async () => {
    const world = new FaceSearchWorld();
    const { processorName, videoStartMs } = world.addCamera();
    world.trouble.push({ call: "startProcessor", error: named("TimeoutError") });
    const request = { processorName, videoStartMs, maxDurationSeconds: 10 };
    await expect(world.engine.start(request)).rejects.toThrow("TimeoutError");
    expect(await world.engine.find(processorName)).toEqual({ kind: "running" });
    await world.pass(30_000);
    expect(await world.engine.find(processorName)).toMatchObject({ kind: "failed" });
    expect(world.published).toEqual([]);
  });

  test("stops a processor that runs without a session when the next one is refused because of it", async () => {
    const world = new FaceSearchWorld();
    const { processorName, request } = await started(world, 10);
    world.loseMessages();
    await world.pass(600_000);
    expect(world.isRunning(processorName)).toBe(true);
    expect(await world.engine.start(request)).toEqual({ kind: "processor-busy" });
    await world.pass(10_000);
    expect(world.isRunning(processorName)).toBe(false);
    expect(await world.engine.start(request)).toMatchObject({ kind: "started" });
  });

  test("that lost its checks is checked again when it is looked for", async () => {
    const world = new FaceSearchWorld();
    const { processorName } = await started(world, 10);
    world.loseMessages();
    await world.pass(600_000);
    expect(await world.engine.find(processorName)).toMatchObject({ kind: "failed" });
    await world.pass(10_000);
    expect(world.isRunning(processorName)).toBe(false);
  });

  test("is over in time, its processor stopped, whatever fails", async () => {
    const calls = ["find", "put", "schedule", "findProcessor", "stopProcessor", "fragments", "publish"];
    const troubles = fc.array(
      fc.record({
        afterSeconds: fc.integer({ min: 0, max: 40 }),
        call: fc.constantFrom(...calls, "startProcessor"),
        error: fc.constantFrom("ThrottlingException", "TimeoutError"),
      }),
      { maxLength: 6 },
    );
    await fc.assert(
      fc.asyncProperty(
        troubles,
        fc.integer({ min: 1, max: 30 }),
        fc.option(fc.integer({ min: 0, max: 40 })),
        async (given, maxDurationSeconds, stopAfterSeconds) => {
          const world = new FaceSearchWorld();
          const { processorName, videoStartMs } = world.addCamera({ videoMs: 600_000 });
          const request = { processorName, videoStartMs, maxDurationSeconds };
          for (let second = 0; second < 400; second++) {
            for (const { afterSeconds, call, error } of given)
              if (afterSeconds === second) world.trouble.push({ call, error: named(error) });
            if (second === 0) await world.engine.start(request).catch(() => {});
            if (second === stopAfterSeconds) await world.engine.stop(processorName).catch(() => {});
            await world.pass(1000);
          }
          world.trouble.length = 0;
          expect(world.isRunning(processorName)).toBe(false);
          expect(await world.engine.find(processorName)).not.toEqual({ kind: "running" });
          for (const { frameSampling } of completionsOf(world)) {
            const { analysed } = frameSampling!;
            expect(totalMs(analysed)).toBeLessThanOrEqual(
              world.runs.reduce((sum, { fromMs, untilMs }) => sum + untilMs - fromMs, 0),
            );
          }
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe("the sweep of face-search processors", () => {
  test("stops what runs without a session, and nothing else", async () => {
    const world = new FaceSearchWorld();
    const owned = await started(world, 120);
    const lost = await started(world, 10);
    const { processorName: byHand } = world.addCamera();
    const { processorName: labels } = world.addCamera();
    for (const name of [byHand, labels]) world.processors.set(name, { status: "STARTING", atMs: 0 });
    world.records.set(lost.processorName, { ...world.records.get(lost.processorName)!, dueAtMs: 0 });
    const slept: number[] = [];
    const stopped = await stopUnownedProcessors({
      ...world.parts,
      processorNames: async () => await Promise.resolve([...world.processors.keys()]),
      findProcessor: async (name) => {
        const found = await world.parts.findProcessor(name);
        return found && { ...found, isFaceSearch: name !== labels };
      },
      sleep: async (ms) => await Promise.resolve(void slept.push(ms)),
    });
    expect(stopped).toEqual([lost.processorName, byHand]);
    expect([owned.processorName, labels].map(world.isRunning)).toEqual([true, true]);
    expect(slept.every((ms) => ms > 1000)).toBe(true);
  });
});
