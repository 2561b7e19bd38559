import type { AlertRecord } from "../../schemas/alert-record.ts";
import type { Session } from "../../schemas/session.ts";
import { chainStartMsOf } from "../sessions/ledger.ts";
import type { Detection } from "./match.ts";

type DetectedSession = Pick<Detection, "sessionId" | "sessionStartedAtMs" | "detectedAtMs">;

/** The chain of sessions to which a detection belongs. */
export interface Chain {
  /** Producer time at which it began, as its alert names it. */
  readonly startMs: number;
  /** Whether a later chain has begun. */
  readonly isPast: boolean;
}

/**
 * Finds the chain of a detection's session: the camera's current one, or an earlier one that has an alert, or else one that
 * begins with the session. When the first session of a chain ends, the record moves the chain's begin to where the stream's
 * video begins, so a chain is known by what was detected in it, not by its begin alone.
 * @param session the camera's record, which may be of a later session by now
 */
export function chainOf(
  { sessionId, sessionStartedAtMs, detectedAtMs }: DetectedSession,
  session: Session | undefined,
  { alerts }: Pick<AlertRecord, "alerts">,
): Chain {
  const run = session?.run;
  const isCurrent = run !== undefined && (run.sessionId === sessionId || detectedAtMs >= chainStartMsOf(run));
  const beganMs = isCurrent ? chainStartMsOf(run) : (sessionStartedAtMs ?? detectedAtMs);
  const known = alerts.findLast(({ chainStartMs }) => chainStartMs <= detectedAtMs);
  const isKnown =
    known !== undefined &&
    (isCurrent
      ? beganMs <= known.lastDetectedAtMs
      : known.chainEndMs === undefined || detectedAtMs < known.chainEndMs);
  const startMs = isKnown ? known.chainStartMs : beganMs;
  return {
    startMs,
    isPast: (run !== undefined && !isCurrent) || alerts.some(({ chainStartMs }) => chainStartMs > startMs),
  };
}
