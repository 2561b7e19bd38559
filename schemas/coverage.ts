import * as v from "valibot";
import { ENGINES } from "./engine.ts";

const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
/** More than a session has, and within the lake's column. */
const MAX_SAMPLES = 1_000_000;
/** Longer than any session, and within the lake's column. */
const MAX_COVERED_SECONDS = 86_400;

/** Why motion was not analysed, in words; docs/motion-api.md has more of them. */
export const GAP_REASONS = {
  budget: "the day's budget was used up",
  schedule: "the camera was not armed",
  late: "reported, or its video arrived, after later video was analysed",
  throttled: "the engine accepted no more sessions or calls",
  "processor-busy": "the last session was still running",
  "start-refused": "the engine refused the start",
  unanswered: "the engine's responses were lost",
  "session-failed": "sessions started and failed",
  "no-video": "the stream had no video there when it was last listed",
  unreadable: "the stream had video, of which nothing could be analysed",
  unverified: "the stream could not be listed",
  "not-live": "the engine reads live video only, and this was recorded before its session ran",
  "all-detected": "the session had detected every label of the camera, and sampled no more",
  "camera-removed": "the camera is no longer registered",
} as const;

export type GapReason = keyof typeof GAP_REASONS;

/**
 * An entry of the coverage ledger: an interval of a camera's video and its outcome. The entries of a camera never overlap,
 * and together they cover every second of its motion.
 */
export const coverage = v.strictObject({
  type: v.literal("COVERAGE"),
  /** The same however often the entry is sent. */
  eventId: v.string(),
  cameraId: v.string(),
  /**
   * `completed`: analysed; `failed`: a session that analysed nothing; `lost`: a session whose end was never reported;
   * `gap`: no session.
   */
  outcome: v.picklist(["completed", "failed", "lost", "gap"]),
  /**
   * Why there is a gap, or the engine's reason for a failure. `unverified` for a completed session whose stream could not be
   * listed: its interval is then the processed duration from the requested start, wherever the video was.
   */
  reason: v.optional(v.string()),
  sessionId: v.optional(v.string()),
  /** What ran the session. Absent for a gap, and in entries of earlier versions: those are of the stream processor. */
  engine: v.optional(v.picklist(ENGINES)),
  maxDurationSeconds: v.optional(v.pipe(whole, v.maxValue(MAX_COVERED_SECONDS))),
  /** Where the first session of its chain began. A chain is of sessions without a gap between them. Absent for a gap. */
  chainFromMs: v.optional(whole),
  /** Where the session was to begin; at `fromMs` if absent. Its video may begin later, or a little earlier. */
  startMs: v.optional(whole),
  /** How much video the session analysed, as the engine reports it: of all entries of the session together. */
  processedMs: v.optional(whole),
  /** How many images the session sampled, of all its entries together. Absent if it analysed the video as a whole. */
  samples: v.optional(v.pipe(whole, v.maxValue(MAX_SAMPLES))),
  /** The longest video that one of its samples stands for. */
  longestGapMs: v.optional(whole),
  /** Producer times. For a session that analysed nothing, both are its start. */
  fromMs: whole,
  untilMs: whole,
});

export type Coverage = v.InferOutput<typeof coverage>;
