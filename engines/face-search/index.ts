import { isThrottling } from "../../aws/throttling.ts";
import { asError, errorMessage } from "../../base/errors.ts";
import { SECOND_MS } from "../../base/durations.ts";
import { isoTimestamp } from "../../core/lake/time.ts";
import type { Camera } from "../../schemas/camera.ts";
import type { RunStatus, SessionRequest, StartResult, StopResult } from "../../schemas/engine.ts";
import type { FaceSession } from "../../schemas/face-session.ts";
import type { Engine } from "../engine.ts";
import type { FaceSearchParts, ProcessorStarted } from "./parts.ts";
import { FIRST_CHECK_MS, isDead, LONGEST_START_MS } from "./times.ts";

/** What starting, finding and stopping a session uses. */
export interface FaceSearchEngineParts extends FaceSearchParts {
  /** An id that is never returned twice. */
  randomId(): string;
  /** The camera whose sessions run under that name. */
  cameraOf(processorName: string): Promise<Camera | undefined>;
  startProcessor(processorName: string): Promise<ProcessorStarted>;
}

/** How often a stop is written anew because a check of the session was faster. */
const MAX_ATTEMPTS = 5;

/**
 * Rekognition's FaceSearch stream processors, one for each camera. Such a processor searches the faces of a stream's live
 * video until it is stopped (documented: Rekognition guide, "Searching faces in a collection in streaming video"), and
 * publishes nothing. So a session is a record and a chain of messages, each of which checks it: see `runCheck`.
 *
 * The record and the first message are there before the processor is started: no processor runs that nothing stops.
 */
export const faceSearchEngine = (parts: FaceSearchEngineParts): Engine => ({
  async start(request) {
    try {
      return await start(parts, request);
    } catch (error) {
      if (isThrottling(error)) return { kind: "throttled" };
      throw error;
    }
  },
  find: (processorName) => find(parts, processorName),
  stop: (processorName, videoEndMs) => stop(parts, processorName, videoEndMs),
});

async function start(parts: FaceSearchEngineParts, request: SessionRequest): Promise<StartResult> {
  const { processorName } = request;
  const nowMs = parts.now();
  const camera = await parts.cameraOf(processorName);
  if (!camera) return { kind: "refused", reason: `no camera has the name ${processorName}` };
  const last = await parts.sessions.find(processorName);
  if (last?.state === "running" && !isDead(last, nowMs)) return { kind: "processor-busy" };
  const session = firstRecord(request, camera, {
    version: (last?.version ?? 0) + 1,
    sessionId: parts.randomId(),
    nowMs,
  });
  const { sessionId } = session;
  if (!(await parts.sessions.put(session))) return { kind: "processor-busy" };
  const giveUp = (why: Pick<FaceSession, "wasBusy"> = {}) =>
    parts.sessions.put({ ...session, version: session.version + 1, state: "ended", ...why });
  try {
    await parts.schedule({ processorName, sessionId, step: 0 }, FIRST_CHECK_MS);
  } catch (error) {
    await giveUp().catch((again: unknown) => {
      throw new AggregateError(
        [error, again],
        `session ${sessionId} could neither be scheduled (${errorMessage(error)}) nor ended ` +
          `(${errorMessage(again)}); it counts as failed later`,
      );
    });
    throw asError(error);
  }
  // Without a result, the processor may run: the session's checks find it.
  const started = await parts.startProcessor(processorName);
  if (started.kind === "started") return { kind: "started", sessionId };
  await giveUp(started.kind === "processor-busy" ? { wasBusy: true } : {});
  return started;
}

const firstRecord = (
  { processorName, videoStartMs, maxDurationSeconds }: SessionRequest,
  { cameraId, streamName, tags }: Camera,
  { version, sessionId, nowMs }: { version: number; sessionId: string; nowMs: number },
): FaceSession => ({
  processorName,
  version,
  sessionId,
  state: "running",
  streamName,
  videoStartMs,
  maxDurationSeconds,
  startedAtMs: nowMs,
  // A check that finds the processor running knows better.
  endAtMs: nowMs + LONGEST_START_MS + maxDurationSeconds * SECOND_MS,
  dueAtMs: nowMs + FIRST_CHECK_MS,
  step: 0,
  tags: { ...tags, camera: cameraId },
});

async function find(parts: FaceSearchEngineParts, processorName: string): Promise<RunStatus> {
  const session = await parts.sessions.find(processorName);
  if (!session) return { kind: (await parts.cameraOf(processorName)) ? "stopped" : "not-found" };
  const { state, sessionId, step, failure = "the session failed without a reason" } = session;
  if (state === "ended") return { kind: "stopped" };
  if (state === "failed") return { kind: "failed", reason: failure };
  if (!isDead(session, parts.now())) return { kind: "running" };
  // Its processor may run on.
  await parts.schedule({ processorName, sessionId, step }, 0);
  return {
    kind: "failed",
    reason: `no check of the session has run since ${isoTimestamp(session.dueAtMs)}`,
  };
}

async function stop(
  parts: FaceSearchEngineParts,
  processorName: string,
  videoEndMs: number | undefined,
): Promise<StopResult> {
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const session = await parts.sessions.find(processorName);
    const nowMs = parts.now();
    if (!session) return (await parts.cameraOf(processorName)) ? "not-running" : "not-found";
    if (session.state !== "running") return "not-running";
    const { sessionId, videoStartMs, startedAtMs } = session;
    if (isDead(session, nowMs)) {
      await parts.schedule({ processorName, sessionId, step: session.step }, 0);
      return "not-running";
    }
    // No video is of the future: that of a camera whose clock is ahead comes earlier by ours.
    const clockLeadMs = Math.max(0, videoStartMs - startedAtMs);
    const endAtMs = Math.min(session.endAtMs, Math.max(nowMs, (videoEndMs ?? nowMs) - clockLeadMs));
    const dueAtMs = Math.min(session.dueAtMs, Math.max(endAtMs, nowMs));
    if (dueAtMs === session.dueAtMs && endAtMs === session.endAtMs) return "stopped";
    const step = dueAtMs < session.dueAtMs ? session.step + 1 : session.step;
    if (step !== session.step)
      await parts.schedule({ processorName, sessionId, step }, Math.max(0, dueAtMs - nowMs));
    if (await parts.sessions.put({ ...session, version: session.version + 1, endAtMs, dueAtMs, step }))
      return "stopped";
  }
  throw new Error(`the session of ${processorName} changed ${MAX_ATTEMPTS} times while it was stopped`);
}
