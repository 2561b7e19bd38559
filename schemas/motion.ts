import * as v from "valibot";
import { maxDurationSeconds } from "./camera.ts";

/** Milliseconds below this are epoch seconds by mistake: as milliseconds they would lie in 1973 or before. */
const LEAST_PLAUSIBLE_MS = 100_000_000_000;

const epochMs = v.pipe(
  v.number(),
  v.integer("expected whole milliseconds"),
  v.minValue(
    LEAST_PLAUSIBLE_MS,
    ({ input }) => `${input} looks like epoch seconds; expected epoch milliseconds`,
  ),
);

const isoTime = v.pipe(
  v.string(),
  v.isoTimestamp("expected an ISO 8601 time with a zone, e.g. 2026-11-21T10:00:00.000Z"),
  v.transform((text) => Date.parse(text)),
);

/** Body of a motion start. Everything is optional: no body means motion began now. */
export const motionStart = v.strictObject({
  /** When motion began, in the camera's producer time: ISO 8601 or epoch milliseconds. Becomes epoch milliseconds. */
  at: v.optional(v.union([epochMs, isoTime], (issue) => messageOf(issue))),
  maxDurationSeconds: v.optional(maxDurationSeconds),
});

export type MotionStart = v.InferOutput<typeof motionStart>;

/** Body of a motion stop: nothing is needed, and `at` is when motion ended. */
export const motionStop = v.strictObject({ at: motionStart.entries.at });

export type MotionStop = v.InferOutput<typeof motionStop>;

/** The message of the alternative that the input was meant as. */
function messageOf({ input }: { input: unknown }): string {
  const meant = typeof input === "number" ? epochMs : typeof input === "string" ? isoTime : undefined;
  const result = meant && v.safeParse(meant as v.GenericSchema, input);
  return result?.issues?.[0]?.message ?? "expected an ISO 8601 time or epoch milliseconds";
}
