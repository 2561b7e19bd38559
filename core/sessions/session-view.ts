import { isActive } from "./ledger.ts";
import type { SessionResponse } from "../../schemas/session-response.ts";
import type { Session } from "../../schemas/session.ts";

/** A camera's session as the motion API shows it. */
export function sessionView(record: Session): SessionResponse {
  const { cameraId, state, run, wanted, retry, blocked, failure, stopsMs, lastStartMs = 0 } = record;
  const stoppedMs = stopsMs.at(-1);
  return {
    cameraId,
    state,
    sessionId: run?.sessionId,
    videoStartAt: isoOf(run?.videoStartMs),
    maxDurationSeconds: run?.maxDurationSeconds,
    motionUntilAt: isoOf(wanted.at(-1)?.untilMs),
    motionEndedAt: isoOf(stoppedMs !== undefined && stoppedMs >= lastStartMs ? stoppedMs : undefined),
    notAnalysed: isActive(record) ? undefined : blocked,
    failure: state === "failed" ? failure : undefined,
    retryAt: isActive(record) ? undefined : isoOf(retry?.atMs),
  };
}

const isoOf = (epochMs: number | undefined): string | undefined =>
  epochMs === undefined ? undefined : new Date(epochMs).toISOString();
