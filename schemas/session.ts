import * as v from "valibot";
import { outgoing } from "./outgoing.ts";

const epochMs = v.pipe(v.number(), v.integer(), v.minValue(0));
const count = v.pipe(v.number(), v.integer(), v.minValue(0));

/** A stretch of video in producer time, epoch milliseconds; the end is no part of it. */
export const interval = v.strictObject({ fromMs: epochMs, untilMs: epochMs });

export type Interval = v.InferOutput<typeof interval>;

/** One run of the engine over a camera's video: the one that is asked for or at work, or the last there was. */
const run = v.strictObject({
  /** Counts a camera's calls for a session from 1, so that a late answer is told from the current call's. */
  attempt: count,
  processorName: v.string(),
  /** Producer time of the first video to analyse. */
  videoStartMs: epochMs,
  /** Where its chain began: of sessions that follow each other without a gap. Absent in records of earlier versions. */
  chainStartMs: v.optional(epochMs),
  maxDurationSeconds: v.number(),
  /** The day whose budget pays for it, `yyyy-MM-dd`. */
  day: v.string(),
  calledAtMs: epochMs,
  /** Rekognition's id of the session, known once it has answered. */
  sessionId: v.optional(v.string()),
  /** When the processor is looked at next. */
  checkAtMs: epochMs,
  /** When the session's end should have been told; beyond it the session may be lost. */
  dueAtMs: epochMs,
  /** How often it was found still at work after that. */
  overdueChecks: v.optional(count, 0),
  processedMs: v.optional(count),
  endedAtMs: v.optional(epochMs),
});

export type Run = v.InferOutput<typeof run>;

/** Starts and sessions that failed one after another: why the last one did, and when the next is tried. */
const retry = v.strictObject({
  reason: v.picklist([
    "throttled",
    "processor-busy",
    "start-refused",
    "unanswered",
    "session-failed",
    "no-video",
  ]),
  tries: count,
  /** How many of them were sessions that analysed nothing. */
  emptySessions: v.optional(count, 0),
  sinceMs: epochMs,
  /** Absent while a try is made. */
  atMs: v.optional(epochMs),
});

export type Retry = v.InferOutput<typeof retry>;

/** A camera's motion, its current or last session and what is still to be done about them: one item of the table. */
export const session = v.strictObject({
  cameraId: v.string(),
  /** Grows by one with every write; what the next write expects to find. */
  version: count,
  state: v.picklist(["idle", "starting", "running", "completed", "failed"]),
  run: v.optional(run),
  /** Motion that is neither analysed nor listed as a gap, ascending. */
  wanted: v.array(interval),
  /** Video that is: the latest stretches, ascending. No session begins before the last one's end. */
  accounted: v.array(interval),
  /** The latest ends of motion that the camera told, ascending. */
  stopsMs: v.array(epochMs),
  /** The latest beginning of motion that it told. */
  lastStartMs: v.optional(epochMs),
  /** What the latest motion asked for instead of the camera's own. */
  maxDurationSeconds: v.optional(v.number()),
  retry: v.optional(retry),
  /** What keeps the wanted motion from being analysed now. */
  blocked: v.optional(v.picklist(["schedule", "budget"])),
  /** What was analysed of a day's budget, reserved when a session is asked for. */
  budget: v.optional(
    // Not strict: records of earlier versions have the flag under another name.
    v.object({ day: v.string(), usedMs: count, isExhaustionReported: v.optional(v.boolean(), false) }),
  ),
  /** When the camera's allowance of reports is whole again. */
  allowanceFullAtMs: v.optional(epochMs),
  /** The latest webhooks that acted, by the fingerprint of their id and when they were sent, ascending. */
  webhooks: v.optional(v.array(v.strictObject({ id: v.string(), sentMs: epochMs })), []),
  /** Webhooks sent up to then act no more: some that acted are not in the list. */
  webhooksForgottenToMs: v.optional(epochMs),
  /** Sessions that have ended or are not the camera's, the latest last: their notifications change nothing. */
  pastSessionIds: v.array(v.string()),
  /** Why the last session or start failed. */
  failure: v.optional(v.string()),
  /** What is still to be told: sent at least once, then left out. */
  outbox: v.array(outgoing),
  /** When the record is to be looked at next; absent where nothing is to be done. */
  wakeAtMs: v.optional(epochMs),
});

export type Session = v.InferOutput<typeof session>;
