import type { Camera } from "../schemas/camera.ts";
import type { Session } from "../schemas/session.ts";

/** Video older than this is not analysed: a camera's clock is wrong, or the motion is long past. */
export const MAX_MOTION_AGE_MS = 24 * 3_600_000;
/** How far ahead of ours a camera's clock may be. */
export const MAX_CLOCK_LEAD_MS = 60_000;
/** A start that was not confirmed within this time counts as lost. */
const START_DEADLINE_MS = 30_000;
/** How long after its video a session may take to say that it is complete. */
const COMPLETION_GRACE_MS = 120_000;

const MILLISECONDS_PER_SECOND = 1000;

export interface MotionBegan {
  /** Producer time at which motion began; now when the camera did not say. */
  readonly atMs?: number | undefined;
  readonly maxDurationSeconds?: number | undefined;
}

export type StartDecision =
  /** Motion is already being analysed. */
  | { readonly kind: "already-running"; readonly session: Session }
  /** Claim this record, then start. `replaces` is what the claim expects to find. */
  | { readonly kind: "start"; readonly session: Session; readonly replaces: Session | undefined };

/** Whether a session still holds its camera at this time. */
export const isActive = (session: Session | undefined, nowMs: number): session is Session =>
  session !== undefined &&
  (session.state === "starting" || session.state === "running") &&
  nowMs < session.lostAtMs;

/**
 * What a camera's motion asks for: a camera has at most one running session.
 * @param attemptId a new id for the record, should a session start
 */
export function decideStart(
  current: Session | undefined,
  camera: Camera,
  motion: MotionBegan,
  nowMs: number,
  attemptId: string,
): StartDecision {
  if (isActive(current, nowMs)) return { kind: "already-running", session: current };
  const session: Session = {
    cameraId: camera.cameraId,
    attemptId,
    state: "starting",
    processorName: camera.processorName,
    videoStartMs: motion.atMs ?? nowMs,
    maxDurationSeconds: motion.maxDurationSeconds ?? camera.maxDurationSeconds,
    requestedAtMs: nowMs,
    lostAtMs: nowMs + START_DEADLINE_MS,
  };
  return { kind: "start", session, replaces: current };
}

/** The record of a session that Rekognition has started. */
export function started(session: Session, sessionId: string, nowMs: number): Session {
  const videoEndsMs =
    Math.max(nowMs, session.videoStartMs) + session.maxDurationSeconds * MILLISECONDS_PER_SECOND;
  return { ...session, state: "running", sessionId, lostAtMs: videoEndsMs + COMPLETION_GRACE_MS };
}

/** The record of a session that could not be started. */
export const failed = (session: Session, failure: string, nowMs: number): Session => ({
  ...session,
  state: "failed",
  failure,
  endedAtMs: nowMs,
});

export type StopDecision =
  | { readonly kind: "nothing-running"; readonly session: Session | undefined }
  | { readonly kind: "motion-ended"; readonly session: Session };

/** What the end of motion asks for: the session runs out by itself, a later session starts only with new motion. */
export function decideStop(current: Session | undefined, atMs: number, nowMs: number): StopDecision {
  if (!isActive(current, nowMs)) return { kind: "nothing-running", session: current };
  return { kind: "motion-ended", session: { ...current, motionEndedAtMs: current.motionEndedAtMs ?? atMs } };
}

export type CloseDecision =
  | { readonly kind: "complete"; readonly session: Session }
  /** The session is starting and its id not yet recorded: ask again. */
  | { readonly kind: "not-yet-known" }
  /** A duplicate, or the end of a session that is not the camera's current one. */
  | { readonly kind: "ignore"; readonly reason: string };

/** What Rekognition's word that a session is complete asks for. Duplicates and late ones change nothing. */
export function decideClose(
  current: Session | undefined,
  complete: { readonly sessionId: string; readonly processedMs: number },
  nowMs: number,
): CloseDecision {
  if (!current) return { kind: "ignore", reason: "the camera has no session" };
  if (current.sessionId === undefined && isActive(current, nowMs)) return { kind: "not-yet-known" };
  if (current.sessionId !== complete.sessionId)
    return { kind: "ignore", reason: "it is not the camera's current session" };
  if (current.state === "completed") return { kind: "ignore", reason: "the session is already completed" };
  const { failure: _, ...rest } = current;
  const session: Session = {
    ...rest,
    state: "completed",
    processedMs: complete.processedMs,
    endedAtMs: nowMs,
  };
  return { kind: "complete", session };
}
