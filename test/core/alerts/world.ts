import * as v from "valibot";
import { nextTurn, sleep, TurnableClock } from "../../../base/clock.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../base/durations.ts";
import { randomSequence, type Random } from "../../../base/random.ts";
import { driveAlerts, type AlertParts } from "../../../core/alerts/drive.ts";
import type { Detection } from "../../../core/alerts/match.ts";
import type { AlertEvent } from "../../../core/alerts/reduce.ts";
import { handledTogether } from "../../../core/alerts/together.ts";
import { idle } from "../../../core/sessions/reduce.ts";
import type { AlertDecision } from "../../../schemas/alert-decision.ts";
import type { AlertDelivery } from "../../../schemas/alert-message.ts";
import { alertRecord, type AlertRecord } from "../../../schemas/alert-record.ts";
import { alertRule, type AlertRule, type AlertRuleInput } from "../../../schemas/alert-rule.ts";
import type { BusEvent } from "../../../schemas/bus-event.ts";
import { camera as cameraSchema, type Camera } from "../../../schemas/camera.ts";
import type { SeenPerson } from "../../../schemas/person.ts";
import type { Session } from "../../../schemas/session.ts";
import type { Snoozed } from "../../../schemas/snooze.ts";

/** When the world begins, epoch milliseconds. */
export const BEGIN_MS = Date.UTC(2026, 10, 21, 23, 30);
const REDELIVERY_MS = 60_000;
const MAX_RECEIVES = 5;
/** How long a message waits at most until it is received, together with those that arrive meanwhile. */
const LONGEST_POLL_MS = 200;
/** How long after its begin the stream has video of a session that begins late. */
export const LEAD_MS = 3000;

/** A notification with its labels. Times are since the beginning of the world. */
export interface Notification {
  /** After the begin of its session. */
  readonly afterMs: number;
  readonly labels: readonly { readonly label: string; readonly confidence: number | null }[];
  /** How long after it is detected each copy arrives. */
  readonly arrivesAfterMs: readonly number[];
  /** How long after it is detected the bucket has its picture; null for never. */
  readonly pictureAfterMs: number | null;
}

/** The faces of one image. Times are as those of a notification. */
export interface SeenFaces {
  readonly afterMs: number;
  readonly persons: readonly SeenPerson[];
  readonly arrivesAfterMs: readonly number[];
}

/** Sessions of a camera without a gap between them. */
export interface ChainOfSessions {
  /** Since the end of the chain before. */
  readonly pauseMs: number;
  readonly sessions: readonly {
    readonly lengthMs: number;
    readonly notifications: readonly Notification[];
    readonly faces: readonly SeenFaces[];
  }[];
  /** How long after its end each copy of the report arrives; none if it is never reported. */
  readonly reportedAfterMs: readonly number[];
  /** Whether the stream's video begins after the first session. */
  readonly hasLead: boolean;
}

/** How often things go wrong, each 0..1, in the first hour. */
export interface Trouble {
  /** A function dies before or after a call. */
  readonly crash: number;
  /** A destination does not accept an entry, or fails. */
  readonly refuse: number;
  /** A message of the queue arrives twice. */
  readonly twice: number;
  /** A call to S3 or for a look fails. */
  readonly fail: number;
  readonly slowestMs: number;
}

export interface AlertWorldOptions {
  readonly cameras: Readonly<Record<string, readonly ChainOfSessions[]>>;
  readonly rules: readonly AlertRuleInput[];
  readonly snoozes: readonly { readonly of: Snoozed; readonly fromMs: number; readonly forMs: number }[];
  /** Since when each camera is armed. */
  readonly armedSinceMs: number;
  /** When a package lies there. */
  readonly packageFromMs: number;
  readonly packageUntilMs: number;
  readonly trouble: Partial<Trouble>;
  readonly seed: number;
}

/** A session of the world with absolute times. */
interface WorldSession {
  readonly sessionId: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly chainStartMs: number;
  /** Where its record says that the chain began, once its first session has ended. */
  readonly movedStartMs: number;
  readonly firstEndMs: number;
}

/** What arrives in the queue. */
type Message =
  | { readonly kind: "detected"; readonly detections: readonly WorldDetection[] }
  | { readonly kind: "chain-ended"; readonly videoStartMs: number; readonly videoEndMs: number }
  | { readonly kind: "wake" };

export interface WorldDetection {
  readonly detection: Omit<Detection, "isPictureStored">;
  readonly storedAtMs: number;
  readonly chainStartMs: number;
}

/** What one invocation of the function has read, and what it did. */
export interface Invocation {
  readonly cameraId: string;
  readonly startedMs: number;
  readonly session: Session | undefined;
  readonly snoozes: AlertWorldOptions["snoozes"];
  readonly detections: readonly Detection[];
  isDead: boolean;
}

