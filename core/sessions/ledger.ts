import type { SessionBusEvent } from "../../schemas/bus-event.ts";
import type { Coverage, GapReason } from "../../schemas/coverage.ts";
import type { Outgoing } from "../../schemas/outgoing.ts";
import type { Interval, Run, Session } from "../../schemas/session.ts";
import type { AnalysedVideo, SampledVideo } from "./analysed-video.ts";
import { intersect, LONGEST_PAUSE_MS, subtract, union } from "./intervals.ts";

/** How many intervals of accounted video a record keeps; motion reported later than all of them is a late gap. */
const MAX_ACCOUNTED = 16;

/**
 * How many outbox entries a record has before it starts nothing new: far below the 400 KB that an item may have
 * (documented: DynamoDB), with room for what a running session still adds.
 */
const MAX_OUTBOX = 200;
/** Longer reasons are cut, which bounds the size of an outbox entry. */
const MAX_REASON_LENGTH = 400;

/** Whether the outbox is full: no session starts and no gap is entered until it is delivered. */
export const isFull = ({ outbox }: Session): boolean => outbox.length >= MAX_OUTBOX;

export const shortened = (reason: string): string =>
  reason.length > MAX_REASON_LENGTH ? `${reason.slice(0, MAX_REASON_LENGTH - 1)}…` : reason;

/** Producer time up to which all video is accounted for: the earliest start of the next session. */
export const watermarkMs = ({ accounted }: Session): number => accounted.at(-1)?.untilMs ?? 0;

/** Whether a session is requested or running, so that the camera may have no other. */
export const isActive = ({ state, retry }: Session): boolean =>
  state === "running" || (state === "starting" && retry?.atMs === undefined);

/** Whether the run has ended and its video is still to be listed. */
export const isReadDue = ({ state, run }: Session): boolean =>
  state === "running" && run?.processedMs !== undefined;

export const runEndMs = ({ videoStartMs, maxDurationSeconds }: Run): number =>
  videoStartMs + maxDurationSeconds * 1000;

/** Where a run's chain began: with the run itself in records that do not say. */
export const chainStartMsOf = ({ chainStartMs, videoStartMs }: Run): number => chainStartMs ?? videoStartMs;

/** Adds entries to the outbox, except those that it already has. */
export const enqueue = (record: Session, ...entries: readonly Outgoing[]): Session => {
  const fresh = entries.filter(({ id }) => !record.outbox.some((waiting) => waiting.id === id));
  return fresh.length === 0 ? record : { ...record, outbox: [...record.outbox, ...fresh] };
};

export const enqueueEvent = (record: Session, event: SessionBusEvent): Session =>
  enqueue(record, { to: "bus", id: `${event.type}/${event.detail.eventId}`, event });

function enter(
  record: Session,
  { fromMs, untilMs }: Interval,
  what: Omit<Coverage, "type" | "eventId" | "cameraId" | "fromMs" | "untilMs">,
  about: string,
): Session {
  const { cameraId } = record;
  const eventId = `${cameraId}/${about}`;
  const entry: Coverage = { type: "COVERAGE", eventId, cameraId, ...what, fromMs, untilMs };
  const accounted = union([...record.accounted, { fromMs, untilMs }]).slice(-MAX_ACCOUNTED);
  const wanted = subtract(record.wanted, [...accounted, { fromMs, untilMs }]);
  return enqueue({ ...record, accounted, wanted }, { to: "ledger", id: `ledger/${eventId}`, row: entry });
}

/**
 * Enters what an ended run analysed, and the wanted motion before and between it: where the stream has no video, and where
 * it has video that arrived too late for the run; of a run that was sampled, its own gaps. What the record accounts for
 * already, an earlier session analysed.
 * @param video undefined if the stream could not be listed: then what was processed is taken to begin where requested
 */
