import type { AlertRecord } from "../../schemas/alert-record.ts";
import type { Session } from "../../schemas/session.ts";

interface DetectedSession {
  readonly sessionId: string;
  /** Where the session was to begin, producer time; null if its notification does not say. */
  readonly startedAtMs: number | null;
  readonly detectedAtMs: number;
}

/**
 * Where the chain of a detection's session began, producer time: of the camera's current session, of an earlier one that an
 * alert is known of, or else the session's own begin.
 * @param session the camera's record, which may be of a later session by now
 */
export function chainStartOf(
  { sessionId, startedAtMs, detectedAtMs }: DetectedSession,
  session: Session | undefined,
  { alerts }: Pick<AlertRecord, "alerts">,
): number {
  const atMs = startedAtMs ?? detectedAtMs;
  const run = session?.run;
  const currentMs = run && (run.chainStartMs ?? run.videoStartMs);
  if (currentMs !== undefined && (run!.sessionId === sessionId || atMs >= currentMs)) return currentMs;
  const known = alerts.findLast(({ chainStartMs }) => chainStartMs <= atMs);
  return known && (known.endedAtMs === undefined || atMs <= known.lastDetectedAtMs)
    ? known.chainStartMs
    : atMs;
}
