import type { EngineName, RunStatus, StartResult } from "../../schemas/engine.ts";
import type { FrameSampling } from "../../schemas/notification.ts";
import type { Interval, Retry, Run, Session } from "../../schemas/session.ts";
import { admit, forget, type MotionRequest } from "../motion/admission.ts";
import { backoffMs } from "../../base/backoff.ts";
import { sampledVideo, type AnalysedVideo, type SampledVideo } from "./analysed-video.ts";
import { before, intersect, joinNearest, LONGEST_PAUSE_MS, subtract } from "./intervals.ts";
import {
  enqueue,
  enqueueEvent,
  enterAnalysed,
  enterGaps,
  enterRun,
  isActive,
  isReadDue,
  runEndMs,
  shortened,
} from "./ledger.ts";
import { isoTimestamp } from "../lake/time.ts";

/** Video older than this is not analysed: a camera's clock is wrong, or the motion is long past. */
export const MAX_MOTION_AGE_MS = 24 * 3_600_000;
/** How far a camera's clock may be ahead of ours. */
export const MAX_CLOCK_LEAD_MS = 60_000;
/** A started session is checked after this time: a wrong role or stream shows only then (documented). */
const FIRST_CHECK_MS = 5000;
/** How long after its video a session's end may take to be reported. */
const COMPLETION_GRACE_MS = 120_000;
/** How often a session that is still running then is checked again, and how many times. */
const OVERDUE_CHECK_MS = 60_000;
const MAX_OVERDUE_CHECKS = 5;
/** How often the video of an ended session is listed: while that fails, and while less is listed than was processed. */
const MAX_FAILED_READS = 5;
const MAX_SHORT_READS = 3;
/** For a start that did not succeed. */
const START_BACKOFF = { baseMs: 2000, maxMs: 60_000 };
/** For a stream that has no video, or cannot be listed. */
const SEARCH_BACKOFF = { minMs: 1000, baseMs: 2000, maxMs: 60_000 };
/** After further sessions that analysed nothing: such cameras must not crowd out those that have had no session yet. */
const EMPTY_BACKOFF = { minMs: 30_000, baseMs: 60_000, maxMs: 300_000 };

const MAX_WANTED = 8;
const MAX_STOPS = 16;
const MAX_PAST_SESSIONS = 8;

/** The state machine's input: what can happen to a camera's session. Times are producer times in epoch milliseconds. */
export type SessionEvent =
  | {
      readonly kind: "motion-started";
      readonly atMs: number;
      /** How long the motion lasts if its end is never reported. */
      readonly timeoutSeconds: number;
      readonly maxDurationSeconds?: number | undefined;
      readonly request?: MotionRequest;
    }
  | { readonly kind: "motion-stopped"; readonly atMs: number; readonly request?: MotionRequest }
  | { readonly kind: "session-queried"; readonly request: MotionRequest }
  /** The webhook's request failed after it was admitted: the camera may send it again. */
  | { readonly kind: "webhook-released"; readonly webhookId: string }
  | {
      readonly kind: "session-completed";
      readonly sessionId: string;
      /** Rekognition's own notifications do not name it. */
      readonly engine?: EngineName | null;
      readonly processedMs: number;
      /** Where its video was to begin; null if the notification does not say. */
      readonly videoStartMs: number | null;
      /** What it sampled, if it says so: then its video is not listed. */
      readonly frameSampling?: FrameSampling | null;
    }
  | { readonly kind: "start-returned"; readonly attempt: number; readonly result: StartResult }
  | { readonly kind: "run-checked"; readonly attempt: number; readonly status: RunStatus }
  /** The video of the ended session was listed; undefined if it could not be. */
  | { readonly kind: "video-read"; readonly attempt: number; readonly video: AnalysedVideo | undefined }
  | {
      /** The stream was searched for video of the wanted motion up to `untilMs`. */
      readonly kind: "video-searched";
      readonly attempt: number;
      readonly untilMs: number;
      /** Whether the camera's start timeout is over. */
      readonly isLast: boolean;
      /** Undefined if the stream could not be listed. */
      readonly video: readonly Interval[] | undefined;
    }
  | { readonly kind: "outbox-delivered"; readonly ids: readonly string[] };

