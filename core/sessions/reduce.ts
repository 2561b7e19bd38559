import type { Finding, StartAnswer } from "../../schemas/engine.ts";
import type { Retry, Run, Session } from "../../schemas/session.ts";
import { admit, forget, type Report } from "../motion/admission.ts";
import { backoffMs } from "../../base/backoff.ts";
import { before, joinNearest, subtract } from "./intervals.ts";
import { enterRun, isActive, runEndMs, shortened, tell, tellBus } from "./ledger.ts";
import { isoTimestamp } from "../lake/time.ts";

/** Video older than this is not analysed: a camera's clock is wrong, or the motion is long past. */
export const MAX_MOTION_AGE_MS = 24 * 3_600_000;
/** How far ahead of ours a camera's clock may be. */
export const MAX_CLOCK_LEAD_MS = 60_000;
/** A started session is looked at after this time: a wrong role or stream shows only then (documented). */
const FIRST_CHECK_MS = 5000;
/** How long after its video a session may take to tell its end. */
const COMPLETION_GRACE_MS = 120_000;
/** How often a session that is still at work then is looked at again, and how many times. */
const OVERDUE_CHECK_MS = 60_000;
const MAX_OVERDUE_CHECKS = 5;
/** For a camera that still waits for its first session. */
const START_BACKOFF = { baseMs: 2000, maxMs: 60_000 };
/** For one whose sessions analysed nothing: many of them must not crowd out those that had none yet. */
const EMPTY_BACKOFF = { minMs: 30_000, baseMs: 60_000, maxMs: 300_000 };

const MAX_WANTED = 8;
const MAX_STOPS = 16;
const MAX_PAST_SESSIONS = 8;

/** What a camera's record can hear. Times are producer times in epoch milliseconds. */
export type Heard =
  | {
      readonly kind: "motion-began";
      readonly atMs: number;
      /** How long it lasts if its end is never told. */
      readonly timeoutSeconds: number;
      readonly maxDurationSeconds?: number | undefined;
      readonly report?: Report;
    }
  | { readonly kind: "motion-ended"; readonly atMs: number; readonly report?: Report }
  /** The camera asks for its session. */
  | { readonly kind: "asked"; readonly report: Report }
  /** A webhook that could not be acted on may come again. */
  | { readonly kind: "webhook-refused"; readonly webhookId: string }
  | {
      readonly kind: "session-complete";
      readonly sessionId: string;
      readonly processedMs: number;
      /** Where it was told to begin; null where the notification does not say. */
      readonly videoStartMs: number | null;
    }
  | { readonly kind: "start-answered"; readonly attempt: number; readonly answer: StartAnswer }
  | { readonly kind: "found"; readonly attempt: number; readonly finding: Finding }
  | { readonly kind: "sent"; readonly ids: readonly string[] };

/** When and by what chance something is decided. */
export interface Moment {
  readonly nowMs: number;
  /** 0 up to but not including 1. */
  readonly random: number;
}

/** The record of a camera that has none. */
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
 * The record after it heard something; the very same record where that changes nothing, as duplicates and late
 * words do. What is to be done about it is `plan`'s business.
 * @throws Problem for a camera's report that may not act, as `admit` does
 */
export function hear(given: Session, heard: Heard, moment: Moment): Session {
  const report = "report" in heard ? heard.report : undefined;
  const record = report ? admit(given, report, moment.nowMs) : given;
  const next = nextOf(record, heard, moment);
  // That a report was counted is nothing to be done about.
  if (next === record || heard.kind === "webhook-refused") return next;
  // Whatever is now to be done is done at once, unless a session at work is waited for anyway.
  const waits = isActive(next) && isActive(record) && next.outbox.length === 0;
  return { ...next, wakeAtMs: waits ? next.wakeAtMs : moment.nowMs };
}

function nextOf(record: Session, heard: Heard, moment: Moment): Session {
  switch (heard.kind) {
    case "motion-began":
      return motionBegan(record, heard);
    case "motion-ended":
      return motionEnded(record, heard.atMs);
    case "asked":
      return record;
    case "webhook-refused":
      return forget(record, heard.webhookId);
    case "session-complete":
      return sessionComplete(record, heard, moment);
    case "start-answered":
      return startAnswered(record, heard.attempt, heard.answer, moment);
    case "found":
      return found(record, heard.attempt, heard.finding, moment);
    case "sent": {
      const outbox = record.outbox.filter(({ id }) => !heard.ids.includes(id));
      return outbox.length === record.outbox.length ? record : { ...record, outbox };
    }
  }
}

