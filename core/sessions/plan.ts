import { sampleShareMs } from "../sampling/gaps.ts";
import type { Camera } from "../../schemas/camera.ts";
import type { Interval, Retry, Run, Session } from "../../schemas/session.ts";
import { before } from "./intervals.ts";
import { dayOf, isArmed, nextArmedMs, nextDayMs, nextDisarmedMs, scheduleOf } from "./schedule.ts";
import { MAX_CLOCK_LEAD_MS, type Moment } from "./reduce.ts";
import {
  chainStartMsOf,
  enqueueEvent,
  enterGaps,
  isActive,
  isFull,
  isReadDue,
  runEndMs,
  watermarkMs,
} from "./ledger.ts";

/** A start that has returned no result within this time is checked. */
const START_DEADLINE_MS = 30_000;
/** A check that has returned no result within this time is repeated. */
const CHECK_DEADLINE_MS = 30_000;
/** No session is shorter (documented: MaxDurationInSeconds 1 to 120). */
const SHORTEST_SESSION_MS = 1000;
/** How old live video may be when a session of it is requested: it is then on its way, or the camera's clock is behind. */
const LIVE_LAG_MS = 5000;
/** More than the intervals that a record can want; each turn decides about one. */
const MAX_TURNS = 64;

/** A call to the engine, to be made once the record is written. */
export type EngineCall =
  { readonly kind: "start"; readonly run: Run } | { readonly kind: "find"; readonly run: Run };

/** A list of the stream's fragments, to be made once the record is written. */
export type VideoCall =
  | {
      /** Find what the ended run analysed. */
      readonly kind: "read-video";
      readonly streamName: string | undefined;
      readonly run: Run;
      /** No video is later than this producer time. */
      readonly latestMs: number;
    }
  | {
      /** Find video of the wanted motion. */
      readonly kind: "search-video";
      readonly attempt: number;
      readonly streamName: string;
      readonly fromMs: number;
      readonly untilMs: number;
      /** Whether the camera's start timeout is over. */
      readonly isLast: boolean;
    };

export interface Plan {
  readonly record: Session;
  readonly call: EngineCall | VideoCall | undefined;
}

/**
 * Decides what to do now for a camera's session: enters the gaps that are certain, names the engine call that is due, and
 * sets `wakeAtMs`, which is absent only when nothing is left to do.
 * @param camera undefined if it was removed
 * @param canList false for a caller that may not list fragments: what needs that is due at once for another
 */
export function plan(given: Session, camera: Camera | undefined, moment: Moment, canList = true): Plan {
  const planned = planCall(given, camera, moment);
  const isListing = planned.call?.kind === "read-video" || planned.call?.kind === "search-video";
  return isListing && !canList ? sleepUntil(given, moment.nowMs, moment.nowMs) : planned;
}

function planCall(given: Session, camera: Camera | undefined, moment: Moment): Plan {
  // The outbox is delivered first; motion waits as it was reported.
  if (isFull(given))
    return isActive(given)
      ? planRun(given, camera, moment.nowMs)
      : sleepUntil(given, undefined, moment.nowMs);
  const settled = settle(given, camera, moment.nowMs);
  if (isActive(settled)) return planRun(settled, camera, moment.nowMs);
  const [first] = settled.wanted;
  if (!first || !camera) return sleepUntil(atRest(settled), undefined, moment.nowMs);
  return planStart(settled, camera, first, moment.nowMs);
}

/** Wakes up when the record is due, and at once while its outbox has entries. */
function sleepUntil(record: Session, dueAtMs: number | undefined, nowMs: number): Plan {
  const wakeAtMs = record.outbox.length > 0 ? Math.min(record.wakeAtMs ?? nowMs, nowMs) : dueAtMs;
  return { record: wakeAtMs === record.wakeAtMs ? record : { ...record, wakeAtMs }, call: undefined };
}

/** Nothing is wanted any more, so no start is repeated. */
function atRest(record: Session): Session {
  if (record.retry === undefined && record.blocked === undefined) return record;
  const { retry: _, blocked: __, ...rest } = record;
  return { ...rest, state: record.state === "starting" ? "failed" : record.state };
}

/** A running session is checked when it is due, and once it has ended, its video is listed. */
function planRun(record: Session, camera: Camera | undefined, nowMs: number): Plan {
  const run = record.run!;
  if (nowMs < run.checkAtMs) return sleepUntil(record, run.checkAtMs, nowMs);
  const checkAtMs = nowMs + CHECK_DEADLINE_MS;
  const checked = sleepUntil({ ...record, run: { ...run, checkAtMs } }, checkAtMs, nowMs).record;
  if (isReadDue(record)) {
    const streamName = run.streamName ?? camera?.streamName;
    return {
      record: checked,
      call: { kind: "read-video", streamName, run, latestMs: nowMs + MAX_CLOCK_LEAD_MS },
    };
  }
  return {
    record: checked,
    call: { kind: "find", run },
  };
}

