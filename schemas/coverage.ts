import * as v from "valibot";

const whole = v.pipe(v.number(), v.integer(), v.minValue(0));
/** Longer than any session, and within the lake's column. */
export const MAX_COVERED_SECONDS = 86_400;

export const GAP_REASONS = [
  "budget",
  "schedule",
  "late",
  "throttled",
  "processor-busy",
  "start-refused",
  "unanswered",
  "session-failed",
  "no-video",
  "camera-removed",
] as const;

export type GapReason = (typeof GAP_REASONS)[number];

/** `completed`: analysed; `failed`, `lost`: a session that analysed nothing or never told; `gap`: no session. */
export const COVERAGE_OUTCOMES = ["completed", "failed", "lost", "gap"] as const;

/**
 * An entry of the coverage ledger: a stretch of a camera's video and what became of it. The entries of a camera never
 * overlap, and together they cover every second of its motion.
 */
export const coverage = v.strictObject({
  type: v.literal("COVERAGE"),
  /** The same however often the entry is sent. */
  eventId: v.string(),
  cameraId: v.string(),
  outcome: v.picklist(COVERAGE_OUTCOMES),
  /** Why there is a gap, or what the engine said of a failure. */
  reason: v.optional(v.string()),
  sessionId: v.optional(v.string()),
  maxDurationSeconds: v.optional(v.pipe(whole, v.maxValue(MAX_COVERED_SECONDS))),
  /** Where the first session of its chain began: of those that follow each other without a gap. Absent for a gap. */
  chainFromMs: v.optional(whole),
  /** Producer times; where nothing was analysed by a failed session, both are its beginning. */
  fromMs: whole,
  untilMs: whole,
});

export type Coverage = v.InferOutput<typeof coverage>;
