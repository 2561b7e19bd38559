import { SECOND_MS } from "../../base/durations.ts";
import type { StartResult } from "../../schemas/engine.ts";
import type { FaceSession } from "../../schemas/face-session.ts";
import type { Engine } from "../engine.ts";
import { endedRecord, recordedEngine, type RecordedEngineParts } from "../recorded-engine.ts";
import type { ProcessorStarted } from "./parts.ts";
import { FIRST_CHECK_MS, isDead, LONGEST_START_MS } from "./times.ts";

/** What starting, finding and stopping a session uses. */
export interface FaceSearchEngineParts extends RecordedEngineParts<FaceSession> {
  startProcessor(processorName: string): Promise<ProcessorStarted>;
}

/**
 * Rekognition's FaceSearch stream processors, one for each camera. Such a processor searches the faces of a stream's live
 * video until it is stopped (documented: Rekognition guide, "Searching faces in a collection in streaming video"), and
 * publishes nothing. So each message of a session checks it: see `runCheck`.
 */
export const faceSearchEngine = (parts: FaceSearchEngineParts): Engine =>
  recordedEngine<FaceSession>(parts, {
    turn: "check",
    firstDelayMs: FIRST_CHECK_MS,
    begun: (session) => ({
      ...session,
      // A check that finds the processor running knows better.
      endAtMs: session.startedAtMs + LONGEST_START_MS + session.maxDurationSeconds * SECOND_MS,
    }),
    run: (session) => run(parts, session),
    isDead,
    // Its processor may run on.
    onDead: ({ processorName, sessionId, step }) => parts.schedule({ processorName, sessionId, step }, 0),
    shorten: (session, nowMs, videoEndMs) => shorten(parts, session, nowMs, videoEndMs),
  });

async function run(parts: FaceSearchEngineParts, session: FaceSession): Promise<StartResult> {
  const { processorName, sessionId } = session;
  // Without a result, the processor may run: the session's checks find it.
  const started = await parts.startProcessor(processorName);
  if (started.kind === "started") return { kind: "started", sessionId };
  const isBusy = started.kind === "processor-busy";
  await parts.sessions.put({ ...endedRecord(session), ...(isBusy && { wasBusy: true }) });
  return started;
}

async function shorten(
  parts: FaceSearchEngineParts,
  session: FaceSession,
  nowMs: number,
  videoEndMs = nowMs,
): Promise<boolean> {
  const { processorName, sessionId, version, videoStartMs, startedAtMs } = session;
  // No video is of the future: that of a camera whose clock is ahead comes earlier by ours.
  const clockLeadMs = Math.max(0, videoStartMs - startedAtMs);
  const endAtMs = Math.min(session.endAtMs, Math.max(nowMs, videoEndMs - clockLeadMs));
  const dueAtMs = Math.min(session.dueAtMs, Math.max(endAtMs, nowMs));
  if (dueAtMs === session.dueAtMs && endAtMs === session.endAtMs) return true;
  const step = dueAtMs < session.dueAtMs ? session.step + 1 : session.step;
  if (step !== session.step)
    await parts.schedule({ processorName, sessionId, step }, Math.max(0, dueAtMs - nowMs));
  return await parts.sessions.put({ ...session, version: version + 1, endAtMs, dueAtMs, step });
}
