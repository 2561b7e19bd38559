/** When a session of the engine `face-search` is checked, and when it is over. Pure. */
import { MINUTE_MS, SECOND_MS } from "../../base/durations.ts";
import type { FaceSession } from "../../schemas/face-session.ts";

/** How long after its start a session is checked first. How long a processor is STARTING is not documented. */
export const FIRST_CHECK_MS = 2 * SECOND_MS;
/** How often a session is checked while its processor starts or stops. */
export const POLL_MS = 2 * SECOND_MS;
/** How often it is checked while its processor runs: a processor that fails says nothing. */
export const RUNNING_CHECK_MS = 30 * SECOND_MS;
/** How long a processor may be STARTING; it is stopped then. */
export const LONGEST_START_MS = MINUTE_MS;
/** How long after its start a processor may be STOPPED still: its start may not have reached Rekognition yet. */
export const UNSTARTED_MS = 20 * SECOND_MS;
/** How long a processor may be STOPPING. */
export const LONGEST_STOP_MS = 2 * MINUTE_MS;
/** A processor reads whole fragments: how long the first one may take to begin. */
const FIRST_FRAGMENT_MS = 2 * SECOND_MS;
/** A session whose next check is so long overdue has lost its message. */
const DEAD_AFTER_MS = 5 * MINUTE_MS;

/** Whether the session will not continue: its last message was lost, or failed too often. */
export const isDead = (session: FaceSession, nowMs: number): boolean =>
  nowMs - session.dueAtMs > DEAD_AFTER_MS;

/** The session once its processor runs. It ends after its longest duration, or when it was stopped. */
export const running = (session: FaceSession, nowMs: number): FaceSession => ({
  ...session,
  runningSinceMs: nowMs,
  endAtMs: Math.min(session.endAtMs, nowMs + FIRST_FRAGMENT_MS + session.maxDurationSeconds * SECOND_MS),
});
