import type { Session } from "../schemas/session.ts";

/** A session as the motion API shows it. */
export const sessionView = ({
  cameraId,
  state,
  sessionId,
  videoStartMs,
  maxDurationSeconds,
  ...rest
}: Session) => ({
  cameraId,
  state,
  sessionId,
  videoStartAt: new Date(videoStartMs).toISOString(),
  maxDurationSeconds,
  motionEndedAt:
    rest.motionEndedAtMs === undefined ? undefined : new Date(rest.motionEndedAtMs).toISOString(),
});
