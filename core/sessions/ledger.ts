import type { Coverage, GapReason } from "../../schemas/coverage.ts";
import type { Outgoing } from "../../schemas/outgoing.ts";
import type { Interval, Run, Session } from "../../schemas/session.ts";
import type { SessionEvent } from "../../schemas/session-event.ts";
import { subtract, union } from "./intervals.ts";

/** How many stretches of accounted video a record remembers; motion reported later than all of them is a late gap. */
const MAX_ACCOUNTED = 16;

/**
 * How much a record may have to tell before it takes up nothing new: far less than the 400 KB that an item may have
 * (documented: DynamoDB), with room for what a session at work still adds.
 */
export const MAX_OUTBOX = 200;
/** Longer reasons are cut, so that what waits to be told keeps its bound. */
const MAX_REASON_LENGTH = 400;

/** Whether so much waits to be told that no session may begin and no gap be entered until it is. */
export const isFull = ({ outbox }: Session): boolean => outbox.length >= MAX_OUTBOX;

export const shortened = (reason: string): string =>
  reason.length > MAX_REASON_LENGTH ? `${reason.slice(0, MAX_REASON_LENGTH - 1)}…` : reason;

/** Producer time before which all video is accounted for: where the next session may begin at the earliest. */
export const watermarkMs = ({ accounted }: Session): number => accounted.at(-1)?.untilMs ?? 0;

/** Whether a session is asked for or at work, so that the camera may have no other. */
export const isActive = ({ state, retry }: Session): boolean =>
  state === "running" || (state === "starting" && retry?.atMs === undefined);

export const runEndMs = ({ videoStartMs, maxDurationSeconds }: Run): number =>
  videoStartMs + maxDurationSeconds * 1000;

/** Where a run's chain began; where nobody noted it, with the run itself. */
export const chainStartMsOf = ({ chainStartMs, videoStartMs }: Run): number => chainStartMs ?? videoStartMs;

/** Adds what is to be told, unless the same is waiting to be sent already. */
export const tell = (record: Session, ...entries: readonly Outgoing[]): Session => {
  const fresh = entries.filter(({ id }) => !record.outbox.some((waiting) => waiting.id === id));
  return fresh.length === 0 ? record : { ...record, outbox: [...record.outbox, ...fresh] };
};

export const tellBus = (record: Session, event: SessionEvent): Session =>
  tell(record, { to: "bus", id: `${event.type}/${event.detail.eventId}`, event });

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
  return tell({ ...record, accounted, wanted }, { to: "ledger", id: `ledger/${eventId}`, row: entry });
}

/** Enters a run's end: what it analysed, or for a lost one what it was to analyse. */
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