/** The time and the random number that a decision uses. */
export interface Moment {
  readonly nowMs: number;
  /** 0 up to but not including 1. */
  readonly random: number;
}

/** The first record of a camera. */
export const idle = (cameraId: string): Session => ({
  cameraId,
  version: 0,
  state: "idle",
  wanted: [],
  accounted: [],
  stopsMs: [],
  webhooks: [],
  pastSessionIds: [],
  outbox: [],
});

/**
 * The record after an event. An event that changes nothing, such as a duplicate or a late notification, returns the very
 * same record. `plan` decides what to do next.
 * @throws Problem for a camera's request that is not admitted, as `admit` does
 */
export function reduce(given: Session, event: SessionEvent, moment: Moment): Session {
  const request = "request" in event ? event.request : undefined;
  const record = request ? admit(given, request, moment.nowMs) : given;
  const next = nextOf(record, event, moment);
  // A request that is only counted needs no wake-up.
  if (next === record || event.kind === "webhook-released") return next;
  // Whatever is due now is due at once, unless the record waits for a running session anyway.
  const waits =
    isActive(next) && isActive(record) && next.outbox.length === 0 && next.run!.checkAtMs > moment.nowMs;
  return { ...next, wakeAtMs: waits ? next.wakeAtMs : moment.nowMs };
}

function nextOf(record: Session, event: SessionEvent, moment: Moment): Session {
  switch (event.kind) {
    case "motion-started":
      return motionStarted(record, event, moment);
    case "motion-stopped":
      return motionStopped(record, event.atMs);
    case "session-queried":
      return record;
    case "webhook-released":
      return forget(record, event.webhookId);
    case "session-completed":
      return sessionCompleted(record, event, moment);
    case "start-returned":
      return startReturned(record, event.attempt, event.result, moment);
    case "run-checked":
      return runChecked(record, event.attempt, event.status, moment);
    case "video-read":
      return videoRead(record, event.attempt, event.video, moment);
    case "video-searched":
      return videoSearched(record, event, moment);
    case "outbox-delivered": {
      const outbox = record.outbox.filter(({ id }) => !event.ids.includes(id));
      return outbox.length === record.outbox.length ? record : { ...record, outbox };
    }
  }
}

/** Motion lasts until the first stop at or after its start, at most until the camera's timeout. */
function motionStarted(
  given: Session,
  { atMs, timeoutSeconds, maxDurationSeconds }: Extract<SessionEvent, { kind: "motion-started" }>,
  { nowMs }: Moment,
): Session {
  const record = withoutOldRetry(given, atMs, nowMs);
  const stopMs = record.stopsMs.find((ms) => ms >= atMs) ?? Number.POSITIVE_INFINITY;
  const motion = { fromMs: atMs, untilMs: Math.min(stopMs, atMs + timeoutSeconds * 1000) };
  const fresh = subtract([motion], [...record.accounted, ...record.wanted]);
  const lastStartMs = Math.max(atMs, record.lastStartMs ?? 0);
  if (fresh.length === 0 && lastStartMs === record.lastStartMs) return record;
  const isNew = record.wanted.length === 0 && !isActive(record);
  return {
    ...record,
    wanted: joinNearest([...record.wanted, ...fresh], MAX_WANTED),
    lastStartMs,
    maxDurationSeconds: maxDurationSeconds ?? (isNew ? undefined : record.maxDurationSeconds),
  };
}

/** What the last session's failure delays: another session on the same motion. */
const EMPTY_REASONS = ["no-video", "unreadable", "session-failed"] as const;
const isEmptyReason = (reason: Retry["reason"]): reason is (typeof EMPTY_REASONS)[number] =>
  EMPTY_REASONS.some((one) => one === reason);

/**
 * Motion that sessions analysed nothing of never delays later motion: it becomes a gap. The same motion that is reported
 * again may have video by now, so the stream is searched at once.
 */
