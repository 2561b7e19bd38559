import * as v from "valibot";
import { DEFAULT_ENGINE, ENGINES } from "./engine.ts";
import { outgoing } from "./outgoing.ts";

/**
 * Partitions of the index of the records that are due: each accepts 1,000 writes a second (documented: DynamoDB, partitions),
 * a fleet needs more.
 */
export const WAKE_SHARDS: readonly string[] = Array.from({ length: 16 }, (_, shard) => String(shard));

const epochMs = v.pipe(v.number(), v.integer(), v.minValue(0));
const count = v.pipe(v.number(), v.integer(), v.minValue(0));

/** An interval of video in producer time, epoch milliseconds; its end is exclusive. */
const interval = v.strictObject({ fromMs: epochMs, untilMs: epochMs });

export type Interval = v.InferOutput<typeof interval>;

/** One run of the engine over a camera's video: the requested or running one, or the last one. */
const run = v.strictObject({
  /** Counts a camera's starts from 1, which distinguishes a late result from the current start's. */
  attempt: count,
  /** What runs it. */
  engine: v.optional(v.picklist(ENGINES), DEFAULT_ENGINE),
  processorName: v.string(),
  /** Its Kinesis video stream. Absent in records of earlier versions. */
  streamName: v.optional(v.string()),
  /** Producer time of the first video to analyse. */
  videoStartMs: epochMs,
  /** Where its chain began, of sessions without a gap between them. Absent in records of earlier versions. */
  chainStartMs: v.optional(epochMs),
  maxDurationSeconds: v.number(),
  /** The day to whose budget it is charged, `yyyy-MM-dd`. */
  day: v.string(),
  /** What a sample of it spends of the budget at least, if it is sampled. */
  sampleShareMs: v.optional(v.number()),
  calledAtMs: epochMs,
  /** The engine's id of the session, once the start has returned. */
  sessionId: v.optional(v.string()),
  /** When the run is checked next. */
  checkAtMs: epochMs,
  /** When the session's end should have been reported; after that the session may be lost. */
  dueAtMs: epochMs,
  /** How often it was still running after that. */
  overdueChecks: v.optional(count, 0),
  /** Producer time at which it was stopped, since its motion ended. */
  stopMs: v.optional(epochMs),
  processedMs: v.optional(count),
  endedAtMs: v.optional(epochMs),
  /** How often the video of the ended session was listed without a whole result. */
  readTries: v.optional(count),
  /**
   * What its notification says of its video, if it does: how many images were analysed and the longest video that one of them
   * stands for, of `frames` alone.
   */
  sampled: v.optional(
    v.strictObject({
      samples: v.optional(count),
      longestGapMs: v.optional(count),
      /** Up to where it is final what was analysed. */
      untilMs: epochMs,
    }),
  ),
  /** Up to where its video was analysed, once that is entered. */
  videoEndMs: v.optional(epochMs),
});

export type Run = v.InferOutput<typeof run>;

/**
 * Starts and sessions that failed one after another: the last one's reason, and when the next attempt is due. The next
 * attempt is a start; for `no-video`, it is a check whether the stream has video by now.
 */
const retry = v.strictObject({
  reason: v.picklist([
    "throttled",
    "processor-busy",
    "start-refused",
    "unanswered",
    "session-failed",
    "no-video",
    "unreadable",
  ]),
  tries: count,
  /** How many of the attempts were sessions that analysed nothing. */
  emptySessions: v.optional(count, 0),
  sinceMs: epochMs,
  /** How often in a row the stream could not be listed. */
  failedReads: v.optional(count),
  /** Absent during an attempt. */
  atMs: v.optional(epochMs),
});

export type Retry = v.InferOutput<typeof retry>;

/** A camera's motion, its current or last session and what is still to do for them: one item of the table. */
export const session = v.strictObject({
  cameraId: v.string(),
  /** Grows by one with every write, which makes the next write conditional. */
  version: count,
  state: v.picklist(["idle", "starting", "running", "completed", "failed"]),
  run: v.optional(run),
  /** Motion that is neither analysed nor entered as a gap, ascending. */
  wanted: v.array(interval),
  /** The latest intervals of video that is, ascending. No session starts before the end of the last one. */
  accounted: v.array(interval),
  /** The latest motion stops, ascending. */
  stopsMs: v.array(epochMs),
  /** The latest motion start. */
  lastStartMs: v.optional(epochMs),
  /** Replaces the camera's own setting, by the latest motion request. */
  maxDurationSeconds: v.optional(v.number()),
  retry: v.optional(retry),
  /** What keeps the wanted motion from being analysed now. */
  blocked: v.optional(v.picklist(["schedule", "budget"])),
  /** What is used of a day's budget; a session's share is reserved when its start is requested. */
  budget: v.optional(
    // Not strict: records of earlier versions have the flag under another name.
    v.object({ day: v.string(), usedMs: count, isExhaustionReported: v.optional(v.boolean(), false) }),
  ),
  /** When the camera's allowance of requests is full again. */
  allowanceFullAtMs: v.optional(epochMs),
  /** The latest webhooks that acted: a hash of their id and when they were sent, ascending. */
  webhooks: v.optional(v.array(v.strictObject({ id: v.string(), sentMs: epochMs })), []),
  /** Webhooks sent until then no longer act: some of those that acted are not in the list. */
  webhooksForgottenToMs: v.optional(epochMs),
  /** Sessions that have ended or are not the camera's current one, the latest last: their notifications change nothing. */
  pastSessionIds: v.array(v.string()),
  /** Why the last session or start failed. */
  failure: v.optional(v.string()),
  /** What is still to be delivered, at least once. */
  outbox: v.array(outgoing),
  /** When the next wake-up is due; absent when nothing is left to do. */
  wakeAtMs: v.optional(epochMs),
});

export type Session = v.InferOutput<typeof session>;