/** Enters the gaps that nothing can close any more. */
function settle(given: Session, camera: Camera | undefined, nowMs: number): Session {
  // No session goes back: motion that is reported after a session of later video stays unanalysed.
  const floorMs = isActive(given) ? given.run!.videoStartMs : watermarkMs(given);
  const record = enterGaps(given, before(given.wanted, floorMs), "late");
  if (!camera) {
    if (isActive(record)) return record;
    const entered = enterGaps(record, before(record.wanted, nowMs), "camera-removed");
    return entered.wanted.length === 0 ? entered : { ...entered, wanted: [] };
  }
  const { retry } = record;
  // Without video, the last search decides.
  if (isActive(record) || !retry || retry.reason === "no-video" || nowMs < giveUpAtMs(retry, camera))
    return record;
  const { retry: _, ...rest } = enterGaps(record, before(record.wanted, nowMs), retry.reason);
  return { ...rest, state: record.state === "starting" ? "failed" : record.state };
}

const giveUpAtMs = ({ sinceMs }: Retry, { startTimeoutSeconds }: Camera): number =>
  sinceMs + startTimeoutSeconds * 1000;

/** The first wanted interval is analysed, or waits for the armed hours, the next day's budget or the next attempt. */
function planStart(given: Session, camera: Camera, wantedFirst: Interval, nowMs: number): Plan {
  let record = given;
  let first: Interval | undefined = wantedFirst;
  for (let turn = 0; first && turn < MAX_TURNS; turn++) {
    const block = blockOf(record, camera, first);
    if (!block) {
      const { blocked: _, ...free } = record;
      return planAttempt(record.blocked ? free : record, camera, first, nowMs);
    }
    if (block.reason === "budget") record = reportExhaustion(record, camera, first, block.untilMs);
    const endMs = Math.min(first.untilMs, block.untilMs);
    if (nowMs < endMs) return sleepUntil(blocked(record, block.reason), endMs, nowMs);
    record = enterGaps(record, [{ fromMs: first.fromMs, untilMs: endMs }], block.reason);
    [first] = record.wanted;
  }
  return sleepUntil(first ? record : atRest(record), first && nowMs, nowMs);
}

interface Block {
  readonly reason: "schedule" | "budget";
  readonly untilMs: number;
}

/** What keeps motion that begins then from being analysed, and until when. */
function blockOf(record: Session, camera: Camera, { fromMs, untilMs }: Interval): Block | undefined {
  const { timeZone, armed, armedSinceMs = 0 } = camera;
  if (armed && fromMs < armedSinceMs) return { reason: "schedule", untilMs: armedSinceMs };
  const schedule = scheduleOf(camera);
  if (schedule && !isArmed(schedule, fromMs, timeZone))
    return { reason: "schedule", untilMs: nextArmedMs(schedule, fromMs, untilMs, timeZone) ?? untilMs };
  if (budgetLeftMs(record, camera, fromMs) >= SHORTEST_SESSION_MS) return undefined;
  return { reason: "budget", untilMs: nextDayMs(fromMs, timeZone) };
}

/** What waits for the armed hours or the budget is no video that a session could not read. */
function blocked(record: Session, reason: Block["reason"]): Session {
  const { retry, ...rest } = record;
  if (retry?.reason === "unreadable") return { ...rest, blocked: reason };
  return record.blocked === reason ? record : { ...record, blocked: reason };
}

/** The budget of the motion's day; late motion is charged to the latest day in use. */
function budgetAt({ budget }: Session, atMs: number, timeZone: string): NonNullable<Session["budget"]> {
  const day = dayOf(atMs, timeZone);
  return budget && day <= budget.day ? budget : { day, usedMs: 0, isExhaustionReported: false };
}

const budgetLeftMs = (record: Session, { dailyBudgetMinutes, timeZone }: Camera, atMs: number): number =>
  dailyBudgetMinutes === undefined
    ? Infinity
    : Math.floor(dailyBudgetMinutes * 60_000) - budgetAt(record, atMs, timeZone).usedMs;

/** Publishes once a day that its budget is used up. */
function reportExhaustion(record: Session, camera: Camera, { fromMs }: Interval, untilMs: number): Session {
  const budget = budgetAt(record, fromMs, camera.timeZone);
  if (budget.isExhaustionReported) return record;
  const { cameraId } = record;
  const eventId = `${cameraId}/${budget.day}/budget`;
  return enqueueEvent(
    { ...record, budget: { ...budget, isExhaustionReported: true } },
    {
      type: "BudgetExhausted",
      detail: {
        eventId,
        cameraId,
        day: budget.day,
        budgetMinutes: camera.dailyBudgetMinutes ?? 0,
        resumesAt: new Date(untilMs).toISOString(),
      },
    },
  );
}

/** A little before the motion, but neither before the end of the accounted video nor outside the armed hours. */
function beginningOf({ fromMs }: Interval, camera: Camera, record: Session): number {
  const { preRollSeconds, timeZone, armedSinceMs = 0 } = camera;
  const earliestMs = Math.max(fromMs - preRollSeconds * 1000, watermarkMs(record), armedSinceMs);
  const startMs = Math.min(fromMs, afterSampled(record.run, earliestMs, fromMs));
  return isArmed(scheduleOf(camera), startMs, timeZone) ? startMs : fromMs;
}