function withoutOldRetry(record: Session, atMs: number, nowMs: number): Session {
  const { retry, wanted } = record;
  if (isActive(record) || !retry || !isEmptyReason(retry.reason)) return record;
  if (atMs <= (wanted.at(-1)?.untilMs ?? 0))
    return retry.reason !== "no-video" || (retry.atMs ?? 0) <= nowMs
      ? record
      : { ...record, retry: { ...retry, atMs: nowMs } };
  const { retry: _, ...rest } = enterGaps(record, wanted, retry.reason);
  return rest;
}

/** Ends the wanted motion, unless a later start is known: then this stop belongs to an earlier motion. */
function motionStopped(record: Session, atMs: number): Session {
  if (record.stopsMs.includes(atMs)) return record;
  const stopsMs = [...record.stopsMs, atMs].toSorted((a, b) => a - b).slice(-MAX_STOPS);
  const isOfEarlierMotion = atMs < (record.lastStartMs ?? 0);
  if (isOfEarlierMotion) return { ...record, stopsMs };
  return stopWithMotion({ ...record, stopsMs, wanted: before(record.wanted, atMs) });
}

/**
 * Stops a running session whose motion ends before it does, if its engine stops a session at a time: a stream processor
 * analyses what it was started for. Later motion starts a new session.
 */
function stopWithMotion(record: Session): Session {
  const { cameraId, run, state, wanted } = record;
  if (!run || run.engine === "stream-processor" || state !== "running" || run.processedMs !== undefined)
    return record;
  const { videoStartMs, attempt, processorName, engine } = run;
  const videoEndMs = Math.max(videoStartMs, wanted.at(-1)?.untilMs ?? 0);
  if (videoEndMs >= runEndMs(run)) return record;
  const id = `stop/${cameraId}/${attempt}/${videoEndMs}`;
  const stopMs = Math.min(videoEndMs, run.stopMs ?? videoEndMs);
  const stopped: Session = { ...record, run: { ...run, stopMs } };
  return enqueue(stopped, { to: "stops", id, processorName, engine, videoEndMs });
}

/** The end of the run. What it analysed is entered at once if it says what that was, else once its video is listed. */
function sessionCompleted(
  record: Session,
  {
    sessionId,
    engine,
    processedMs,
    videoStartMs,
    frameSampling,
  }: Extract<SessionEvent, { kind: "session-completed" }>,
  moment: Moment,
): Session {
  const { nowMs } = moment;
  const { run } = record;
  if (!run || !isActive(record) || record.pastSessionIds.includes(sessionId)) return record;
  // Without the start's result there is no session id; then the notification is this run's if its engine is the run's and
  // its video began in the same place. If it does not say where it began, a gap is better than a false claim.
  const isOfRun =
    run.sessionId === undefined
      ? videoStartMs === run.videoStartMs && (engine ?? "stream-processor") === run.engine
      : run.sessionId === sessionId;
  if (!isOfRun) return record;
  const ended: Run = { ...run, sessionId, processedMs, endedAtMs: nowMs, checkAtMs: nowMs };
  const past = remember(record, sessionId);
  if (!frameSampling) return { ...past, state: "running", run: ended };
  const { samples, longestGapMillis: longestGapMs } = frameSampling;
  const video = sampledVideo(frameSampling, run);
  const images = samples === null || longestGapMs === null ? {} : { samples, longestGapMs };
  const sampled: Run = { ...ended, sampled: { ...images, untilMs: video.untilMs } };
  return endRun(past, sampled, video, moment);
}

