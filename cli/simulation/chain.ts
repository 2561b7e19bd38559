import { backoffCeilingMs } from "../../base/backoff.ts";
import type { Clock } from "../../base/clock.ts";
import { pollUntil } from "../../base/poll.ts";
import {
  isCompletion,
  type DetectionsListener,
  type ReceivedNotification,
} from "../../operator/detections-listener.ts";
import type { Fleet } from "../../operator/fleet.ts";
import type { MotionResponse } from "../../operator/motion-api.ts";
import type { Camera } from "../../schemas/camera.ts";
import { nextSession, type PlannedSession, type Video } from "./plan-sessions.ts";

interface ChainOptions {
  readonly fleet: Fleet;
  readonly listener: DetectionsListener;
  readonly camera: Camera;
  /** Longest session, 1..120. */
  readonly maxSeconds: number;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly onSession: (session: PlannedSession) => void;
}

/** A session that has ended. */
interface EndedSession extends PlannedSession {
  readonly sessionId: string;
  readonly processedMs: number;
}

/** The first detection of a label in a session. */
interface SimulatedDetection {
  readonly sessionId: string;
  readonly label: string;
  readonly confidence: number | undefined;
  /** Producer time, epoch milliseconds. */
  readonly detectedAtMs: number;
}

/** The result of a video's sessions; filled as they end, so that it shows how far a failed chain came. */
export interface ChainSummary {
  readonly sessions: EndedSession[];
  readonly detections: SimulatedDetection[];
}

/** Enough for more than a day of video, the most that is analysed. */
const MAX_SESSIONS = 100_000;
/** A session ends soon after its last video arrived; this is for slow ones. */
const ENDS_WITHIN_MS = 180_000;
/** How often the processor of a session without notifications is checked. */
const CHECK_INTERVAL_MS = 10_000;
/** The previous session ends within its longest run and a little. */
const STARTS_WITHIN_MS = 180_000;
const START_PAUSES = { baseMs: 250, maxMs: 10_000 } as const;
/** A session whose video begins this close to the requested start is the requested one, even if another call started it. */
const SAME_START_MS = 1000;

/**
 * Sends motion requests for all of a video: session after session, each where the last one's video ended.
 * @throws Error when a session does not start, fails, analyses nothing or does not end
 */
export async function runChain(video: Video, options: ChainOptions, summary: ChainSummary): Promise<void> {
  const { fleet, camera, maxSeconds, signal, onSession } = options;
  let endedAtMs = video.startMs;
  for (let count = 0; count < MAX_SESSIONS; count++) {
    const planned = nextSession(video, endedAtMs, maxSeconds);
    if (!planned) break;
    onSession(planned);
    const sessionId = await startSession(planned, options, summary);
    const received = await untilEnded(sessionId, planned, options);
    const processedMs =
      received.find(isCompletion)?.inputInformation?.kinesisVideo.processedVideoDurationMillis ?? 0;
    summary.sessions.push({ ...planned, sessionId, processedMs });
    summary.detections.push(...received.flatMap(detectionsIn));
    if (processedMs === 0) throw new Error(`session ${sessionId} of ${camera.cameraId} analysed no video`);
    const endMs = planned.atMs + processedMs;
    // A session of the engine frames ends with its motion.
    endedAtMs = endMs === motionEndMs(planned) ? endMs + 1 : endMs;
  }
  await fleet.sendMotion(camera, "stop", {}, signal);
}

/**
 * The end of a session's motion, which keeps the backend from renewing the session past the video. It is a millisecond early:
 * a motion that begins exactly at the end of another would be ended by it, too.
 */
const motionEndMs = ({ atMs, maxDurationSeconds }: PlannedSession): number =>
  atMs + maxDurationSeconds * 1000 - 1;

const detectionsIn = ({ sessionId, labels }: ReceivedNotification): SimulatedDetection[] =>
  labels.map(({ name, confidence, videoMapping }) => {
    const { producerTimestamp = 0, frameOffsetMillis = 0 } = videoMapping?.kinesisVideoMapping ?? {};
    return {
      sessionId,
      label: name,
      confidence: confidence ?? undefined,
      detectedAtMs: producerTimestamp + frameOffsetMillis,
    };
  });

/**
 * Repeats the motion request until its session has started: the end of the previous one may not be recorded yet. The
 * motion's end is reported first, so that however soon the session ends, the backend does not renew it past the video.
 */
async function startSession(
  planned: PlannedSession,
  { fleet, camera, signal, clock }: ChainOptions,
  summary: ChainSummary,
): Promise<string> {
  const { atMs, maxDurationSeconds } = planned;
  let response!: MotionResponse;
  let isEndReported = false;
  const isRequested = (sessionId: unknown, videoStartAt: unknown): sessionId is string =>
    typeof sessionId === "string" &&
    !summary.sessions.some((one) => one.sessionId === sessionId) &&
    Math.abs(Date.parse(String(videoStartAt)) - atMs) <= SAME_START_MS;
  const started = await pollUntil(
    async () => {
      if (!isEndReported) {
        response = await fleet.sendMotion(camera, "stop", { at: motionEndMs(planned) }, signal);
        if (isToRepeat(response)) return undefined;
        // In real time, an end over a minute ahead is refused: the session is then renewed while the video goes on.
        isEndReported = true;
      }
      response = await fleet.sendMotion(camera, "start", { at: atMs, maxDurationSeconds }, signal);
      const { status, body } = response;
      if (isToRepeat(response)) return undefined;
      if (status >= 300) throw refusal(camera, response);
      return isRequested(body.sessionId, body.videoStartAt) ? body.sessionId : undefined;
    },
    {
      clock,
      signal,
      everyMs: (attempts) =>
        Math.min(response.retryAfterMs ?? backoffCeilingMs(attempts, START_PAUSES), START_PAUSES.maxMs),
      withinMs: STARTS_WITHIN_MS,
    },
  );
  if (started === undefined) throw refusal(camera, response);
  return started;
}

/** Over the camera's rate, or a fault of the service, which may pass: the start is the same however often it is requested. */
const isToRepeat = ({ status }: MotionResponse): boolean => status === 429 || status >= 500;

function refusal({ cameraId }: Camera, { status, body }: MotionResponse): Error {
  const { sessionId, detail, title, message } = body as Partial<Record<string, string>>;
  const reason =
    status < 300
      ? `still finds session ${sessionId ?? "that is starting"} running`
      : `got status ${status}: ${detail ?? title ?? message ?? "no reason given"}`;
  return new Error(`the motion request of ${cameraId} ${reason}`);
}

/** A session whose processor fails publishes no notification, so the processor is checked at intervals. */
async function untilEnded(
  sessionId: string,
  { maxDurationSeconds }: PlannedSession,
  { fleet, listener, camera, signal, clock }: ChainOptions,
): Promise<ReceivedNotification[]> {
  const withinMs = maxDurationSeconds * 1000 + ENDS_WITHIN_MS;
  const received = await pollUntil(
    async () => {
      const completed = await listener.untilCompleted(sessionId, CHECK_INTERVAL_MS, signal);
      const failure = completed ? undefined : await fleet.failureOf(camera);
      if (failure !== undefined)
        throw new Error(`session ${sessionId} of ${camera.cameraId} failed: ${failure}`);
      return completed;
    },
    { clock, signal, everyMs: 0, withinMs },
  );
  if (received) return received;
  throw new Error(
    `no completion notification of session ${sessionId} of ${camera.cameraId} within ${withinMs / 1000} s`,
  );
}
