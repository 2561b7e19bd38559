/** When a session of the engine `frames` samples which moments of its video. Pure. */
import { MINUTE_MS } from "../../base/durations.ts";
import type { FrameSession } from "../../schemas/frame-session.ts";

/** A session whose next step is so long overdue has lost its message. */
const DEAD_AFTER_MS = 10 * MINUTE_MS;

/** How far the camera's clock is ahead of ours, as far as the start of the session says: no video is of the future. */
const clockLeadMs = ({ videoStartMs, startedAtMs }: FrameSession): number =>
  Math.max(0, videoStartMs - startedAtMs);

/** The camera's time, when ours is `nowMs`. */
export const cameraTimeMs = (session: FrameSession, nowMs: number): number => nowMs + clockLeadMs(session);

/** When a moment of the video is due, by our clock. */
export const dueAtMs = (session: FrameSession, atMs: number): number => atMs - clockLeadMs(session);

/** Whether the session will not continue: its last message was lost, or failed too often. */
export const isDead = (session: FrameSession, nowMs: number): boolean =>
  nowMs - session.dueAtMs > DEAD_AFTER_MS;
