import { isThrottling } from "../aws/throttling.ts";
import { asError, errorMessage } from "../base/errors.ts";
import { isoTimestamp } from "../core/lake/time.ts";
import type { Camera } from "../schemas/camera.ts";
import type { EngineSession, SessionMessage } from "../schemas/engine-session.ts";
import type { RunStatus, SessionRequest, StartResult, StopResult } from "../schemas/engine.ts";
import type { Engine } from "./engine.ts";

/** The records of an engine's sessions, in a table of its own. */
export interface SessionRecords<S extends EngineSession> {
  find(processorName: string): Promise<S | undefined>;
  /** Replaces exactly the version before. @returns false when another writer was faster */
  put(session: S): Promise<boolean>;
}

/** What starting, finding, continuing and stopping a session uses. All throw the client's error when there is no result. */
export interface SessionParts<S extends EngineSession> {
  /** Epoch milliseconds. */
  now(): number;
  readonly sessions: SessionRecords<S>;
  /** Sends the message after the delay, which is rounded up to whole seconds. */
  schedule(message: SessionMessage, delayMs: number): Promise<void>;
}

/** What starting, finding and stopping a session uses. */
export interface RecordedEngineParts<S extends EngineSession> extends SessionParts<S> {
  /** An id that is never returned twice. */
  randomId(): string;
  /** The camera whose sessions run under that name. */
  cameraOf(processorName: string): Promise<Camera | undefined>;
}

/** What is the engine's own. */
interface Sessions<S extends EngineSession> {
  /** What continues a session, in a word. */
  readonly turn: string;
  /** How long after its start a session is continued first. */
  readonly firstDelayMs: number;
  /** The record of a session that begins. */
  begun(session: EngineSession, camera: Camera): S;
  /** Starts what analyses the video, unless messages do it. */
  run?(session: S): Promise<StartResult>;
  /** Whether the session will not continue: its last message was lost, or failed too often. */
  isDead(session: S, nowMs: number): boolean;
  /** Called with a dead session when it is found or stopped. */
  onDead?(session: S): Promise<void>;
  /** Lets a session end early. @returns false when another writer was faster */
  shorten(session: S, nowMs: number, videoEndMs: number | undefined): Promise<boolean>;
}

/** How often a stop is written anew because a message of the session was faster. */
const MAX_ATTEMPTS = 5;

/**
 * An engine whose session is a record and a chain of messages, each of which continues it. The record comes first: a
 * message without it does nothing, and nothing runs that no message ends.
 */
export const recordedEngine = <S extends EngineSession>(
  parts: RecordedEngineParts<S>,
  own: Sessions<S>,
): Engine => ({
  async start(request) {
    try {
      return await start(parts, own, request);
    } catch (error) {
      if (isThrottling(error)) return { kind: "throttled" };
      throw error;
    }
  },
  find: (processorName) => find(parts, own, processorName),
  stop: (processorName, videoEndMs) => stop(parts, own, processorName, videoEndMs),
});

/** The next version of a record, in which the session has ended. */
export const endedRecord = <S extends EngineSession>(session: S): S => ({
  ...session,
  version: session.version + 1,
  state: "ended",
});

async function start<S extends EngineSession>(
  parts: RecordedEngineParts<S>,
  own: Sessions<S>,
  { processorName, videoStartMs, maxDurationSeconds }: SessionRequest,
): Promise<StartResult> {
  const nowMs = parts.now();
  const camera = await parts.cameraOf(processorName);
  if (!camera) return { kind: "refused", reason: `no camera has the name ${processorName}` };
  const last = await parts.sessions.find(processorName);
  if (last?.state === "running" && !own.isDead(last, nowMs)) return { kind: "processor-busy" };
  const sessionId = parts.randomId();
  const common: EngineSession = {
    processorName,
    version: (last?.version ?? 0) + 1,
    sessionId,
    state: "running",
    streamName: camera.streamName,
    videoStartMs,
    maxDurationSeconds,
    startedAtMs: nowMs,
    dueAtMs: nowMs + own.firstDelayMs,
    step: 0,
    tags: { ...camera.tags, camera: camera.cameraId },
  };
  const session = own.begun(common, camera);
  if (!(await parts.sessions.put(session))) return { kind: "processor-busy" };
  try {
    await parts.schedule({ processorName, sessionId, step: 0 }, own.firstDelayMs);
  } catch (error) {
    await parts.sessions.put(endedRecord(session)).catch((again: unknown) => {
      throw new AggregateError(
        [error, again],
        `session ${sessionId} could neither be scheduled (${errorMessage(error)}) nor ended ` +
          `(${errorMessage(again)}); it counts as failed later`,
      );
    });
    throw asError(error);
  }
  return (await own.run?.(session)) ?? { kind: "started", sessionId };
}

async function find<S extends EngineSession>(
  parts: RecordedEngineParts<S>,
  own: Sessions<S>,
  processorName: string,
): Promise<RunStatus> {
  const session = await parts.sessions.find(processorName);
  if (!session) return { kind: (await parts.cameraOf(processorName)) ? "stopped" : "not-found" };
  const { state, dueAtMs, failure = "the session failed without a reason" } = session;
  if (state === "ended") return { kind: "stopped" };
  if (state === "failed") return { kind: "failed", reason: failure };
  if (!own.isDead(session, parts.now())) return { kind: "running" };
  await own.onDead?.(session);
  return {
    kind: "failed",
    reason: `no ${own.turn} of the session has run since ${isoTimestamp(dueAtMs)}`,
  };
}

async function stop<S extends EngineSession>(
  parts: RecordedEngineParts<S>,
  own: Sessions<S>,
  processorName: string,
  videoEndMs: number | undefined,
): Promise<StopResult> {
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const session = await parts.sessions.find(processorName);
    const nowMs = parts.now();
    if (!session) return (await parts.cameraOf(processorName)) ? "not-running" : "not-found";
    if (session.state !== "running") return "not-running";
    if (own.isDead(session, nowMs)) {
      await own.onDead?.(session);
      return "not-running";
    }
    if (await own.shorten(session, nowMs, videoEndMs)) return "stopped";
  }
  throw new Error(`the session of ${processorName} changed ${MAX_ATTEMPTS} times while it was stopped`);
}
