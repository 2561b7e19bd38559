import { isThrottling } from "../../aws/throttling.ts";
import type { SessionMessage } from "../../schemas/engine-session.ts";
import type { FaceSession } from "../../schemas/face-session.ts";
import { analysedOf, processingComplete } from "./notification.ts";
import { isRunning, type CheckParts } from "./parts.ts";
import * as times from "./times.ts";

/** How often a check is done anew because another writer was faster. */
const MAX_ATTEMPTS = 5;

/**
 * Checks a session: notes since when its processor runs, stops the processor when the session is over, and publishes the end
 * once it has stopped. Sends the message of the next check before it writes the record, so a check that dies between the two
 * leaves a message that does it again. The message of a check that was done changes nothing.
 * @throws the error of the part that failed; the message is then to be received again
 */
export async function runCheck(parts: CheckParts, message: SessionMessage): Promise<void> {
  const { processorName, sessionId } = message;
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const session = await parts.sessions.find(processorName);
    if (session?.sessionId !== sessionId || message.step < session.step) return;
    if (session.wasBusy) return await stopUnowned(parts, processorName);
    if (session.state !== "running") return;
    const next = {
      ...(await advanced(parts, session)),
      version: session.version + 1,
      step: session.step + 1,
    };
    if (next.state === "running")
      await parts.schedule(
        { processorName, sessionId, step: next.step },
        Math.max(0, next.dueAtMs - parts.now()),
      );
    if (await parts.sessions.put(next)) return;
  }
  throw new Error(
    `session ${sessionId} of ${processorName} changed ${MAX_ATTEMPTS} times while it was checked`,
  );
}

/** Stops a processor that runs without a session. */
async function stopUnowned(parts: CheckParts, processorName: string): Promise<void> {
  const found = await parts.findProcessor(processorName);
  if (found && isRunning(found)) await parts.stopProcessor(processorName);
}

/** The session after a check, with the time of its next one. */
async function advanced(parts: CheckParts, session: FaceSession): Promise<FaceSession> {
  try {
    const found = await parts.findProcessor(session.processorName);
    const nowMs = parts.now();
    if (!found) return failed(session, `the stream processor ${session.processorName} does not exist`);
    const known = { ...session, streamArn: found.streamArn };
    switch (found.status) {
      case "FAILED":
        return failed(known, found.reason || "the stream processor failed without a message");
      case "STOPPED":
        return await stopped(parts, known, Math.min(nowMs, found.updatedAtMs), nowMs);
      case "RUNNING":
        return await running(parts, known, nowMs);
      case "STARTING": {
        const isLate = nowMs >= known.startedAtMs + times.LONGEST_START_MS;
        return nowMs >= known.endAtMs || isLate ? await stop(parts, known) : checkedIn(known, nowMs);
      }
      default:
        return known.stoppedAtMs !== undefined && nowMs >= known.stoppedAtMs + times.LONGEST_STOP_MS
          ? await ended(parts, known)
          : checkedIn({ ...known, stoppedAtMs: known.stoppedAtMs ?? nowMs }, nowMs);
    }
  } catch (error) {
    // StopStreamProcessor is limited to one call a second in the account (documented: Rekognition quotas).
    if (isThrottling(error)) return checkedIn(session, parts.now());
    throw error;
  }
}

const checkedIn = (session: FaceSession, nowMs: number, afterMs = times.POLL_MS): FaceSession => ({
  ...session,
  dueAtMs: nowMs + afterMs,
});

async function running(parts: CheckParts, given: FaceSession, nowMs: number): Promise<FaceSession> {
  const session = given.runningSinceMs === undefined ? times.running(given, nowMs) : given;
  if (nowMs >= session.endAtMs) return await stop(parts, session);
  return checkedIn(session, nowMs, Math.min(times.RUNNING_CHECK_MS, session.endAtMs - nowMs));
}

/** Stops the processor, also one that goes on although it was stopped. */
async function stop(parts: CheckParts, session: FaceSession): Promise<FaceSession> {
  await parts.stopProcessor(session.processorName);
  const nowMs = parts.now();
  return checkedIn({ ...session, stoppedAtMs: nowMs }, nowMs);
}

/** @param sinceMs since when: the check that stopped it may have failed after that, or someone else stopped it */
async function stopped(
  parts: CheckParts,
  session: FaceSession,
  sinceMs: number,
  nowMs: number,
): Promise<FaceSession> {
  const hasRun = session.stoppedAtMs !== undefined || session.runningSinceMs !== undefined;
  if (hasRun) return await ended(parts, { ...session, stoppedAtMs: session.stoppedAtMs ?? sinceMs });
  return nowMs < session.startedAtMs + times.UNSTARTED_MS
    ? checkedIn(session, nowMs)
    : failed(session, "the stream processor was never started, or stopped before it ran");
}

/** Publishes the end of a session, whose processor has stopped. */
async function ended(parts: CheckParts, session: FaceSession): Promise<FaceSession> {
  const { streamName, streamArn = "", runningSinceMs, stoppedAtMs = 0 } = session;
  const fragments =
    runningSinceMs === undefined || runningSinceMs >= stoppedAtMs
      ? []
      : await parts.fragments(streamName)("server", runningSinceMs, stoppedAtMs);
  await parts.publish(processingComplete(session, streamArn, analysedOf(session, fragments)));
  return { ...session, state: "ended" };
}

/** A session of which no end is published: see `engines/engine.ts`. */
const failed = (session: FaceSession, failure: string): FaceSession => ({
  ...session,
  state: "failed",
  failure,
});