class Crash extends Error {}

const NO_TROUBLE: Trouble = { crash: 0, refuse: 0, twice: 0, fail: 0, slowestMs: 100 };

/** Cameras, their sessions, the queue, the tables, the bus and the targets, with a clock of their own. */
export class AlertWorld {
  readonly clock = new TurnableClock(BEGIN_MS);
  readonly records = new Map<string, AlertRecord>();
  readonly rules: readonly AlertRule[];
  readonly options: AlertWorldOptions;
  readonly trouble: Trouble;
  readonly detections = new Map<string, WorldDetection>();
  /** Rows that the lake accepted, events that the bus accepted and messages that the queue of deliveries accepted, in order. */
  readonly rows: AlertDecision[] = [];
  readonly events: BusEvent[] = [];
  readonly deliveries: AlertDelivery[] = [];
  /** Alerts that each rule took, by rule and hour. */
  readonly taken = new Map<string, Set<string>>();
  readonly looks: { readonly atMs: number; readonly kind: string }[] = [];
  wakeUps = 0;
  /** Called with each record that is written. */
  onPut: (before: AlertRecord | undefined, after: AlertRecord, invocation: Invocation) => void = () => {};
  readonly #cameras: ReadonlyMap<string, Camera>;
  readonly #sessions = new Map<string, readonly WorldSession[]>();
  readonly #random: Random;
  /** What has arrived in the queue, by camera. */
  readonly #waiting = new Map<string, { readonly message: Message; readonly receives: number }[]>();
  readonly #dead: (() => void)[] = [];
  #fault: unknown;