export function enterAnalysed(
  given: Session,
  run: Run,
  video: AnalysedVideo | SampledVideo | undefined,
): Session {
  const { videoStartMs, processedMs = 0 } = run;
  const { intervals } = video ?? {
    intervals: [{ fromMs: videoStartMs, untilMs: videoStartMs + processedMs }],
  };
  const { accounted } = given;
  // What lies before a full list may have been entered and forgotten.
  const forgottenMs = accounted.length < MAX_ACCOUNTED ? 0 : accounted[0]!.fromMs;
  const isSampled = video !== undefined && "gaps" in video;
  const analysed = subtract(isSampled ? intervals : closeLeadIn(intervals, videoStartMs), [
    ...accounted,
    { fromMs: 0, untilMs: forgottenMs },
  ]);
  let record = given;
  let chainStartMs = chainStartMsOf(run);
  for (const [index, interval] of analysed.entries()) {
    if (index > 0 || interval.fromMs !== videoStartMs) chainStartMs = interval.fromMs;
    const reason = video ? undefined : "unverified";
    record = enterRun(record, { ...run, chainStartMs }, "completed", interval, reason, index);
  }
  if (analysed.length === 0)
    record = enterRun(record, run, "completed", { fromMs: videoStartMs, untilMs: videoStartMs });
  const videoEndMs = Math.max(videoStartMs, analysed.at(-1)?.untilMs ?? 0);
  const notAnalysed = record.wanted;
  if (isSampled)
    for (const { reason, ...gap } of video.gaps)
      record = enterGaps(record, intersect(record.wanted, [gap]), reason);
  else {
    const missed = intersect(record.wanted, [{ fromMs: videoStartMs, untilMs: videoEndMs }]);
    const stored = video?.stored ?? [];
    record = enterGaps(record, subtract(missed, stored), "no-video");
    record = enterGaps(record, intersect(missed, stored), "late");
  }
  // As a whole: between the intervals of a run, a full list would forget what the gaps are about to join.
  const entered = [...accounted, ...analysed, ...subtract(notAnalysed, record.wanted)];
  return {
    ...record,
    accounted: union(entered).slice(-MAX_ACCOUNTED),
    run: { ...run, chainStartMs, videoEndMs },
  };
}

/** Video that begins no later than a pause after the requested start leaves no gap. */
const closeLeadIn = (video: readonly Interval[], startMs: number): Interval[] =>
  union(
    video.map(({ fromMs, untilMs }) => ({
      fromMs: fromMs > startMs && fromMs - startMs <= LONGEST_PAUSE_MS ? startMs : fromMs,
      untilMs,
    })),
  );

/**
 * Enters an interval of an ended run: video that it analysed, or for a lost run the video that it was to analyse.
 * @param index of the run's intervals
 */
export const enterRun = (
  record: Session,
  run: Run,
  outcome: "completed" | "failed" | "lost",
  interval: Interval,
  reason?: string,
  index = 0,
): Session =>
  enter(
    record,
    interval,
    {
      outcome,
      ...(reason !== undefined && { reason }),
      ...(run.sessionId !== undefined && { sessionId: run.sessionId }),
      engine: run.engine,
      maxDurationSeconds: run.maxDurationSeconds,
      startMs: run.videoStartMs,
      ...(run.processedMs !== undefined && outcome === "completed" && { processedMs: run.processedMs }),
      ...(run.sampled?.samples !== undefined && {
        samples: run.sampled.samples,
        longestGapMs: run.sampled.longestGapMs,
      }),
      chainFromMs: chainStartMsOf(run),
    },
    `${run.attempt}/${outcome}${index > 0 ? `/${index + 1}` : ""}`,
  );

/** Enters motion that no session analyses. */
export const enterGaps = (record: Session, gaps: readonly Interval[], reason: GapReason): Session =>
  gaps.reduce(
    (left, gap) => enter(left, gap, { outcome: "gap", reason }, `${gap.fromMs}-${gap.untilMs}/${reason}`),
    record,
  );