/**
 * Time before the motion that the last run has sampled is not sampled again, though the ledger has no gap there: a run that
 * is no longer than the camera's pre-roll would be repeated without end.
 */
function afterSampled(last: Run | undefined, startMs: number, motionMs: number): number {
  if (!last?.sampled || startMs < last.videoStartMs || startMs >= (last.stopMs ?? runEndMs(last)))
    return startMs;
  return last.processedMs === 0 ? motionMs : Math.max(startMs, last.sampled.untilMs);
}

/** When the camera is disarmed next, at most `untilMs`. */
const armedUntilMs = (
  schedule: Camera["schedule"],
  fromMs: number,
  untilMs: number,
  timeZone: string,
): number => (schedule && nextDisarmedMs(schedule, fromMs, untilMs, timeZone)) ?? untilMs;

/**
 * Where a run's chain begins: with the last run's chain if that run's analysed video ends where this one starts, else with
 * the run itself. A start without a session has no `processedMs` and is repeated from the same place, in the same chain.
 * A session that analysed nothing ends its chain, and no session starts within the video of a lost one.
 */
function chainStartOf(last: Run | undefined, videoStartMs: number): number {
  if (!last || last.processedMs === 0) return videoStartMs;
  const lastEndMs = last.videoEndMs ?? last.videoStartMs + (last.processedMs ?? 0);
  return lastEndMs === videoStartMs ? chainStartMsOf(last) : videoStartMs;
}

/** Searches the stream for video of the wanted motion. */
function planSearch(record: Session, camera: Camera, retry: Retry, nowMs: number): Plan {
  const atMs = nowMs + CHECK_DEADLINE_MS;
  return {
    record: sleepUntil({ ...record, retry: { ...retry, atMs } }, atMs, nowMs).record,
    call: {
      kind: "search-video",
      attempt: record.run?.attempt ?? 0,
      streamName: camera.streamName,
      fromMs: record.wanted[0]!.fromMs,
      untilMs: Math.min(record.wanted.at(-1)!.untilMs, nowMs + MAX_CLOCK_LEAD_MS),
      isLast: nowMs >= giveUpAtMs(retry, camera),
    },
  };
}

/**
 * Enters what an engine that reads live video can analyse no more.
 * @returns the record itself if there is nothing
 */
function withoutPast(record: Session, { engine }: Camera, nowMs: number): Session {
  if (engine !== "face-search") return record;
  const past = before(record.wanted, nowMs - LIVE_LAG_MS);
  return past.length === 0 ? record : enterGaps(record, past, record.retry?.reason ?? "not-live");
}

/** Requests a session, or waits until the next attempt is due. */
function planAttempt(record: Session, camera: Camera, first: Interval, nowMs: number): Plan {
  const { retry } = record;
  if (retry?.atMs !== undefined) {
    // A search that failed is repeated after its delay, also when it is the last one.
    const dueAtMs = retry.failedReads ? retry.atMs : Math.min(retry.atMs, giveUpAtMs(retry, camera));
    if (nowMs < dueAtMs) return sleepUntil(record, dueAtMs, nowMs);
    if (retry.reason === "no-video") return planSearch(record, camera, retry, nowMs);
  }
  const live = withoutPast(record, camera, nowMs);
  if (live !== record) {
    const [next] = live.wanted;
    return next ? planStart(live, camera, next, nowMs) : sleepUntil(atRest(live), undefined, nowMs);
  }
  const videoStartMs = beginningOf(first, camera, record);
  const untilMs = armedUntilMs(scheduleOf(camera), videoStartMs, first.untilMs, camera.timeZone);
  const budget = budgetAt(record, first.fromMs, camera.timeZone);
  const maxDurationSeconds = Math.min(
    record.maxDurationSeconds ?? camera.maxDurationSeconds,
    Math.ceil((untilMs - videoStartMs) / 1000),
    Math.floor(budgetLeftMs(record, camera, first.fromMs) / 1000),
  );
  const run: Run = {
    attempt: (record.run?.attempt ?? 0) + 1,
    engine: camera.engine,
    processorName: camera.processorName,
    streamName: camera.streamName,
    videoStartMs,
    chainStartMs: chainStartOf(record.run, videoStartMs),
    maxDurationSeconds,
    day: budget.day,
    ...(camera.engine === "frames" && { sampleShareMs: sampleShareMs(camera) }),
    calledAtMs: nowMs,
    checkAtMs: nowMs + START_DEADLINE_MS,
    dueAtMs: nowMs + START_DEADLINE_MS,
    overdueChecks: 0,
  };
  const starting: Session = {
    ...record,
    state: "starting",
    run,
    budget: { ...budget, usedMs: budget.usedMs + maxDurationSeconds * 1000 },
    ...(retry && { retry: { ...retry, atMs: undefined } }),
  };
  return { record: sleepUntil(starting, run.checkAtMs, nowMs).record, call: { kind: "start", run } };
}
