import { idle, reduce, type SessionEvent } from "./reduce.ts";
import { LONGEST_FRAGMENT_MS, readAnalysed, videoOf, type FragmentsOf } from "./analysed-video.ts";
import { plan, type EngineCall, type VideoCall } from "./plan.ts";
import type { Camera } from "../../schemas/camera.ts";
import type { EngineName, RunStatus, StartResult } from "../../schemas/engine.ts";
import type { Outgoing } from "../../schemas/outgoing.ts";
import type { Run, Session } from "../../schemas/session.ts";

/** More turns than a record needs: each is one write, and several callers may update one record at the same time. */
const MAX_TURNS = 50;
/** Shortest delay of a wake-up: the queue counts in seconds. */
const MIN_WAKE_DELAY_MS = 1000;

/** The table of sessions' records, with the time and the random numbers that decisions use. */
export interface SessionTable {
  /** Epoch milliseconds. */
  now(): number;
  /** 0 up to but not including 1. */
  random(): number;
  find(cameraId: string): Promise<Session | undefined>;
  /** Replaces exactly the version before. @returns false when another writer was faster */
  put(record: Session): Promise<boolean>;
}

/** The table and the queue of wake-ups. */
export interface SessionRecords extends SessionTable {
  /** Schedules a wake-up of the camera's session `delayMs` from now. */
  wake(cameraId: string, delayMs: number): Promise<void>;
}

/** The part of an engine that moves a session forward; `engines/engine.ts` describes it. */
export interface Engine {
  start(run: Run): Promise<StartResult>;
  find(processorName: string): Promise<RunStatus>;
}

/** The engines by their names; a run's own is called for it, whatever its camera has chosen since. */
export type Engines = Readonly<Record<EngineName, Engine>>;

/** Sends entries of an outbox. @returns the ids of those that were accepted */
export type Deliver = (entries: readonly Outgoing[]) => Promise<readonly string[]>;

/** The camera's record, or an idle one if it has none yet. */
export const findSession = async (table: Pick<SessionTable, "find">, cameraId: string): Promise<Session> =>
  (await table.find(cameraId)) ?? idle(cameraId);

interface Applied {
  readonly record: Session;
  /** Whether the event changed the record. */
  readonly changed: boolean;
}

/**
 * Applies an event to a camera's record and schedules a wake-up for whatever is then due.
 * @param table without `wake` for events after which nothing is due
 * @param known the record as it was read
 * @throws Error when other writers were faster {@link MAX_TURNS} times
 */
export async function applyEvent(
  table: SessionTable & Partial<SessionRecords>,
  known: Session,
  event: SessionEvent,
): Promise<Applied> {
  const { cameraId } = known;
  let record = known;
  for (let turn = 0; turn < MAX_TURNS; turn++) {
    const next = reduce(record, event, momentOf(table));
    if (next === record) return { record, changed: false };
    const written = { ...next, version: record.version + 1 };
    if (await table.put(written)) {
      const { wakeAtMs } = written;
      if (wakeAtMs !== undefined && wakeAtMs !== record.wakeAtMs)
        await table.wake?.(cameraId, Math.max(0, wakeAtMs - table.now()));
      return { record: written, changed: true };
    }
    record = await findSession(table, cameraId);
  }
  throw new Error(`the record of ${cameraId} was changed ${MAX_TURNS} times by other writers; try again`);
}

interface Driven {
  readonly record: Session;
  /** Whether a session start was requested. */
  readonly startRequested: boolean;
}

/**
 * Applies an event, if there is one, and then does everything that is due for the camera's session. Each step is written
 * before it is taken and its result after, so a caller that stops in between leaves a record that says which step has no
 * result and when to check it.
 * @param known the record and the camera as they were read; the camera is undefined if it is no longer registered
 * @param deliver omitted to leave the outbox to the next wake-up
 * @param fragments omitted to leave what needs the stream's fragments to the next wake-up
 * @throws Error after {@link MAX_TURNS} turns, or what the table, the engine or `deliver` throws
 */
export async function drive(
  records: SessionRecords,
  engines: Engines,
  known: { readonly record: Session; readonly camera: Camera | undefined },
  {
    event: first,
    deliver,
    fragments,
  }: { event?: SessionEvent; deliver?: Deliver; fragments?: FragmentsOf } = {},
): Promise<Driven> {
  const { cameraId } = known.record;
  let { record } = known;
  let event = first;
  let startRequested = false;
  /** The wake-up that the last writer of the record has scheduled. */
  let scheduledAtMs = record.wakeAtMs;
  for (let turn = 0; turn < MAX_TURNS; turn++) {
    const moment = momentOf(records);
    const { record: next, call } = plan(
      event ? reduce(record, event, moment) : record,
      known.camera,
      moment,
      fragments !== undefined,
    );
    const mustDeliver = deliver !== undefined && next.outbox.length > 0;
    const isDone = !call && !mustDeliver;
    const { wakeAtMs } = next;
    // The wake-up does not wait for the write: it comes later than the write takes.
    const scheduled =
      isDone && wakeAtMs !== undefined && wakeAtMs !== scheduledAtMs
        ? records.wake(cameraId, Math.max(MIN_WAKE_DELAY_MS, wakeAtMs - moment.nowMs))
        : undefined;
    if (next !== record) {
      const written = { ...next, version: record.version + 1 };
      const [isWritten] = await Promise.all([records.put(written), scheduled]);
      if (!isWritten) {
        record = await findSession(records, cameraId);
        scheduledAtMs = record.wakeAtMs;
        continue;
      }
      record = written;
    }
    await scheduled;
    if (isDone) return { record, startRequested };
    if (call) {
      startRequested ||= call.kind === "start";
      event =
        call.kind === "start" || call.kind === "find"
          ? await perform(engines, call)
          : await list(fragments!, call, moment.nowMs);
    } else event = { kind: "outbox-delivered", ids: await deliver!(record.outbox) };
  }
  throw new Error(`the record of ${cameraId} took more than ${MAX_TURNS} turns; the next wake-up continues`);
}

async function perform(engines: Engines, call: EngineCall): Promise<SessionEvent> {
  const { kind, run } = call;
  const { attempt, processorName } = run;
  const engine = engines[run.engine];
  return kind === "start"
    ? { kind: "start-returned", attempt, result: await engine.start(run) }
    : { kind: "run-checked", attempt, status: await engine.find(processorName) };
}

async function list(fragments: FragmentsOf, call: VideoCall, nowMs: number): Promise<SessionEvent> {
  const { streamName } = call;
  if (call.kind === "read-video") {
    const { attempt, processedMs = 0 } = call.run;
    const { latestMs } = call;
    const video = await listed(async () =>
      streamName === undefined
        ? undefined
        : await readAnalysed(fragments(streamName), { ...call.run, processedMs }, { nowMs, latestMs }),
    );
    return { kind: "video-read", attempt, video };
  }
  const { attempt, fromMs, untilMs, isLast } = call;
  const video = await listed(async () =>
    videoOf(await fragments(call.streamName)("producer", fromMs - LONGEST_FRAGMENT_MS, untilMs)),
  );
  return { kind: "video-searched", attempt, untilMs, isLast, video };
}

/** Undefined if the list fails; it is repeated later. */
async function listed<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch {
    return undefined;
  }
}

const momentOf = (table: SessionTable) => ({ nowMs: table.now(), random: table.random() });