/** Motion lasts until the first end told after its beginning, at most until the camera's timeout. */
function motionBegan(
  record: Session,
  { atMs, timeoutSeconds, maxDurationSeconds }: Extract<Heard, { kind: "motion-began" }>,
): Session {
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

/** Ends the motion that is wanted, unless a later beginning is known: then this end was of an earlier motion. */
function motionEnded(record: Session, atMs: number): Session {
  if (record.stopsMs.includes(atMs)) return record;
  const stopsMs = [...record.stopsMs, atMs].toSorted((a, b) => a - b).slice(-MAX_STOPS);
  const isOfEarlierMotion = atMs < (record.lastStartMs ?? 0);
  return { ...record, stopsMs, wanted: isOfEarlierMotion ? record.wanted : before(record.wanted, atMs) };
}

function sessionComplete(
  record: Session,
  { sessionId, processedMs, videoStartMs }: Extract<Heard, { kind: "session-complete" }>,
  moment: Moment,
): Session {
  const { run } = record;
  if (!run || !isActive(record) || record.pastSessionIds.includes(sessionId)) return record;
  const { nowMs } = moment;
  // A call whose answer was lost has no id; then the session is the call's if it tells that it began there. Of one that
  // does not tell nobody knows: better a gap than a false claim.
  if (run.sessionId === undefined ? videoStartMs !== run.videoStartMs : run.sessionId !== sessionId)
    return record;
  const ended: Run = { ...run, sessionId, processedMs, endedAtMs: nowMs };
  const endMs = run.videoStartMs + processedMs;
  const { failure: _, retry, ...rest } = spend(remember(record, sessionId), run, processedMs);
  const completed = enterRun({ ...rest, state: "completed", run: ended }, ended, "completed", endMs);
  const told = tellBus(completed, {
    type: "SessionEnded",
    detail: {
      ...eventOf(completed, ended, "ended"),
      videoEndAt: isoTimestamp(endMs),
      motionGoesOn: completed.wanted.length > 0,
    },
  });
  return processedMs > 0 ? told : { ...told, retry: nextRetry(retry, "no-video", moment) };
}

function startAnswered(record: Session, attempt: number, answer: StartAnswer, moment: Moment): Session {
  const { run, state } = record;
  const { nowMs } = moment;
  const awaited = run?.attempt === attempt && run.sessionId === undefined;
  if (!run || !awaited || (state !== "starting" && state !== "running"))
    return answer.kind === "started" && run?.sessionId !== answer.sessionId
      ? remember(record, answer.sessionId)
      : record;
  if (answer.kind === "started") {
    // Another caller of the same attempt was told that the processor is busy: with this very session.
    const isFreed = !isActive(record);
    const paid = isFreed ? spend(record, run, run.maxDurationSeconds * 1000, 0) : record;
    const running: Run = { ...run, sessionId: answer.sessionId, ...timesOf(run, nowMs) };
    const retry = record.retry && { ...record.retry, atMs: undefined };
    return tellBus(
      { ...paid, state: "running", run: running, retry },
      {
        type: "SessionStarted",
        detail: { ...eventOf(record, running, "started"), maxDurationSeconds: run.maxDurationSeconds },
      },
    );
  }
  if (!isActive(record) || state === "running") return record;
  const freed = spend(record, run, 0);
  if (answer.kind === "refused")
    return failed(
      { ...freed, retry: nextRetry(record.retry, "start-refused", moment) },
      { ...run, endedAtMs: nowMs },
      answer.reason,
    );
  return { ...freed, retry: nextRetry(record.retry, answer.kind, moment) };
}

function found(record: Session, attempt: number, finding: Finding, moment: Moment): Session {
  const { run, state } = record;
  const { nowMs } = moment;
  if (!run || run.attempt !== attempt || !isActive(record)) return record;
  const isAnswered = run.sessionId !== undefined || state === "running";
  switch (finding.kind) {
    case "at-work":
      if (!isAnswered) return { ...record, state: "running", run: { ...run, ...timesOf(run, nowMs) } };
      if (nowMs < run.dueAtMs) return { ...record, run: { ...run, checkAtMs: run.dueAtMs } };
      if (run.overdueChecks >= MAX_OVERDUE_CHECKS) return lost(record, run, nowMs, true);
      return {
        ...record,
        run: { ...run, overdueChecks: run.overdueChecks + 1, checkAtMs: nowMs + OVERDUE_CHECK_MS },
      };
    case "stopped": {
      if (!isAnswered) return unanswered(record, run, moment);
      if (nowMs >= run.dueAtMs) return lost(record, run, nowMs, false);
      const dueAtMs = Math.min(run.dueAtMs, nowMs + COMPLETION_GRACE_MS);
      return { ...record, run: { ...run, dueAtMs, checkAtMs: dueAtMs } };
    }
    case "failed":
    case "not-found": {
      // Before its start is answered, a failure may be the one before.
      if (!isAnswered) return unanswered(record, run, moment);
      const reason = shortened(
        finding.kind === "failed" ? finding.reason : "the stream processor does not exist",
      );
      const ended: Run = { ...run, processedMs: 0, endedAtMs: nowMs };
      const past = remember(spend(record, run, 0), run.sessionId);
      const entered = enterRun(past, ended, "failed", run.videoStartMs, reason);
      return failed({ ...entered, retry: nextRetry(record.retry, "session-failed", moment) }, ended, reason);
    }
  }
}

/** A call whose answer was lost, and no session at work: it never began, or is over and still to tell its end. */
const unanswered = (record: Session, run: Run, moment: Moment): Session => ({
  ...spend(record, run, 0),
  retry: nextRetry(record.retry, "unanswered", moment),
});

/** A session that never told its end: its video counts as a gap, and a processor still at work is stopped. */
function lost(record: Session, run: Run, nowMs: number, isAtWork: boolean): Session {
  const reason = "the session never told its end";
  const ended: Run = { ...run, endedAtMs: nowMs };
  const { retry: _, ...rest } = remember(record, run.sessionId);
  const entered = enterRun(rest, ended, "lost", runEndMs(run), reason);
  const stop = {
    to: "stops",
    id: `stop/${record.cameraId}/${run.attempt}`,
    processorName: run.processorName,
  } as const;
  return failed(isAtWork ? tell(entered, stop) : entered, ended, reason);
}

/** Tells of a failure once, however often a start is tried again and fails for the same reason. */
function failed(record: Session, run: Run, givenReason: string): Session {
  const reason = shortened(givenReason);
  const next: Session = { ...record, state: "failed", run, failure: reason };
  if (record.failure === reason) return next;
  return tellBus(next, { type: "SessionFailed", detail: { ...eventOf(record, run, "failed"), reason } });
}

const remember = (record: Session, sessionId: string | undefined): Session =>
  sessionId === undefined || record.pastSessionIds.includes(sessionId)
    ? record
    : { ...record, pastSessionIds: [...record.pastSessionIds, sessionId].slice(-MAX_PAST_SESSIONS) };

/** Puts what a run really analysed in the place of what was reserved for it, in the budget of its day. */
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

/** A run at work is looked at once soon, and again when its end is overdue. */
const timesOf = (run: Run, nowMs: number): Pick<Run, "checkAtMs" | "dueAtMs"> => ({
  checkAtMs: nowMs + FIRST_CHECK_MS,
  dueAtMs: Math.max(nowMs, run.videoStartMs) + run.maxDurationSeconds * 1000 + COMPLETION_GRACE_MS,
});

function nextRetry(last: Retry | undefined, reason: Retry["reason"], { nowMs, random }: Moment): Retry {
  const tries = (last?.tries ?? 0) + 1;
  const isEmpty = reason === "no-video" || reason === "session-failed";
  const emptySessions = (last?.emptySessions ?? 0) + (isEmpty ? 1 : 0);
  const delayMs =
    emptySessions > 0
      ? backoffMs(emptySessions, random, EMPTY_BACKOFF)
      : backoffMs(tries, random, START_BACKOFF);
  return { reason, tries, emptySessions, sinceMs: last?.sinceMs ?? nowMs, atMs: nowMs + delayMs };
}

const eventOf = ({ cameraId }: Session, run: Run, what: string) => ({
  eventId: `${cameraId}/${run.attempt}/${what}`,
  cameraId,
  ...(run.sessionId !== undefined && { sessionId: run.sessionId }),
  videoStartAt: isoTimestamp(run.videoStartMs),
});