  constructor(options: AlertWorldOptions) {
    this.options = options;
    this.trouble = { ...NO_TROUBLE, ...options.trouble };
    this.#random = randomSequence(options.seed);
    this.rules = options.rules.map((rule) => v.parse(alertRule, rule));
    const ids = Object.keys(options.cameras);
    this.#cameras = new Map(
      ids.map((cameraId) => [
        cameraId,
        v.parse(cameraSchema, {
          cameraId,
          streamName: cameraId,
          processorName: cameraId,
          keyVersion: 1,
          armedSinceMs: BEGIN_MS + options.armedSinceMs,
        }),
      ]),
    );
    for (const cameraId of ids) this.#schedule(cameraId, options.cameras[cameraId]!);
  }

  /** Runs until nothing is left to happen; messages that the queue gave up are redriven once nothing goes wrong any more. */
  async play(): Promise<void> {
    await this.#run();
    this.clock.turn(Math.max(0, BEGIN_MS + HOUR_MS - this.clock.now()));
    // One after another: not many functions handle a queue at the same time.
    for (const [index, redrive] of this.#dead.splice(0).entries())
      this.clock.after(index * SECOND_MS, redrive);
    await this.#run();
    if (this.#dead.length > 0) this.#fault ??= new Error("a redriven message failed");
    if (this.#fault) throw this.#fault;
  }

  async #run(): Promise<void> {
    await nextTurn();
    for (let dueMs = this.clock.nextDueMs; dueMs !== undefined; dueMs = this.clock.nextDueMs) {
      if (dueMs > BEGIN_MS + 100 * HOUR_MS) throw new Error("the world does not end");
      this.clock.turn(Math.max(0, dueMs - this.clock.now()));
      await nextTurn();
    }
  }

  #schedule(cameraId: string, chains: readonly ChainOfSessions[]): void {
    const sessions: WorldSession[] = [];
    let atMs = BEGIN_MS;
    let count = 0;
    for (const [chainIndex, { pauseMs, sessions: given, reportedAfterMs, hasLead }] of chains.entries()) {
      atMs += pauseMs;
      const chainStartMs = atMs;
      const firstEndMs = atMs + given[0]!.lengthMs;
      const movedStartMs = chainStartMs + (hasLead ? LEAD_MS : 0);
      for (const { lengthMs, notifications, faces } of given) {
        const session = {
          sessionId: `${cameraId}-${chainIndex}-${count++}`,
          startMs: atMs,
          endMs: atMs + lengthMs,
          chainStartMs,
          movedStartMs,
          firstEndMs,
        };
        sessions.push(session);
        for (const [index, notification] of notifications.entries())
          this.#notify(cameraId, session, `${session.sessionId}-${index}`, notification);
        for (const [index, image] of faces.entries())
          this.#see(cameraId, session, `faces-${session.sessionId}-${index}`, image);
        atMs = session.endMs;
      }
      const { startMs: videoStartMs, endMs: videoEndMs } = sessions.at(-1)!;
      for (const afterMs of reportedAfterMs)
        this.#deliverAt(cameraId, videoEndMs + afterMs, { kind: "chain-ended", videoStartMs, videoEndMs });
    }
    this.#sessions.set(cameraId, sessions);
  }

  #notify(cameraId: string, session: WorldSession, eventId: string, given: Notification): void {
    // A session detects nothing before its video begins.
    const leadMs = session.movedStartMs - session.chainStartMs;
    const detectedAtMs = Math.min(session.startMs + leadMs + given.afterMs, session.endMs - 1);
    const detections = given.labels.map(({ label, confidence }, index) => ({
      detection: {
        eventId,
        labelId: String(index),
        sessionId: session.sessionId,
        sessionStartedAtMs: session.startMs,
        label,
        confidence,
        detectedAtMs,
        frameUri: `s3://evidence/${eventId}.jpg`,
        cropUri: `s3://evidence/${eventId}/${index}.jpg`,
      },
      storedAtMs: given.pictureAfterMs === null ? Infinity : detectedAtMs + given.pictureAfterMs,
      chainStartMs: session.chainStartMs,
    }));
    for (const one of detections) this.detections.set(`${eventId}/${one.detection.labelId}`, one);
    for (const afterMs of given.arrivesAfterMs)
      this.#deliverAt(cameraId, detectedAtMs + afterMs, { kind: "detected", detections });
  }

  #see(cameraId: string, session: WorldSession, eventId: string, given: SeenFaces): void {
    const leadMs = session.movedStartMs - session.chainStartMs;
    const detectedAtMs = Math.min(session.startMs + leadMs + given.afterMs, session.endMs - 1);
    const detections = given.persons.map((person, index) => ({
      detection: {
        eventId,
        labelId: String(index),
        sessionId: session.sessionId,
        // Faces do not say where it began.
        sessionStartedAtMs: null,
        label: "PERSON",
        confidence: null,
        person,
        detectedAtMs,
        frameUri: null,
        cropUri: null,
      },
      storedAtMs: Infinity,
      chainStartMs: session.chainStartMs,
    }));
    for (const one of detections) this.detections.set(`${eventId}/${one.detection.labelId}`, one);
    for (const afterMs of given.arrivesAfterMs)
      this.#deliverAt(cameraId, detectedAtMs + afterMs, { kind: "detected", detections });
  }

  #deliverAt(cameraId: string, atMs: number, message: Message, receives = 1): void {
    const receive = (): void => {
      const waiting = this.#waiting.get(cameraId) ?? [];
      this.#waiting.set(cameraId, waiting);
      waiting.push({ message, receives });
      const waitMs = Math.floor(this.#random() * LONGEST_POLL_MS);
      if (waiting.length === 1) this.clock.after(waitMs, () => void this.#receive(cameraId));
    };
    this.clock.after(Math.max(0, atMs - this.clock.now()), receive);
  }

  /** Handles what waits for a camera in one invocation, in groups. */
  async #receive(cameraId: string): Promise<void> {
    for (const group of handledTogether(this.#waiting.get(cameraId)!.splice(0)))
      try {
        await this.#invoke(
          cameraId,
          group.map(({ message }) => message),
        );
      } catch (error) {
        if (!(error instanceof Crash) && !this.#isTroubled()) this.#fault ??= error;
        for (const { message, receives } of group)
          if (receives < MAX_RECEIVES)
            this.#deliverAt(cameraId, this.clock.now() + REDELIVERY_MS, message, receives + 1);
          else this.#dead.push(() => this.#deliverAt(cameraId, this.clock.now(), message));
      }
  }

  async #invoke(cameraId: string, messages: readonly Message[]): Promise<void> {
    const startedMs = this.clock.now();
    const session = this.#sessionAt(cameraId, startedMs);
    const detections = messages
      .flatMap((message) => (message.kind === "detected" ? message.detections : []))
      .map(({ detection, storedAtMs }) => ({ ...detection, isPictureStored: storedAtMs <= startedMs }));
    const snoozes = this.options.snoozes.filter(({ fromMs }) => BEGIN_MS + fromMs <= startedMs);
    const invocation: Invocation = { cameraId, startedMs, session, snoozes, detections, isDead: false };
    const settings = {
      camera: this.#cameras.get(cameraId)!,
      rules: this.rules,
      snoozes: snoozes.map(({ of, fromMs, forMs }) => ({ of, untilMs: BEGIN_MS + fromMs + forMs })),
    };
    const first = messages[0]!;
    if (first.kind === "wake") this.wakeUps++;
    await driveAlerts(this.#parts(invocation), cameraId, settings, this.#eventOf(first, invocation));
  }

  #eventOf(first: Message, { session, detections }: Invocation): AlertEvent | undefined {
    if (first.kind === "wake") return undefined;
    if (first.kind === "chain-ended") return first;
    return { kind: "detected", detections, session };
  }

  /** The camera's record of sessions as it is at a time. */
  #sessionAt(cameraId: string, nowMs: number): Session | undefined {
    const current = this.#sessions.get(cameraId)!.findLast(({ startMs }) => startMs <= nowMs);
    if (!current) return undefined;
    const { sessionId, startMs, chainStartMs, movedStartMs, firstEndMs, endMs } = current;
    const run = {
      attempt: 1,
      engine: "frames" as const,
      processorName: cameraId,
      videoStartMs: startMs,
      chainStartMs: nowMs < firstEndMs ? chainStartMs : movedStartMs,
      maxDurationSeconds: 120,
      day: "2026-11-21",
      calledAtMs: startMs,
      sessionId,
      checkAtMs: endMs,
      dueAtMs: endMs,
      overdueChecks: 0,
    };
    return { ...idle(cameraId), state: nowMs < endMs ? "running" : "completed", run };
  }

  #parts(invocation: Invocation): AlertParts {
    const call = <T>(act: () => T): Promise<T> => this.#call(invocation, act);
    const accept = <T>(entries: readonly T[], into: T[]): boolean[] => {
      if (this.#happens(this.trouble.refuse / 4)) throw new Error("the destination fails");
      return entries.map((entry) => {
        if (this.#happens(this.trouble.refuse)) return false;
        into.push(JSON.parse(JSON.stringify(entry)) as T);
        return true;
      });
    };
    const { cameraId } = invocation;
    return {
      now: () => this.clock.now(),
      find: () => call(() => this.records.get(cameraId)),
      put: (record) =>
        call(() => {
          const before = this.records.get(cameraId);
          if ((before?.version ?? 0) !== record.version - 1) return false;
          const stored = v.parse(alertRecord, JSON.parse(JSON.stringify(record)));
          this.records.set(cameraId, stored);
          this.onPut(before, stored, invocation);
          return true;
        }),
      wake: (_, delayMs) =>
        call(() => {
          if (delayMs < SECOND_MS || delayMs > 15 * MINUTE_MS) throw new Error(`a delay of ${delayMs} ms`);
          const delay = Math.ceil(delayMs / SECOND_MS) * SECOND_MS;
          const copies = this.#happens(this.trouble.twice) ? 2 : 1;
          for (let copy = 0; copy < copies; copy++)
            this.#deliverAt(cameraId, this.clock.now() + delay + copy * 300, { kind: "wake" });
        }),
      take: ({ ruleId, maxPerHour }, alertId, nowMs) =>
        call(() => {
          const key = `${ruleId}/${Math.floor(nowMs / HOUR_MS)}`;
          const alerts = this.taken.get(key) ?? new Set();
          this.taken.set(key, alerts);
          if (alerts.size < maxPerHour) alerts.add(alertId);
          return alerts.has(alertId);
        }),
      isStored: (uri) =>
        call(() => {
          if (this.#happens(this.trouble.fail)) throw new Error("S3 fails");
          const found = [...this.detections.values()].find(({ detection }) => detection.cropUri === uri);
          return found!.storedAtMs <= this.clock.now();
        }),
      look: (_, fromMs) =>
        call(() => {
          if (this.#happens(this.trouble.fail)) throw new Error("the stream has no image");
          const atMs = Math.max(fromMs, this.clock.now() - SECOND_MS);
          const { packageFromMs, packageUntilMs } = this.options;
          const isThere = BEGIN_MS + packageFromMs <= atMs && atMs < BEGIN_MS + packageUntilMs;
          const kind = isThere ? "package" : "no-package";
          this.looks.push({ atMs, kind });
          return { kind, atMs };
        }),
      enter: (decisions) => call(() => accept(decisions, this.rows)),
      publish: (events) => call(() => accept(events, this.events)),
      send: (deliveries) => call(() => accept(deliveries, this.deliveries)),
    };
  }

  /** Takes some time, and the function may die before or after it took effect; a dead function makes no more calls. */
  async #call<T>(invocation: Invocation, act: () => T): Promise<T> {
    const die = (): void => {
      if (invocation.isDead || this.#happens(this.trouble.crash / 2)) {
        invocation.isDead = true;
        throw new Crash("the function dies");
      }
    };
    await sleep(this.clock, Math.floor(this.#random() * this.trouble.slowestMs));
    die();
    const result = act();
    die();
    return result;
  }

  /** Whether anything may go wrong now. */
  #isTroubled(): boolean {
    const { crash, refuse, fail } = this.trouble;
    return crash + refuse + fail > 0 && this.clock.now() < BEGIN_MS + HOUR_MS;
  }

  #happens(probability: number): boolean {
    const isEarly = this.clock.now() < BEGIN_MS + HOUR_MS;
    return probability > 0 && isEarly && this.#random() < probability;
  }
}
