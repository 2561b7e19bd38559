import * as v from "valibot";
import { maxDurationSeconds } from "./camera.ts";

/** Smaller numbers are epoch seconds by mistake: as milliseconds they would lie in 1973 or before. */
const LEAST_PLAUSIBLE_MS = 100_000_000_000;
/** The latest time that JavaScript can represent. */
const LATEST_MS = 8_640_000_000_000_000;

const epochMs = v.pipe(
  v.number(),
  v.integer("expected whole milliseconds"),
  v.minValue(
    LEAST_PLAUSIBLE_MS,
    ({ input }) => `${input} looks like epoch seconds; expected epoch milliseconds`,
  ),
  v.maxValue(LATEST_MS, ({ input }) => `${input} is no time; expected epoch milliseconds`),
);

const isoTime = v.pipe(
  v.string(),
  v.isoTimestamp("expected an ISO 8601 time with a zone, e.g. 2026-11-21T10:00:00.000Z"),
  // The form allows offsets that JavaScript does not read, e.g. "+23".
  v.check(
    (text) => Number.isFinite(Date.parse(text)),
    "expected a time with an offset of hours and minutes, e.g. +01:00",
  ),
  v.transform((text) => Date.parse(text)),
);

/**
 * A signature covers the body, but not the address. A sender that signs what it reports binds the request to its address:
 * nobody who holds it back can send it to the other one.
 */
const bound = <Verb extends "start" | "stop">(verb: Verb) =>
  v.optional(v.literal(verb, `expected "${verb}" at the address /motion/${verb}`));

/** Body of a motion start. Everything is optional: without a body, motion starts now. */
export const motionStart = v.strictObject({
  /** When motion started, in the camera's producer time: ISO 8601 or epoch milliseconds. Parsed to epoch milliseconds. */
  at: v.optional(v.union([epochMs, isoTime], (issue) => messageOf(issue))),
  maxDurationSeconds: v.optional(maxDurationSeconds),
  /** What the request reports; it must fit the address. */
  motion: bound("start"),
});

export type MotionStart = v.InferOutput<typeof motionStart>;

/** Body of a motion stop. `at`, when motion ended, is optional. */
export const motionStop = v.strictObject({ at: motionStart.entries.at, motion: bound("stop") });

export type MotionStop = v.InferOutput<typeof motionStop>;

/** The message of the alternative that has the input's type. */
function messageOf({ input }: { input: unknown }): string {
  const meant = typeof input === "number" ? epochMs : typeof input === "string" ? isoTime : undefined;
  const result = meant && v.safeParse(meant as v.GenericSchema, input);
  return (
    result?.issues?.[0]?.message ??
    "expected an ISO 8601 time or epoch milliseconds, e.g. 2026-11-21T10:00:00.000Z"
  );
}
