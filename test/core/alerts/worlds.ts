import fc from "fast-check";
import { ANNA, BEN } from "./support.ts";
import type { AlertWorldOptions, ChainOfSessions, Notification, SeenFaces } from "./world.ts";

const CAMERAS = ["front-door", "back-yard"];
const TARGETS = ["phone", "house", "mail"];
const ms = (min: number, max: number) => fc.integer({ min, max });

/** Mostly at once; sometimes late, too late, or after it is forgotten. */
const arrival = fc.oneof(
  { weight: 12, arbitrary: ms(0, 2000) },
  { weight: 1, arbitrary: ms(20_000, 290_000) },
  { weight: 1, arbitrary: ms(290_000, 400_000) },
);

const notification: fc.Arbitrary<Notification> = fc.record({
  afterMs: ms(0, 30_000),
  labels: fc.uniqueArray(
    fc.record({
      label: fc.constantFrom("PERSON", "PET", "PACKAGE"),
      confidence: fc.constantFrom(null, 55, 70, 90),
    }),
    { minLength: 1, maxLength: 2, selector: ({ label }) => label },
  ),
  arrivesAfterMs: fc.oneof(
    { weight: 3, arbitrary: fc.tuple(arrival) },
    { weight: 1, arbitrary: fc.tuple(arrival, fc.oneof(arrival, ms(600_000, 1_200_000))) },
  ),
  pictureAfterMs: fc.oneof(
    { weight: 4, arbitrary: fc.constant(0) },
    { weight: 2, arbitrary: ms(0, 8000) },
    { weight: 1, arbitrary: ms(8000, 150_000) },
    { weight: 1, arbitrary: fc.constant(null) },
  ),
});

const faces: fc.Arbitrary<SeenFaces> = fc.record({
  afterMs: ms(0, 120_000),
  persons: fc.uniqueArray(fc.constantFrom(ANNA, BEN, "unknown"), { minLength: 1, maxLength: 2 }),
  arrivesAfterMs: fc.oneof(
    { weight: 3, arbitrary: fc.tuple(arrival) },
    { weight: 1, arbitrary: fc.tuple(arrival, fc.oneof(arrival, ms(600_000, 1_200_000))) },
  ),
});

const chain: fc.Arbitrary<ChainOfSessions> = fc.record({
  pauseMs: fc.constantFrom(5000, 20_000, 90_000, 400_000),
  sessions: fc.array(
    fc.record({
      lengthMs: fc.constantFrom(10_000, 30_000, 120_000, 120_000),
      notifications: fc.array(notification, { maxLength: 2 }),
      faces: fc.array(faces, { maxLength: 2 }),
    }),
    { minLength: 1, maxLength: 7 },
  ),
  reportedAfterMs: fc.oneof(
    { weight: 5, arbitrary: fc.tuple(ms(100, 4000)) },
    { weight: 1, arbitrary: fc.tuple(ms(100, 4000), ms(100, 100_000)) },
    { weight: 1, arbitrary: fc.constant([]) },
  ),
  hasLead: fc.boolean(),
});

const rules = fc
  .array(
    fc.record({
      cameras: fc.option(fc.constantFrom(["front-door"], CAMERAS), { nil: undefined }),
      labels: fc.constantFrom<Record<string, number>[]>(
        { PERSON: 60 },
        { PERSON: 0, PET: 0 },
        { PACKAGE: 0 },
        { PERSON: 80, PET: 50, PACKAGE: 50 },
      ),
      persons: fc.constantFrom<(string[] | undefined)[]>(
        undefined,
        undefined,
        undefined,
        ["known"],
        ["unknown"],
        [ANNA, "unknown"],
      ),
      severity: fc.constantFrom("info" as const, "warning" as const, "critical" as const),
      cooldownSeconds: fc.constantFrom(0, 30, 300, 900),
      maxPerHour: fc.constantFrom(1, 2, 20),
      targets: fc.subarray(TARGETS),
      packageReminderMinutes: fc.constantFrom(undefined, undefined, 2, 40),
      enabled: fc.constantFrom(true, true, true, true, false),
    }),
    { minLength: 1, maxLength: 3 },
  )
  .map((given) => given.map((rule, index) => ({ ruleId: `rule-${index}`, ...rule })));

const snoozes = fc.array(
  fc.record({
    of: fc.oneof(
      fc.constantFrom(...CAMERAS).map((id) => ({ kind: "camera" as const, id })),
      fc.constantFrom("rule-0", "rule-1").map((id) => ({ kind: "rule" as const, id })),
    ),
    fromMs: ms(0, 300_000),
    forMs: ms(1, 400_000),
  }),
  { maxLength: 2 },
);

export const worlds: fc.Arbitrary<AlertWorldOptions> = fc.record({
  cameras: fc.record({
    "front-door": fc.array(chain, { minLength: 1, maxLength: 5 }),
    "back-yard": fc.array(chain, { maxLength: 2 }),
  }),
  rules,
  snoozes,
  armedSinceMs: fc.constantFrom(-1000, -1000, 60_000),
  packageFromMs: ms(0, 300_000),
  packageUntilMs: ms(0, 3_000_000),
  trouble: fc.oneof(
    fc.record({ slowestMs: fc.constantFrom(1, 100) }),
    fc.record(
      {
        crash: fc.constantFrom(0.01, 0.05),
        refuse: fc.constantFrom(0.1, 0.6),
        twice: fc.constantFrom(0.2),
        fail: fc.constantFrom(0.3, 1),
        slowestMs: fc.constantFrom(1, 100, 1000),
      },
      { requiredKeys: [] },
    ),
  ),
  seed: fc.nat(),
});
