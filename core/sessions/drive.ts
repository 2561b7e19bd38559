import { hear, idle, type Heard } from "./reduce.ts";
import { plan, type Call } from "./plan.ts";
import type { Camera } from "../../schemas/camera.ts";
import type { Finding, StartAnswer } from "../../schemas/engine.ts";
import type { Outgoing } from "../../schemas/outgoing.ts";
import type { Run, Session } from "../../schemas/session.ts";

/** More turns than a record takes at once: each is one write, and several callers may meet on one record. */
const MAX_TURNS = 50;
/** How soon a record is looked at again by somebody else: the queue counts in seconds. */
const SOONEST_WAKE_MS = 1000;

/** The table of the sessions. */
export interface Table {
  now(): number;
  /** 0 up to but not including 1. */
  random(): number;
  find(cameraId: string): Promise<Session | undefined>;
  /** Writes the record in the place of exactly the version before; false when another was faster. */
  put(record: Session): Promise<boolean>;
}

/** With the queue by which a record is looked at later. */
export interface Records extends Table {
  /** Has the record looked at `delayMs` from now. */
  wake(cameraId: string, delayMs: number): Promise<void>;
}

/** The camera's record, an idle one where it has none yet. */
export const find = async (records: Pick<Table, "find">, cameraId: string): Promise<Session> =>
  (await records.find(cameraId)) ?? idle(cameraId);

/** What a record's next step may ask of others. */
export interface Engine {
  start(run: Run): Promise<StartAnswer>;
  find(processorName: string): Promise<Finding>;
}

/** Sends what a record has to tell; returns the ids of what was taken. */
export type Deliver = (entries: readonly Outgoing[]) => Promise<readonly string[]>;

/** A record that heard something, and whether that changed it. */
export interface Noted {
  readonly record: Session;
  readonly isNews: boolean;
}

/**
 * Lets a camera's record hear something and leaves the rest to whoever is woken.
 * @param records without `wake` for what sets nothing off
 * @param known the record as it was read
 */
export async function note(records: Table & Partial<Records>, known: Session, heard: Heard): Promise<Noted> {
  const { cameraId } = known;
  let record = known;
  for (let turn = 0; turn < MAX_TURNS; turn++) {
    const next = hear(record, heard, momentOf(records));
    if (next === record) return { record, isNews: false };
    const written = { ...next, version: record.version + 1 };
    if (await records.put(written)) {
      const { wakeAtMs } = written;
      if (wakeAtMs !== undefined && wakeAtMs !== record.wakeAtMs)
        await records.wake?.(cameraId, Math.max(0, wakeAtMs - records.now()));
      return { record: written, isNews: true };
    }
    record = await find(records, cameraId);
  }
  throw new Error(`the record of ${cameraId} changed ${MAX_TURNS} times meanwhile; try again`);
}

/** What was done about a record. */
export interface Driven {
  readonly record: Session;
  /** Whether a session was asked for. */
  readonly hasCalled: boolean;
}

/**
 * Does everything that is due about a camera's record, after it heard what there is to hear. Every step is written
 * before it is taken and its answer after, so whoever stops between any two leaves a record that says when it is to be
 * looked at again and what is unsure.
 * @param known the record and the camera as they were read; the camera is undefined when it is not registered any more
 * @param deliver left out where what there is to tell is left to whoever is woken
 */
export async function drive(
  records: Records,
  engine: Engine,
  known: { readonly record: Session; readonly camera: Camera | undefined },
  { heard: told, deliver }: { heard?: Heard; deliver?: Deliver } = {},
): Promise<Driven> {
  const { cameraId } = known.record;
  let { record } = known;
  let heard = told;
  let hasCalled = false;
  /** When whoever wrote the record last had it woken. */
  let wokenAtMs = record.wakeAtMs;
  for (let turn = 0; turn < MAX_TURNS; turn++) {
    const moment = momentOf(records);
    const { record: next, call } = plan(heard ? hear(record, heard, moment) : record, known.camera, moment);
    const hasToTell = deliver !== undefined && next.outbox.length > 0;
    const isDone = !call && !hasToTell;
    const { wakeAtMs } = next;
    // The wake-up need not wait for the write: it comes later than the write takes.
    const woken =
      isDone && wakeAtMs !== undefined && wakeAtMs !== wokenAtMs
        ? records.wake(cameraId, Math.max(SOONEST_WAKE_MS, wakeAtMs - moment.nowMs))
        : undefined;
    if (next !== record) {
      const written = { ...next, version: record.version + 1 };
      const [isWritten] = await Promise.all([records.put(written), woken]);
      if (!isWritten) {
        record = await find(records, cameraId);
        wokenAtMs = record.wakeAtMs;
        continue;
      }
      record = written;
    }
    await woken;
    if (isDone) return { record, hasCalled };
    if (call) {
      hasCalled ||= call.kind === "start";
      heard = await answerOf(engine, call);
    } else heard = { kind: "sent", ids: await deliver!(record.outbox) };
  }
  throw new Error(`the record of ${cameraId} took more than ${MAX_TURNS} turns; it is woken again`);
}

async function answerOf(engine: Engine, call: Call): Promise<Heard> {
  if (call.kind === "start")
    return { kind: "start-answered", attempt: call.run.attempt, answer: await engine.start(call.run) };
  return { kind: "found", attempt: call.attempt, finding: await engine.find(call.processorName) };
}

const momentOf = (records: Table) => ({ nowMs: records.now(), random: records.random() });