function videoRead(
  record: Session,
  attempt: number,
  video: AnalysedVideo | undefined,
  moment: Moment,
): Session {
  const { run } = record;
  if (!run || run.attempt !== attempt || !isReadDue(record)) return record;
  const { nowMs, random } = moment;
  if (video?.uncertainUntilMs !== undefined)
    return { ...record, run: { ...run, checkAtMs: video.uncertainUntilMs } };
  const readTries = (run.readTries ?? 0) + 1;
  const isShort = video !== undefined && video.missingMs > LONGEST_PAUSE_MS;
  if (readTries < (video === undefined ? MAX_FAILED_READS : isShort ? MAX_SHORT_READS : 0))
    return {
      ...record,
      run: { ...run, readTries, checkAtMs: nowMs + backoffMs(readTries, random, SEARCH_BACKOFF) },
    };
  const isListed = video && (video.intervals.length > 0 || run.processedMs === 0);
  return endRun(record, run, isListed ? video : undefined, moment);
}

/** Enters what the run analysed and publishes its end. */
function endRun(
  record: Session,
  run: Run,
  video: AnalysedVideo | SampledVideo | undefined,
  moment: Moment,
): Session {
  const { processedMs = 0 } = run;
  const { failure: _, retry, ...rest } = spend(record, run, spentMs(run));
  const entered = enterAnalysed({ ...rest, state: "completed" }, { ...run, checkAtMs: run.dueAtMs }, video);
  const { videoEndMs = run.videoStartMs } = entered.run!;
  const reported = enqueueEvent(entered, {
    type: "SessionEnded",
    detail: {
      ...eventOf(entered, run, "ended"),
      videoEndAt: isoTimestamp(videoEndMs),
      motionGoesOn: entered.wanted.length > 0,
    },
  });
  const isWhole =
    video && "untilMs" in video
      ? isAsLongAsWanted(entered, run, video.untilMs)
      : videoEndMs > run.videoStartMs && processedMs >= run.maxDurationSeconds * 1000;
  if (isWhole) return reported;
  // The video ended before the session was to end, so the next one waits for more.
  const isEmpty = videoEndMs === run.videoStartMs;
  return { ...reported, retry: isEmpty ? afterEmptySession(retry, moment) : firstSearch(moment) };
}

/** Whether the sampled session was as long as it was to be, or as its motion: what is wanted now is later motion. */
const isAsLongAsWanted = ({ wanted }: Session, run: Run, untilMs: number): boolean =>
  untilMs >= runEndMs(run) || (run.stopMs !== undefined && (wanted[0]?.fromMs ?? Infinity) >= run.stopMs);

const firstSearch = ({ nowMs }: Moment): Retry => ({
  reason: "no-video",
  tries: 0,
  emptySessions: 0,
  sinceMs: nowMs,
  atMs: nowMs,
});

/** The stream is searched at once: the video may have arrived just after the session. After further sessions, it waits. */
function afterEmptySession(last: Retry | undefined, moment: Moment): Retry {
  const { nowMs, random } = moment;
  const emptySessions = (last?.emptySessions ?? 0) + 1;
  const delayMs = emptySessions === 1 ? 0 : backoffMs(emptySessions - 1, random, EMPTY_BACKOFF);
  return {
    ...firstSearch(moment),
    emptySessions,
    sinceMs: last?.sinceMs ?? nowMs,
    atMs: nowMs + delayMs,
  };
}

/** Motion begins where the stream has video; before that, it is a gap. */
function videoSearched(
  record: Session,
  { attempt, untilMs, isLast, video }: Extract<SessionEvent, { kind: "video-searched" }>,
  { nowMs, random }: Moment,
): Session {
  const { retry } = record;
  if (isActive(record) || retry?.reason !== "no-video" || record.run?.attempt !== attempt) return record;
  const failedReads = video ? 0 : (retry.failedReads ?? 0) + 1;
  const searched = before(record.wanted, Math.min(untilMs, nowMs));
  const [found] = intersect(record.wanted, video ?? []);
  const isRepeated = retry.emptySessions > 1;
  if (found && !(isLast && isRepeated)) {
    const lead = before(record.wanted, found.fromMs).filter(
      (gap) => gap.untilMs !== found.fromMs || gap.untilMs - gap.fromMs > LONGEST_PAUSE_MS,
    );
    const sinceMs = isRepeated ? retry.sinceMs : nowMs;
    return {
      ...enterGaps(record, lead, "no-video"),
      retry: { ...retry, reason: "unreadable", tries: 0, failedReads, sinceMs, atMs: nowMs },
    };
  }
  if (isLast && (video || failedReads >= MAX_FAILED_READS)) {
    const unread = enterGaps(record, intersect(searched, video ?? []), "unreadable");
    const left = intersect(unread.wanted, searched);
    const { retry: _, ...rest } = enterGaps(unread, left, video ? "no-video" : "unverified");
    return rest;
  }
  const tries = retry.tries + 1;
  const atMs = nowMs + backoffMs(tries, random, SEARCH_BACKOFF);
  return { ...record, retry: { ...retry, tries, failedReads, atMs } };
}

