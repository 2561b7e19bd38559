import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { soakSize } from "../../support/soak.ts";
import { brokenRules } from "./rules.ts";
import { FramesWorld, type Trouble, type Upload } from "./world.ts";

/** How many worlds are played; each failure prints its seed and path. */
const WORLDS = soakSize(3000, 200);

const ms = (min: number, max: number) => fc.integer({ min, max });

const lateness = fc.oneof(
  { weight: 4, arbitrary: ms(0, 5000) },
  { weight: 1, arbitrary: ms(11_000, 200_000) },
);

/** Video in pieces, with holes and pauses between them, and from time to time much too late. */
const uploads: fc.Arbitrary<Upload[]> = fc
  .array(
    fc.record({
      pauseMs: fc.constantFrom(0, 0, 40, 900, 1100, 7000, 40_000),
      lengthMs: ms(1, 60_000),
      fragmentMs: fc.constantFrom(1000, 2000, 3500),
      lateMs: lateness,
    }),
    { maxLength: 4 },
  )
  .map((pieces) => {
    let fromMs = -3000;
    return pieces.map(({ pauseMs, lengthMs, fragmentMs, lateMs }) => {
      const upload = { fromMs: fromMs + pauseMs, untilMs: fromMs + pauseMs + lengthMs, fragmentMs, lateMs };
      fromMs = upload.untilMs;
      return upload;
    });
  });

const visible = fc.array(
  fc
    .tuple(fc.constantFrom("Person", "Dog", "Cat"), ms(-5000, 100_000), ms(1, 30_000))
    .map(([name, fromMs, lengthMs]) => ({ name, fromMs, untilMs: fromMs + lengthMs })),
  { maxLength: 4 },
);

const trouble: fc.Arbitrary<Partial<Trouble>> = fc.record(
  {
    crash: fc.constantFrom(0.002, 0.01),
    twice: fc.constantFrom(0.1, 1),
    throttle: fc.constantFrom(0.1, 0.5, 0.95),
    unreadable: fc.constantFrom(0.1, 0.5),
    unsendable: fc.constantFrom(0.3, 1),
    slowestMs: fc.constantFrom(1, 100, 2000),
  },
  { requiredKeys: [] },
);

test("whatever goes wrong, a session ends once, publishes each label once and accounts for all its video", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        camera: fc.record({
          labels: fc.constantFrom<Record<string, number>[]>(
            { PERSON: 50 },
            { PERSON: 50, PET: 50 },
            { PET: 50 },
          ),
          faces: fc.boolean(),
          whenAllDetected: fc.constantFrom("stop" as const, "continue" as const),
          maxSampleGapSeconds: fc.constantFrom(1, 2, 5, 60),
        }),
        uploads,
        visible,
        trouble,
        limit: fc.constantFrom(50, 50, 1, 0),
        seed: fc.nat(),
      }),
      fc.record({ videoStartMs: ms(-60_000, 20_000), seconds: ms(1, 120) }),
      fc.array(
        fc.record({ atMs: ms(1, 150_000), endMs: fc.option(ms(-10_000, 150_000), { nil: undefined }) }),
        {
          maxLength: 2,
        },
      ),
      async (options, { videoStartMs, seconds }, stops) => {
        const world = new FramesWorld(options);
        world.start(videoStartMs, seconds);
        for (const { atMs, endMs } of stops) world.stop(atMs, endMs);
        await world.play();
        const { crash = 0, throttle = 0, unreadable = 0 } = options.trouble;
        const expected = {
          isThrottled: throttle > 0 || options.limit < 50,
          isUnreadable: unreadable > 0,
          delayMs: crash > 0 ? 400_000 : 0,
        };
        expect(brokenRules(world, expected)).toEqual([]);
      },
    ),
    { numRuns: WORLDS },
  );
});
