import { randomSequence, type Random } from "../../base/random.ts";
import type { SessionEvent } from "../../core/sessions/reduce.ts";
import { firstOf, type FragmentsOf } from "../../core/sessions/analysed-video.ts";
import { union } from "../../core/sessions/intervals.ts";
import { isActive, watermarkMs } from "../../core/sessions/ledger.ts";
import { deliverTo } from "../../core/sessions/deliver.ts";
import {
  applyEvent,
  drive,
  findSession,
  type Engine,
  type Engines,
  type SessionRecords,
} from "../../core/sessions/drive.ts";
import type { Camera } from "../../schemas/camera.ts";
import type { Coverage } from "../../schemas/coverage.ts";
import type { RunStatus, StartResult } from "../../schemas/engine.ts";
import type { ReceivedFragment } from "../../schemas/fragment.ts";
import type { Interval, Run, Session } from "../../schemas/session.ts";
import type { SessionBusEvent } from "../../schemas/bus-event.ts";
import { SampledSessions, type SampledSession } from "./sampled-sessions.ts";

/** How often things go wrong, each 0..1, until `lasts` is over; after that everything works. */
export interface Trouble {
  readonly crash: number;
  readonly throttle: number;
  readonly refuse: number;
  readonly failLater: number;
  /** How often a session decodes nothing of the video that it reads. */
  readonly unreadable: number;
  readonly listFails: number;
  /** How long after a fragment arrives it is listed. */
  readonly listLagMs: number;
  readonly loseEnd: number;
  readonly loseWake: number;
  readonly checkFails: number;
  /** How often the ledger or the bus accepts nothing, or not everything. */
  readonly refuseOutbox: number;
  readonly omitStart: boolean;
  readonly slowestMs: number;
  readonly lasts: number;
}

/** A camera's motion request: when, in its own time, and the delays after which copies arrive; none means lost. */
export interface Report {
  readonly verb: "start" | "stop";
  readonly afterMs: number;
  readonly arrivesAfterMs: readonly number[];
}

/** Video that a camera sends. */
export interface Upload {
  /** Where it begins, after the beginning of the play, in real time. */
  readonly afterMs: number;
  readonly lengthMs: number;
  readonly fragmentMs: number;
  /** How long after their end its fragments arrive; undefined for a clip that is sent whole, at `sentAfterMs`. */
  readonly lateMs: number | undefined;
  readonly sentAfterMs: number;
  /** How often it is sent. */
  readonly copies: number;
}

/** How long a session waits for the next fragment. */
const SILENCE_MS = 25_000;
const BEGIN_MS = Date.UTC(2026, 10, 21, 23, 30);
const REAPER_MS = 60_000;
const REDELIVERY_MS = 180_000;
const CAMERA_ID = "front-door";
const HORIZON_MS = 12 * 3_600_000;

class Crash extends Error {}

/** When a function last listed the stream. */
interface Listed {
  atMs?: number;
}

interface ProcessorSession {
  readonly sessionId: string;
  readonly run: Run;
  readonly processedMs: number;
  /** The fragments that it read, and analysed unless none could be decoded. */
  readonly fragments: readonly ReceivedFragment[];
  readonly ends: boolean;
  isOver: boolean;
}

export type ModelSession = ProcessorSession | SampledSession;

/** One camera, its processor, the table, the queue and a clock of their own; random numbers come from a seed. */
export class SessionWorld {
  nowMs = BEGIN_MS;
  stored: Session | undefined;
  readonly rows = new Map<string, Coverage>();
  readonly events = new Map<string, SessionBusEvent>();
  readonly sessions: ModelSession[] = [];
  readonly stops: string[] = [];
  /** When each ledger entry was first in the record, and when the function that entered it last listed the stream. */
  readonly entered = new Map<string, { atMs: number; listedAtMs: number | undefined }>();
  readonly fragments: readonly ReceivedFragment[];
  readonly starts: number[] = [];
  readonly ends: number[] = [];
  busyResults = 0;
  startRequests = 0;
  #processor: ProcessorSession | "failed" | undefined;
  readonly #frames: SampledSessions;
  #camera: Camera;
  readonly trouble: Trouble;
  readonly #reports: readonly Report[];
  readonly #movesAfterMs: number | undefined;
  readonly #skewMs: number;
  readonly #random: Random;
  #order = 0;
  readonly #queue: { atMs: number; order: number; run: () => void }[] = [];

