import { systemClock, sleep } from "../../base/clock.ts";
import { randomId } from "../../base/random.ts";
import type { DetectionsListener, HeardNotification } from "../../operator/detections-listener.ts";
import type { Fleet } from "../../operator/fleet.ts";
import { sendMotion, type MotionAnswer } from "../../operator/motion-api.ts";
import { nextSession, type PlannedSession, type Video } from "./plan-sessions.ts";
import { deriveKey, signedHeaders } from "../../core/motion/webhook.ts";
import type { Camera } from "../../schemas/camera.ts";

export interface ChainOptions {
  readonly fleet: Fleet;
  readonly listener: DetectionsListener;
  readonly camera: Camera;
  /** Longest session, 1..120. */
  readonly maxSeconds: number;
  readonly signal: AbortSignal;
  readonly onSession: (session: PlannedSession) => void;
}

/** One session that has ended. */
export interface EndedSession extends PlannedSession {
  readonly sessionId: string;
  readonly processedMs: number;
}

/** The first sight of something in a session. */
export interface Sighting {
  readonly sessionId: string;
  readonly label: string;
  readonly confidence: number | undefined;
  /** Producer time, epoch milliseconds. */
  readonly seenAtMs: number;
}

/** What came of a video's sessions; filled as they end, so that it tells how far a failed chain came. */
export interface ChainReport {
  readonly sessions: EndedSession[];
  readonly sightings: Sighting[];
}

/** More than a day of video, the most that is analysed at all. */
const MAX_SESSIONS = 100_000;
/** A session ends soon after its video was there; this is for slow ones. */
const END_WITHIN_MS = 180_000;
/** How often a session that is silent is looked after. */
const LOOK_EVERY_MS = 10_000;
/** The session before ends within its longest run and a little. */
const START_WITHIN_MS = 180_000;
const START_AGAIN = { firstMs: 250, maxMs: 10_000 } as const;
/** Whose video begins there is the session that was asked for, even when another call has started it. */
const SAME_START_MS = 1000;

/**
 * Has the camera report motion over all of a video: session after session, each where the last one's video ended.
 * @throws Error when a session does not start, fails, analyses nothing or does not end
 */
export async function runChain(video: Video, options: ChainOptions, report: ChainReport): Promise<void> {
  let endedAtMs = video.startMs;
  for (let count = 0; count < MAX_SESSIONS; count++) {
    const planned = nextSession(video, endedAtMs, options.maxSeconds);
    if (!planned) break;
    options.onSession(planned);
    const sessionId = await startSession(planned, options, report);
    const heard = await untilEnded(sessionId, planned, options);
    const processedMs = heard.find(isEnd)?.inputInformation?.kinesisVideo.processedVideoDurationMillis ?? 0;
    report.sessions.push({ ...planned, sessionId, processedMs });
    report.sightings.push(...heard.flatMap(sightingsIn));
    if (processedMs === 0)
      throw new Error(`session ${sessionId} of ${options.camera.cameraId} analysed no video`);
    endedAtMs = planned.atMs + processedMs;
  }
  await motion("stop", "", options);
}

const isEnd = ({ eventNamespace }: HeardNotification): boolean =>
  eventNamespace.type === "STREAM_PROCESSING_COMPLETE";

const sightingsIn = ({ sessionId, labels }: HeardNotification): Sighting[] =>
  labels.map(({ name, confidence, videoMapping }) => {
    const { producerTimestamp = 0, frameOffsetMillis = 0 } = videoMapping?.kinesisVideoMapping ?? {};
    return {
      sessionId,
      label: name,
      confidence: confidence ?? undefined,
      seenAtMs: producerTimestamp + frameOffsetMillis,
    };
  });

/** Reports motion until its session has started: that the one before has ended may not have been recorded yet. */
async function startSession(
  { atMs, maxDurationSeconds }: PlannedSession,
  options: ChainOptions,
  report: ChainReport,
): Promise<string> {
  const { camera, signal } = options;
  const deadlineMs = performance.now() + START_WITHIN_MS;
  let pauseMs: number = START_AGAIN.firstMs;
  for (;;) {
    const answer = await motion("start", JSON.stringify({ at: atMs, maxDurationSeconds }), options);
    const { sessionId, videoStartAt } = answer.body;
    const isOurs =
      typeof sessionId === "string" &&
      !report.sessions.some((one) => one.sessionId === sessionId) &&
      Math.abs(Date.parse(String(videoStartAt)) - atMs) <= SAME_START_MS;
    if (answer.status < 300 && isOurs) {
      // Told at once where this session's motion ends, the backend does not go on by itself past the video; a
      // millisecond early, since a motion that begins at the very end of another would be ended by it too.
      await motion("stop", JSON.stringify({ at: atMs + maxDurationSeconds * 1000 - 1 }), options);
      return sessionId;
    }
    const mayPass = answer.status < 300 || answer.status === 429 || answer.retryAfterMs !== undefined;
    const isLate = performance.now() + pauseMs > deadlineMs;
    if (!mayPass || isLate) throw new Error(`motion of ${camera.cameraId} ${refusal(answer)}`);
    await sleep(systemClock, Math.min(answer.retryAfterMs ?? pauseMs, START_AGAIN.maxMs), signal);
    pauseMs = Math.min(START_AGAIN.maxMs, pauseMs * 2);
  }
}

const refusal = ({ status, body }: MotionAnswer): string => {
  const { sessionId, detail, title, message } = body as Partial<Record<string, string>>;
  if (status < 300) return `finds session ${sessionId ?? "that is starting"} still running`;
  return `was answered ${status}: ${detail ?? title ?? message ?? "no reason given"}`;
};

async function motion(verb: "start" | "stop", body: string, options: ChainOptions): Promise<MotionAnswer> {
  const { fleet, camera, signal } = options;
  const { cameraId, keyVersion } = camera;
  const key = deriveKey(await fleet.masterSecret(), cameraId, keyVersion);
  const headers = signedHeaders(key, `msg_${randomId()}`, systemClock.now(), body);
  return await sendMotion(fleet.outputs.MotionApiUrl, { cameraId, verb, body }, headers, signal);
}

/** A session whose processor fails says nothing on the topic, so the processor is looked at now and then. */
async function untilEnded(
  sessionId: string,
  { maxDurationSeconds }: PlannedSession,
  { fleet, listener, camera, signal }: ChainOptions,
): Promise<HeardNotification[]> {
  const withinMs = maxDurationSeconds * 1000 + END_WITHIN_MS;
  for (let waitedMs = 0; waitedMs < withinMs; waitedMs += LOOK_EVERY_MS) {
    const heard = await listener.untilEnded(sessionId, LOOK_EVERY_MS, signal);
    if (heard) return heard;
    const failure = await fleet.failureOf(camera);
    if (failure !== undefined)
      throw new Error(`session ${sessionId} of ${camera.cameraId} failed: ${failure}`);
  }
  throw new Error(
    `no word of the end of session ${sessionId} of ${camera.cameraId} within ${withinMs / 1000} s`,
  );
}