function startReturned(record: Session, attempt: number, result: StartResult, moment: Moment): Session {
  const { run, state } = record;
  const { nowMs } = moment;
  const awaited = run?.attempt === attempt && run.sessionId === undefined;
  if (!run || !awaited || (state !== "starting" && state !== "running"))
    return result.kind === "started" && run?.sessionId !== result.sessionId
      ? remember(record, result.sessionId)
      : record;
  if (result.kind === "started") {
    // Another caller of the same attempt got "processor-busy": because of this very session.
    const isFreed = !isActive(record);
    const paid = isFreed ? spend(record, run, run.maxDurationSeconds * 1000, 0) : record;
    const running: Run = { ...run, sessionId: result.sessionId, ...timesOf(run, nowMs) };
    const retry = record.retry && { ...record.retry, atMs: undefined };
    return enqueueEvent(
      // The motion may have ended during the start.
      stopWithMotion({ ...paid, state: "running", run: running, retry }),
      {
        type: "SessionStarted",
        detail: { ...eventOf(record, running, "started"), maxDurationSeconds: run.maxDurationSeconds },
      },
    );
  }
  if (!isActive(record) || state === "running") return record;
  const freed = spend(record, run, 0);
  if (result.kind === "refused")
    return failed(
      { ...freed, retry: nextRetry(record.retry, "start-refused", moment) },
      { ...run, endedAtMs: nowMs },
      result.reason,
    );
  return { ...freed, retry: nextRetry(record.retry, result.kind, moment) };
}

function runChecked(record: Session, attempt: number, status: RunStatus, moment: Moment): Session {
  const { run, state } = record;
  const { nowMs } = moment;
  if (!run || run.attempt !== attempt || !isActive(record) || isReadDue(record)) return record;
  const isStarted = run.sessionId !== undefined || state === "running";
  switch (status.kind) {
    case "running":
      if (!isStarted)
        return stopWithMotion({ ...record, state: "running", run: { ...run, ...timesOf(run, nowMs) } });
      if (nowMs < run.dueAtMs) return { ...record, run: { ...run, checkAtMs: run.dueAtMs } };
      if (run.overdueChecks >= MAX_OVERDUE_CHECKS) return lost(record, run, nowMs, true);
      return {
        ...record,
        run: { ...run, overdueChecks: run.overdueChecks + 1, checkAtMs: nowMs + OVERDUE_CHECK_MS },
      };
    case "stopped": {
      if (!isStarted) return unanswered(record, run, moment);
      if (nowMs >= run.dueAtMs) return lost(record, run, nowMs, false);
      const dueAtMs = Math.min(run.dueAtMs, nowMs + COMPLETION_GRACE_MS);
      return { ...record, run: { ...run, dueAtMs, checkAtMs: dueAtMs } };
    }
    case "failed":
    case "not-found": {
      // Without the start's result, the failure may be that of the run before.
      if (!isStarted) return unanswered(record, run, moment);
      const reason = shortened(
        status.kind === "failed"
          ? status.reason
          : `the ${run.engine === "stream-processor" ? "stream processor" : "camera"} does not exist`,
      );
      const ended: Run = { ...run, processedMs: 0, endedAtMs: nowMs };
      const past = remember(spend(record, run, 0), run.sessionId);
      const entered = enterRun(
        past,
        ended,
        "failed",
        { fromMs: run.videoStartMs, untilMs: run.videoStartMs },
        reason,
      );
      return failed({ ...entered, retry: nextRetry(record.retry, "session-failed", moment) }, ended, reason);
    }
  }
}