  constructor(
    camera: Camera,
    trouble: Trouble,
    {
      reports,
      uploads,
      movesAfterMs,
    }: {
      reports: readonly Report[];
      uploads: readonly Upload[];
      /** When the camera moves to the other engine; not at all if undefined. */
      movesAfterMs?: number | undefined;
    },
    skewMs: number,
    seed: number,
  ) {
    this.fragments = fragmentsOf(uploads, skewMs);
    this.#movesAfterMs = movesAfterMs;
    this.#camera = camera;
    this.trouble = trouble;
    this.#reports = reports;
    this.#skewMs = skewMs;
    this.#random = randomSequence(seed);
    this.#frames = this.#sampledSessions();
  }

  /** Runs until nothing is left to happen, or until it is clear that something waits forever. */
  async play(): Promise<void> {
    for (const report of this.#reports)
      for (const delayMs of report.arrivesAfterMs)
        this.#at(BEGIN_MS + report.afterMs + delayMs, () => this.#report(report));
    if (this.#movesAfterMs !== undefined)
      this.#at(BEGIN_MS + this.#movesAfterMs, () => {
        const engine = this.#camera.engine === "frames" ? "stream-processor" : "frames";
        this.#camera = { ...this.#camera, engine };
      });
    this.#reap();
    for (const endMs = BEGIN_MS + HORIZON_MS; this.#queue.length > 0 && this.nowMs < endMs;) {
      let first = 0;
      for (let i = 1; i < this.#queue.length; i++)
        if (isBefore(this.#queue[i]!, this.#queue[first]!)) first = i;
      const [next] = this.#queue.splice(first, 1);
      this.nowMs = Math.max(this.nowMs, Math.ceil(next!.atMs));
      next!.run();
      // What this started runs until it waits for the clock again.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Motion as it was reported: from each start to the first stop at or after it, or to the timeout. */
  motion(): Interval[] {
    return this.starts.map((fromMs) => ({
      fromMs,
      untilMs: Math.min(
        fromMs + this.#camera.motionTimeoutSeconds * 1000,
        ...this.ends.filter((endMs) => endMs >= fromMs),
      ),
    }));
  }

  #at(atMs: number, run: () => void): void {
    this.#queue.push({ atMs, order: this.#order++, run });
  }

  #happens(share: number): boolean {
    return this.nowMs < BEGIN_MS + this.trouble.lasts && this.#random() < share;
  }

  /** Takes some time, and may crash the caller before or after it took effect. */
  async #step<T>(act: () => T): Promise<T> {
    await new Promise<void>((resolve) =>
      this.#at(this.nowMs + Math.floor(this.#random() * this.trouble.slowestMs), resolve),
    );
    if (this.#happens(this.trouble.crash)) throw new Crash("before");
    const result = act();
    if (this.#happens(this.trouble.crash)) throw new Crash("after");
    return result;
  }

  #report({ verb, afterMs }: Report): void {
    const atMs = BEGIN_MS + afterMs + this.#skewMs;
    const committed = () => void (verb === "start" ? this.starts : this.ends).push(atMs);
    const records = this.#records(committed);
    const timeoutSeconds = this.#camera.motionTimeoutSeconds;
    const doing =
      verb === "start"
        ? this.#start(records, { kind: "motion-started", atMs, timeoutSeconds })
        : this.#apply(records, { kind: "motion-stopped", atMs });
    this.#unlessCrashed(doing);
  }

  /** New motion starts a session at once unless one is requested or running. */
  async #start(
    records: SessionRecords,
    event: Extract<SessionEvent, { kind: "motion-started" }>,
  ): Promise<void> {
    const before = this.stored;
    const startsBefore = this.startRequests;
    await this.#drive(records, { event });
    const { schedule, dailyBudgetMinutes } = this.#camera;
    const isFree = schedule === undefined && dailyBudgetMinutes === undefined && this.trouble.lasts === 0;
    const isNew =
      event.atMs >= Math.max(before ? watermarkMs(before) : 0, before?.wanted.at(-1)?.untilMs ?? 0);
    const isIdle = !before || (!isActive(before) && before.outbox.length < 200);
    const lasts = this.ends.every((endMs) => endMs !== event.atMs);
    if (isFree && isNew && isIdle && lasts && this.startRequests === startsBefore && !isActive(this.stored!))
      this.fault ??= new Error(`motion at ${event.atMs} started no session: ${JSON.stringify(before)}`);
  }

  #wake(): void {
    const listed: Listed = {};
    const doing = this.#drive(this.#records(undefined, listed), {
      deliver: this.#deliver,
      fragments: this.#fragmentsFor(listed),
    });
    this.#unlessCrashed(doing, () => this.#at(this.nowMs + REDELIVERY_MS, () => this.#wake()));
  }

  /** Reads the camera and its record at the same time, as the functions do. */
  async #drive(records: SessionRecords, options: Parameters<typeof drive>[3]): Promise<void> {
    const [record, camera] = await Promise.all([
      findSession(records, CAMERA_ID),
      this.#step(() => this.#camera),
    ]);
    await drive(records, this.#engines, { record, camera }, options);
  }

  async #apply(records: SessionRecords, event: SessionEvent): Promise<void> {
    await applyEvent(records, await findSession(records, CAMERA_ID), event);
  }

  #reap(): void {
    const wakeAtMs = this.stored?.wakeAtMs;
    if (wakeAtMs !== undefined && wakeAtMs <= this.nowMs) this.#wake();
    if (wakeAtMs !== undefined || this.#queue.length > 0)
      this.#at(this.nowMs + REAPER_MS, () => this.#reap());
  }

  #unlessCrashed(doing: Promise<unknown>, crashed: () => void = () => {}): void {
    doing.catch((error: unknown) => {
      const causes = error instanceof AggregateError ? (error.errors as unknown[]) : [error];
      this.fault ??= causes.find((cause) => !(cause instanceof Crash));
      crashed();
    });
  }
  /** An error that no trouble explains. */
  fault: unknown;

  #records = (committed: () => void = () => {}, listed: Listed = {}): SessionRecords => ({
    now: () => this.nowMs,
    random: () => this.#random(),
    find: () => this.#step(() => this.stored),
    put: (record) =>
      this.#step(() => {
        if ((this.stored?.version ?? 0) !== record.version - 1) return false;
        this.stored = record;
        for (const entry of record.outbox)
          if (entry.to === "ledger" && !this.entered.has(entry.row.eventId))
            this.entered.set(entry.row.eventId, { atMs: this.nowMs, listedAtMs: listed.atMs });
        committed();
        return true;
      }),
    wake: (_cameraId, delayMs) =>
      this.#step(() => {
        if (!this.#happens(this.trouble.loseWake)) this.#at(this.nowMs + delayMs, () => this.#wake());
      }),
  });

  readonly #engine: Engine = {
    start: (run) => this.#step(() => this.#startSession(run)),
    find: async () => {
      if (this.#happens(this.trouble.checkFails)) throw new Crash("throttled");
      return await this.#step(() => this.#status());
    },
  };

  readonly #engines: Engines = {
    "stream-processor": this.#engine,
    "face-search": this.#engine,
    frames: {
      start: (run) => this.#startSampling(run),
      find: async (processorName) => {
        if (this.#happens(this.trouble.checkFails)) throw new Crash("throttled");
        return await this.#frames.find(processorName);
      },
    },
  };

  #sampledSessions = () =>
    new SampledSessions({
      now: () => this.nowMs,
      random: () => this.#random(),
      happens: (share) => this.#happens(share),
      step: (act) => this.#step(act),
      crash: (why) => new Crash(why),
      at: (atMs, run) => this.#at(atMs, run),
      attempt: (doing, brokenOff) => this.#unlessCrashed(doing, brokenOff),
      camera: this.#camera,
      listed: () => this.#stored(),
      list: (by, fromMs, untilMs) => this.#fragmentsFor({})("")(by, fromMs, untilMs),
      trouble: { ...this.trouble, loseStep: this.trouble.crash / 10 },
      began: (session) => void this.sessions.push(session),
      ended: (event, atMs) => this.#endSampling(event, { atMs }),
    });

  /** What the stream has and lists by now. */
  #stored = (): readonly ReceivedFragment[] =>
    this.fragments.filter((one) => one.serverMs + this.trouble.listLagMs <= this.nowMs);

  readonly #fragmentsFor =
    (listed: Listed): FragmentsOf =>
    () =>
    async (by, fromMs, untilMs) => {
      if (this.#happens(this.trouble.listFails)) throw new Error("ListFragments is throttled");
      return await this.#step(() => {
        listed.atMs = this.nowMs;
        const timeOf = ({ startMs, serverMs }: ReceivedFragment) => (by === "producer" ? startMs : serverMs);
        return this.#stored()
          .filter((one) => fromMs <= timeOf(one) && timeOf(one) <= untilMs)
          .toReversed();
      });
    };

  readonly #deliver = deliverTo({
    enter: (rows) => this.#take(rows, (row) => this.rows.set(row.eventId, row)),
    put: (events) => this.#take(events, (event) => this.events.set(event.detail.eventId, event)),
    stop: ({ processorName, engine, videoEndMs }) =>
      engine === "frames"
        ? this.#frames.stop(processorName, videoEndMs)
        : this.#step(() => this.#stop(processorName)),
  });

  /** A destination accepts all, some or, as if it were down, none. */
  async #take<T>(entries: readonly T[], take: (entry: T) => void): Promise<boolean[]> {
    if (this.#happens(this.trouble.refuseOutbox)) throw new Crash("the destination is down");
    return await this.#step(() =>
      entries.map((entry) => {
        if (this.#happens(this.trouble.refuseOutbox)) return false;
        take(entry);
        return true;
      }),
    );
  }

  #startSession(run: Run): StartResult {
    this.startRequests++;
    if (this.#happens(this.trouble.throttle)) return { kind: "throttled" };
    if (this.#happens(this.trouble.refuse)) return { kind: "refused", reason: "AccessDenied" };
    if (typeof this.#processor === "object") {
      this.busyResults++;
      return { kind: "processor-busy" };
    }
    const { fragments, endAtMs } = this.#read(run);
    const readMs = fragments.reduce((sum, { durationMs }) => sum + durationMs, 0);
    const processedMs = this.#happens(this.trouble.unreadable) ? 0 : readMs;
    const fails = this.#happens(this.trouble.failLater);
    const sessionId = `session-${this.sessions.length + 1}`;
    const session = { sessionId, run, fragments, processedMs, ends: !fails, isOver: false };
    this.sessions.push(session);
    this.#processor = session;
    const atMs = fails ? this.nowMs + this.#random() * 20_000 : endAtMs + this.#random() * 500;
    this.#at(atMs, () => this.#endSession(session, fails));
    return { kind: "started", sessionId };
  }

  async #startSampling(run: Run): Promise<StartResult> {
    this.startRequests++;
    if (this.#happens(this.trouble.throttle)) return { kind: "throttled" };
    if (this.#happens(this.trouble.refuse)) return { kind: "refused", reason: "AccessDenied" };
    const result = await this.#frames.start(run, `sampled-${this.startRequests}`);
    if (result.kind === "processor-busy") this.busyResults++;
    return result;
  }

  /** When all goes well, the record of an ended session is written before its end is received. */
  #endSampling(event: SessionEvent, listed: Listed): void {
    if (this.#happens(this.trouble.loseEnd)) return;
    const leastMs = this.trouble.lasts === 0 ? 10 * this.trouble.slowestMs : 0;
    const copies = this.#random() < 0.2 ? 2 : 1;
    for (let copy = 0; copy < copies; copy++)
      this.#at(this.nowMs + leastMs + this.#random() ** 4 * 300_000, () => this.#receiveEnd(event, listed));
  }

  /** Reads the stream as GetMedia sends it, until there is enough or nothing comes for a while. */
  #read(run: Run): { fragments: ReceivedFragment[]; endAtMs: number } {
    const read: ReceivedFragment[] = [];
    let endAtMs = this.nowMs;
    let leftMs = run.maxDurationSeconds * 1000;
    const first = firstOf(this.fragments, run);
    const from = first ? this.fragments.indexOf(first) : this.fragments.length;
    for (const fragment of this.fragments.slice(from)) {
      if (leftMs <= 0) return { fragments: read, endAtMs };
      if (fragment.serverMs - endAtMs > SILENCE_MS) break;
      endAtMs = Math.max(endAtMs, fragment.serverMs);
      leftMs -= fragment.durationMs;
      read.push(fragment);
    }
    return { fragments: read, endAtMs: leftMs <= 0 ? endAtMs : endAtMs + SILENCE_MS };
  }

  #endSession(session: ProcessorSession, fails: boolean): void {
    if (session.isOver) return;
    session.isOver = true;
    this.#processor = fails ? "failed" : undefined;
    if (fails || this.#happens(this.trouble.loseEnd)) return;
    const copies = this.#random() < 0.2 ? 2 : 1;
    for (let copy = 0; copy < copies; copy++)
      this.#at(this.nowMs + this.#random() ** 4 * 300_000, () => this.#reportEnd(session));
  }

  #reportEnd({ sessionId, processedMs, run }: ProcessorSession): void {
    const videoStartMs = this.trouble.omitStart ? null : run.videoStartMs;
    this.#receiveEnd({ kind: "session-completed", sessionId, processedMs, videoStartMs });
  }

  #receiveEnd(event: SessionEvent, listed: Listed = {}): void {
    const doing = this.#apply(this.#records(undefined, listed), event);
    this.#unlessCrashed(doing, () => this.#at(this.nowMs + 60_000, () => this.#receiveEnd(event, listed)));
  }

  #status(): RunStatus {
    if (this.#processor === undefined) return { kind: "stopped" };
    return this.#processor === "failed"
      ? { kind: "failed", reason: "Access denied to Role" }
      : { kind: "running" };
  }

  #stop(processorName: string): void {
    this.stops.push(processorName);
    if (typeof this.#processor === "object") this.#endSession(this.#processor, false);
  }
}

