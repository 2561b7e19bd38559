import { hear, idle, type Finding, type Heard, type StartAnswer } from "../core/session.ts";
import { plan, type Call } from "../core/session-plan.ts";
import type { Camera } from "../schemas/camera.ts";
import type { Outgoing } from "../schemas/outgoing.ts";
import type { Run, Session } from "../schemas/session.ts";

/** More turns than a record takes at once: each is one write, and several callers may meet on one record. */
const MAX_TURNS = 50;

/** The table of the sessions, and the queue by which a record is looked at later. */
export interface Records {
  now(): number;
  /** 0 up to but not including 1. */
  random(): number;
  find(cameraId: string): Promise<Session | undefined>;
  /** Writes the record in the place of exactly the version before; false when another was faster. */
  put(record: Session): Promise<boolean>;
  /** Has the record looked at `delayMs` from now. */
  wake(cameraId: string, delayMs: number): Promise<void>;
}

/** What a record's next step may ask of others. */
export interface Engine {
  camera(cameraId: string): Promise<Camera | undefined>;
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

/** Lets a camera's record hear something and leaves the rest to whoever is woken. */
export async function note(records: Records, cameraId: string, heard: Heard): Promise<Noted> {
  for (let turn = 0; turn < MAX_TURNS; turn++) {
    const record = (await records.find(cameraId)) ?? idle(cameraId);
    const next = hear(record, heard, momentOf(records));
    if (next === record) return { record, isNews: false };
    const written = { ...next, version: record.version + 1 };
    if (!(await records.put(written))) continue;
    await wakeAgain(records, record, written);
    return { record: written, isNews: true };
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
 * @param deliver left out where what there is to tell is left to whoever is woken
 */
export async function drive(
  records: Records,
  engine: Engine,
  cameraId: string,
  options: { heard?: Heard; deliver?: Deliver } = {},
): Promise<Driven> {
  const [found, camera] = await Promise.all([records.find(cameraId), engine.camera(cameraId)]);
  const first = found ?? idle(cameraId);
  let record = first;
  let heard = options.heard;
  let hasCalled = false;
  for (let turn = 0; turn < MAX_TURNS; turn++) {
    const moment = momentOf(records);
    const { record: next, call } = plan(heard ? hear(record, heard, moment) : record, camera, moment);
    if (next !== record) {
      const written = { ...next, version: record.version + 1 };
      if (!(await records.put(written))) {
        record = (await records.find(cameraId)) ?? idle(cameraId);
        continue;
      }
      record = written;
    }
    if (call) {
      hasCalled ||= call.kind === "start";
      heard = await answerOf(engine, call);
    } else if (options.deliver && record.outbox.length > 0)
      heard = { kind: "sent", ids: await options.deliver(record.outbox) };
    else {
      await wakeAgain(records, first, record);
      return { record, hasCalled };
    }
  }
  throw new Error(`the record of ${cameraId} took more than ${MAX_TURNS} turns; it is woken again`);
}

async function answerOf(engine: Engine, call: Call): Promise<Heard> {
  if (call.kind === "start")
    return { kind: "start-answered", attempt: call.run.attempt, answer: await engine.start(call.run) };
  return { kind: "found", attempt: call.attempt, finding: await engine.find(call.processorName) };
}

async function wakeAgain(records: Records, before: Session, { cameraId, wakeAtMs }: Session): Promise<void> {
  if (wakeAtMs === undefined || wakeAtMs === before.wakeAtMs) return;
  await records.wake(cameraId, Math.max(0, wakeAtMs - records.now()));
}

const momentOf = (records: Records) => ({ nowMs: records.now(), random: records.random() });
