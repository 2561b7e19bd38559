import { isActive } from "./ledger.ts";
import type { Session } from "../../schemas/session.ts";

/** A camera's session as the motion API shows it. */
export function sessionView(record: Session) {
  const { cameraId, state, run, wanted, retry, blocked, failure, stopsMs, lastStartMs = 0 } = record;
  const stoppedMs = stopsMs.at(-1);
  return {
    cameraId,
    state,
    sessionId: run?.sessionId,
    videoStartAt: isoOf(run?.videoStartMs),
    maxDurationSeconds: run?.maxDurationSeconds,
    /** Up to when motion is to be analysed, unless it is reported again or stopped before. */
    motionUntilAt: isoOf(wanted.at(-1)?.untilMs),
    motionEndedAt: isoOf(stoppedMs !== undefined && stoppedMs >= lastStartMs ? stoppedMs : undefined),
    /** What keeps the motion from being analysed now: `schedule` or `budget`. */
    notAnalysed: isActive(record) ? undefined : blocked,
    failure: state === "failed" ? failure : undefined,
    /** When a start that was throttled or failed is attempted again. */
    retryAt: isActive(record) ? undefined : isoOf(retry?.atMs),
  };
}

const isoOf = (epochMs: number | undefined): string | undefined =>
  epochMs === undefined ? undefined : new Date(epochMs).toISOString();