/** The uploads' fragments in the order in which they arrive, which is that of their numbers. */
function fragmentsOf(uploads: readonly Upload[], skewMs: number): ReceivedFragment[] {
  const sent = uploads.flatMap(({ afterMs, lengthMs, fragmentMs, lateMs, sentAfterMs, copies }) =>
    Array.from({ length: copies }, (_, copy) => {
      const count = Math.ceil(lengthMs / fragmentMs);
      return Array.from({ length: count }, (__, index) => {
        const startMs = BEGIN_MS + afterMs + index * fragmentMs;
        const durationMs = Math.min(fragmentMs, lengthMs - index * fragmentMs);
        const endMs = startMs + durationMs;
        const clipMs = Math.max(BEGIN_MS + afterMs + lengthMs, BEGIN_MS + sentAfterMs) + index * 10;
        const serverMs = (lateMs === undefined ? clipMs : endMs + lateMs) + copy * 7000;
        return { startMs: startMs + skewMs, durationMs, serverMs };
      });
    }).flat(),
  );
  return sent
    .toSorted((a, b) => a.serverMs - b.serverMs || a.startMs - b.startMs)
    .map((fragment, index) => ({ ...fragment, number: String(index + 1), sizeBytes: 1 }));
}

/** What a session analysed, pauses that are no gaps included. */
export const analysedBy = (session: ModelSession, pauseMs = 0): Interval[] =>
  "analysed" in session
    ? [...session.analysed]
    : session.processedMs === 0
      ? []
      : union(
          session.fragments.map(({ startMs, durationMs }) => ({
            fromMs: startMs,
            untilMs: startMs + durationMs,
          })),
          pauseMs,
        );

const isBefore = (a: { atMs: number; order: number }, b: { atMs: number; order: number }): boolean =>
  a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
