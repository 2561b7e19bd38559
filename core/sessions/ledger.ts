import type { BusEvent } from "../../schemas/bus-event.ts";
import type { Coverage, GapReason } from "../../schemas/coverage.ts";
import type { Outgoing } from "../../schemas/outgoing.ts";
import type { Interval, Run, Session } from "../../schemas/session.ts";
import { subtract, union } from "./intervals.ts";

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

export const runEndMs = ({ videoStartMs, maxDurationSeconds }: Run): number =>
  videoStartMs + maxDurationSeconds * 1000;

/** Where a run's chain began: with the run itself in records that do not say. */
export const chainStartMsOf = ({ chainStartMs, videoStartMs }: Run): number => chainStartMs ?? videoStartMs;

/** Adds entries to the outbox, except those that it already has. */
export const enqueue = (record: Session, ...entries: readonly Outgoing[]): Session => {
  const fresh = entries.filter(({ id }) => !record.outbox.some((waiting) => waiting.id === id));
  return fresh.length === 0 ? record : { ...record, outbox: [...record.outbox, ...fresh] };
};

export const enqueueEvent = (record: Session, event: BusEvent): Session =>
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
  const accounted = union(record.accounted, [{ fromMs, untilMs }]).slice(-MAX_ACCOUNTED);
  const wanted = subtract(record.wanted, accounted);
  return enqueue({ ...record, accounted, wanted }, { to: "ledger", id: `ledger/${eventId}`, row: entry });
}

/** Enters a run's end: the video that it analysed, or for a lost run the video that it was to analyse. */
export const enterRun = (
  record: Session,
  run: Run,
  outcome: "completed" | "failed" | "lost",
  untilMs: number,
  reason?: string,
): Session =>
  enter(
    record,
    { fromMs: run.videoStartMs, untilMs },
    {
      outcome,
      ...(reason !== undefined && { reason }),
      ...(run.sessionId !== undefined && { sessionId: run.sessionId }),
      maxDurationSeconds: run.maxDurationSeconds,
      chainFromMs: chainStartMsOf(run),
    },
    `${run.attempt}/${outcome}`,
  );

/** Enters motion that no session analyses. */
export const enterGaps = (record: Session, gaps: readonly Interval[], reason: GapReason): Session =>
  gaps.reduce(
    (left, gap) => enter(left, gap, { outcome: "gap", reason }, `${gap.fromMs}-${gap.untilMs}/${reason}`),
    record,
  );
