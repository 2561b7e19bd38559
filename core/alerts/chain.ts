import type { AlertRecord } from "../../schemas/alert-record.ts";
import type { Run, Session } from "../../schemas/session.ts";
import { chainStartMsOf } from "../sessions/ledger.ts";

interface DetectedSession {
  readonly sessionId: string;
  /** Where the session was to begin, producer time; null if its notification does not say. */
  readonly startedAtMs: number | null;
  readonly detectedAtMs: number;
}

/** The chain of sessions to which a detection belongs. */
export interface Chain {
  /** Producer time at which it began, as its alert names it. */
  readonly startMs: number;
  /** Whether a later chain has begun. */
  readonly isPast: boolean;
}

/**
 * Finds the chain of a detection's session: the camera's current one, or an earlier one that has an alert, or else one that
 * begins with the session.
 * @param session the camera's record, which may be of a later session by now
 */
export function chainOf(
  detected: DetectedSession,
  session: Session | undefined,
  { alerts }: Pick<AlertRecord, "alerts">,
): Chain {
  const atMs = detected.startedAtMs ?? detected.detectedAtMs;
  const run = session?.run;
  const isPast = run !== undefined && !isOfChain(run, detected.sessionId, atMs);
  const startMs = run && !isPast ? chainStartMsOf(run) : atMs;
  const known = alerts.findLast(({ chainStartMs }) => chainStartMs <= startMs);
  // When a session ends, the begin of its chain moves to where the stream's video begins.
  const isKnown =
    known !== undefined &&
    (run && !isPast
      ? startMs <= known.lastDetectedAtMs
      : known.chainEndMs === undefined || startMs < known.chainEndMs);
  return {
    startMs: isKnown ? known.chainStartMs : startMs,
    isPast: isPast || alerts.some(({ chainStartMs }) => chainStartMs > startMs),
  };
}

const isOfChain = (run: Run, sessionId: string, atMs: number): boolean =>
  run.sessionId === sessionId || atMs >= chainStartMsOf(run);