/** A start without a result, and no running session: it never began, or its end is still to be reported. */
const unanswered = (record: Session, run: Run, moment: Moment): Session => ({
  ...spend(record, run, 0),
  retry: nextRetry(record.retry, "unanswered", moment),
});

/** A session whose end was never reported: its video counts as a gap, and it is stopped if it still runs. */
function lost(record: Session, run: Run, nowMs: number, isRunning: boolean): Session {
  const reason = "the end of the session was never reported";
  const ended: Run = { ...run, endedAtMs: nowMs };
  const { retry: _, ...rest } = remember(record, run.sessionId);
  const video = { fromMs: run.videoStartMs, untilMs: run.stopMs ?? runEndMs(run) };
  const entered = enterRun(rest, ended, "lost", video, reason);
  const stop = {
    to: "stops",
    id: `stop/${record.cameraId}/${run.attempt}`,
    processorName: run.processorName,
    engine: run.engine,
  } as const;
  return failed(isRunning ? enqueue(entered, stop) : entered, ended, reason);
}

/** Publishes a failure once, however often a start is repeated and fails for the same reason. */
function failed(record: Session, run: Run, givenReason: string): Session {
  const reason = shortened(givenReason);
  const next: Session = { ...record, state: "failed", run, failure: reason };
  if (record.failure === reason) return next;
  return enqueueEvent(next, { type: "SessionFailed", detail: { ...eventOf(record, run, "failed"), reason } });
}

const remember = (record: Session, sessionId: string | undefined): Session =>
  sessionId === undefined || record.pastSessionIds.includes(sessionId)
    ? record
    : { ...record, pastSessionIds: [...record.pastSessionIds, sessionId].slice(-MAX_PAST_SESSIONS) };

/** What a run spends of the budget: the video that it analysed; samples that stand for little video cost as much as others. */
const spentMs = ({ processedMs = 0, sampled, sampleShareMs = 0 }: Run): number =>
  Math.max(processedMs, Math.ceil((sampled?.samples ?? 0) * sampleShareMs));

/** Replaces what was reserved for a run by what it analysed, in the budget of its day. */
function spend(
  record: Session,
  run: Run,
  spentMs: number,
  reservedMs: number = run.maxDurationSeconds * 1000,
): Session {
  const { budget } = record;
  if (!budget || budget.day !== run.day) return record;
  return { ...record, budget: { ...budget, usedMs: Math.max(0, budget.usedMs + spentMs - reservedMs) } };
}

/** A running session is checked once soon after its start, and again when its end is overdue. */
const timesOf = (run: Run, nowMs: number): Pick<Run, "checkAtMs" | "dueAtMs"> => ({
  checkAtMs: nowMs + FIRST_CHECK_MS,
  dueAtMs: Math.max(nowMs, run.videoStartMs) + run.maxDurationSeconds * 1000 + COMPLETION_GRACE_MS,
});

function nextRetry(last: Retry | undefined, reason: Retry["reason"], { nowMs, random }: Moment): Retry {
  const tries = (last?.tries ?? 0) + 1;
  const emptySessions = (last?.emptySessions ?? 0) + (reason === "session-failed" ? 1 : 0);
  const delayMs =
    emptySessions > 0
      ? backoffMs(emptySessions, random, EMPTY_BACKOFF)
      : backoffMs(tries, random, START_BACKOFF);
  return {
    reason,
    tries,
    emptySessions,
    sinceMs: last?.sinceMs ?? nowMs,
    atMs: nowMs + delayMs,
  };
}

const eventOf = ({ cameraId }: Session, run: Run, what: string) => ({
  eventId: `${cameraId}/${run.attempt}/${what}`,
  cameraId,
  ...(run.sessionId !== undefined && { sessionId: run.sessionId }),
  videoStartAt: isoTimestamp(run.videoStartMs),
});
