/** When a session of the engine `frames` samples which moments of its video, and when it gives up. Pure. */
import { backoffMs } from "../../base/backoff.ts";
import { MINUTE_MS, SECOND_MS } from "../../base/durations.ts";
import { sampleGapMs } from "../../core/sampling/gaps.ts";
import { LONGEST_PAUSE_MS } from "../../core/sessions/intervals.ts";
import type { FrameSession, Sample } from "../../schemas/frame-session.ts";

/** A session whose next step is so long overdue has lost its message. */
const DEAD_AFTER_MS = 10 * MINUTE_MS;
/** A session ends so long after its video at the latest: before its end counts as lost. */
const LONGEST_DELAY_MS = 5 * MINUTE_MS;
/** How long a session waits for video without any progress: as long as a stream processor of the local cloud. */
const LONGEST_SILENCE_MS = 25 * SECOND_MS;
/** How often it checks meanwhile: often at first, when the video is only on its way. */
const POLL_MS = { shortest: 2 * SECOND_MS, longest: 5 * SECOND_MS };
/** For a call that was refused. */
const RETRY_BACKOFF = { minMs: SECOND_MS, baseMs: 2 * SECOND_MS, maxMs: 20 * SECOND_MS };
/** Refused calls widen the next interval at most to 2 ** 3 times. */
const MOST_DOUBLINGS = 3;

/** How far the camera's clock is ahead of ours, as far as the session's start shows: no video is of the future. */
const clockLeadMs = ({ videoStartMs, startedAtMs }: FrameSession): number =>
  Math.max(0, videoStartMs - startedAtMs);

/** The camera's time, when ours is `nowMs`. */
export const cameraTimeMs = (session: FrameSession, nowMs: number): number => nowMs + clockLeadMs(session);

/** When a moment of the video is due, by our clock. */
export const dueAtMs = (session: FrameSession, atMs: number): number => atMs - clockLeadMs(session);

/** Whether the session will not continue: its last message was lost, or failed too often. */
export const isDead = (session: FrameSession, nowMs: number): boolean =>
  nowMs - session.dueAtMs > DEAD_AFTER_MS;

/** Whether the session has to end with what it has, because its video was over minutes ago. */
export const isOverdue = (session: FrameSession, nowMs: number): boolean =>
  nowMs >= Math.max(session.startedAtMs, dueAtMs(session, session.videoEndMs)) + LONGEST_DELAY_MS;

/**
 * Whether the session samples no more, because it has detected each of the camera's labels. One that searches faces goes on:
 * the first image of a person often shows no face.
 */
export const isSatisfied = ({ whenAllDetected, faces, labels, detected }: FrameSession): boolean =>
  whenAllDetected === "stop" && !faces && Object.keys(labels).every((label) => detected.includes(label));

/** Whether there is another moment to sample. */
export const hasMoment = (session: FrameSession): boolean =>
  session.nextAtMs < session.videoEndMs && !isSatisfied(session);

/** The session after its next moment was sampled. */
export function sampled(
  session: FrameSession,
  outcome: Exclude<Sample["outcome"], "no-video">,
): FrameSession {
  const samples = [...session.samples, { atMs: session.nextAtMs, outcome }];
  const seen = samples.filter((one) => one.outcome !== "no-video").length;
  const doublings = Math.min(session.refusals, MOST_DOUBLINGS);
  const gapMs = sampleGapMs(seen, session.maxSampleGapSeconds) * 2 ** doublings;
  return {
    ...withoutWaiting(session),
    samples,
    nextAtMs: session.nextAtMs + gapMs,
    refusals: Math.max(0, doublings - 1),
  };
}

/** The session whose next moment has no video, but the stream has video from `videoAtMs` on. */
export function skipped(session: FrameSession, videoAtMs: number): FrameSession {
  const { samples, nextAtMs } = session;
  const isPause = videoAtMs - nextAtMs <= LONGEST_PAUSE_MS;
  return {
    ...withoutWaiting(session),
    samples: isPause ? samples : [...samples, { atMs: nextAtMs, outcome: "no-video" }],
    nextAtMs: videoAtMs,
  };
}

/** The session whose next moment is sampled again, because a call was refused. @param random 0 up to but not including 1 */
export function refused(session: FrameSession, nowMs: number, random: number): FrameSession {
  const refusals = session.refusals + 1;
  return {
    ...withoutWaiting(session),
    refusals,
    dueAtMs: nowMs + backoffMs(refusals, random, RETRY_BACKOFF),
  };
}

/**
 * The session that waits for video, with the time of its next check. Video that comes nearer to what it waits for is
 * progress; what comes after that is none.
 * @param forMs producer time of the video that it waits for
 * @param storedUntilMs producer time at which the stream's video ends
 */
export function waiting(
  session: FrameSession,
  { forMs, storedUntilMs }: { forMs: number; storedUntilMs: number },
  nowMs: number,
): FrameSession {
  const beforeMs = session.storedUntilMs ?? 0;
  const isProgress = storedUntilMs > beforeMs && beforeMs <= forMs;
  const sinceMs = isProgress ? nowMs : (session.waitingSinceMs ?? nowMs);
  const pollMs = Math.round((nowMs - sinceMs) / 3);
  return {
    ...session,
    waitingSinceMs: sinceMs,
    storedUntilMs: Math.max(beforeMs, storedUntilMs),
    dueAtMs: nowMs + Math.min(Math.max(pollMs, POLL_MS.shortest), POLL_MS.longest),
  };
}

/** Whether a session that `waiting` returned has waited long enough. */
export const hasWaited = ({ waitingSinceMs }: FrameSession, nowMs: number): boolean =>
  waitingSinceMs !== undefined && nowMs - waitingSinceMs >= LONGEST_SILENCE_MS;

function withoutWaiting(session: FrameSession): FrameSession {
  const { waitingSinceMs: _, storedUntilMs: __, ...rest } = session;
  return rest;
}
