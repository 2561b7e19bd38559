import * as v from "valibot";
import { severity } from "../severity.ts";
import { detection } from "./chains.ts";
import { chainId, engine, epochMs, interval, text } from "./values.ts";

/** A day of a camera, in the camera's time zone: what video there is, what moved, and what was analysed. */
export const day = v.strictObject({
  cameraId: text,
  /** `yyyy-MM-dd`. */
  date: text,
  timeZone: text,
  ...interval.entries,
  nowMs: epochMs,
  /** Video that the stream stores, or why that is not known. */
  video: v.variant("kind", [
    v.strictObject({ kind: v.literal("known"), intervals: v.array(interval) }),
    v.strictObject({ kind: v.literal("unknown"), reason: text }),
  ]),
  /** Motion, ascending: what the coverage ledger accounts for, and what is not accounted for yet. */
  motion: v.array(interval),
  /** What was analysed, by session. */
  analysed: v.array(
    v.strictObject({ ...interval.entries, chainId, sessionId: v.optional(text), engine: v.optional(engine) }),
  ),
  /** Motion that was not analysed, with the reason as the ledger has it and in words. */
  gaps: v.array(v.strictObject({ ...interval.entries, reason: text, words: text })),
  detections: v.array(v.strictObject({ chainId, ...detection.entries })),
  alerts: v.array(v.strictObject({ chainId, alertId: text, severity, ...interval.entries })),
  /** Whether rows were left out because the day has more of them than an answer may have. */
  isCut: v.boolean(),
});

export type Day = v.InferOutput<typeof day>;

const EXPECTED_DATE = "expected a date from 2000 on, e.g. 2026-11-21";

export const dayQuery = v.strictObject({
  /** Today by default. No video is of a year before 2000. */
  date: v.optional(
    v.pipe(v.string(), v.isoDate(EXPECTED_DATE), v.regex(/^[2-9]\d{3}-\d{2}-\d{2}$/, EXPECTED_DATE)),
  ),
});
