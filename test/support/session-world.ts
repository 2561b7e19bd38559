import type { SessionEvent } from "../../core/sessions/reduce.ts";
import { deliverTo } from "../../core/sessions/deliver.ts";
import {
  applyEvent,
  drive,
  findSession,
  type Engine,
  type SessionRecords,
} from "../../core/sessions/drive.ts";
import type { Camera } from "../../schemas/camera.ts";
import type { Coverage } from "../../schemas/coverage.ts";
import type { RunStatus, StartResult } from "../../schemas/engine.ts";
import type { Interval, Run, Session } from "../../schemas/session.ts";
import type { BusEvent } from "../../schemas/bus-event.ts";

/** How often things go wrong, each 0..1, until `lasts` is over; after that everything works. */
export interface Trouble {
  readonly crash: number;
  readonly throttle: number;
  readonly refuse: number;
  readonly failLater: number;
  readonly noVideo: number;
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

const BEGIN_MS = Date.UTC(2026, 10, 21, 23, 30);
const REAPER_MS = 60_000;
const REDELIVERY_MS = 180_000;
const CAMERA_ID = "front-door";
const HORIZON_MS = 12 * 3_600_000;

class Crash extends Error {}

interface ModelSession {
  readonly sessionId: string;
  readonly run: Run;
  readonly fromMs: number;
  readonly processedMs: number;
  readonly ends: boolean;
  isOver: boolean;
}

/** One camera, its processor, the table, the queue and a clock of their own; random numbers come from a seed. */
export class SessionWorld {
  nowMs = BEGIN_MS;
  stored: Session | undefined;
  readonly rows = new Map<string, Coverage>();
  readonly events = new Map<string, BusEvent>();
  readonly sessions: ModelSession[] = [];
  readonly stops: string[] = [];
  readonly starts: number[] = [];
  readonly ends: number[] = [];
  busyResults = 0;
  #processor: ModelSession | "failed" | undefined;
  readonly #camera: Camera;
  readonly #trouble: Trouble;
  readonly #reports: readonly Report[];
  readonly #skewMs: number;
  #seed: number;
  #order = 0;
  readonly #queue: { atMs: number; order: number; run: () => void }[] = [];

  constructor(camera: Camera, trouble: Trouble, reports: readonly Report[], skewMs: number, seed: number) {
    this.#camera = camera;
    this.#trouble = trouble;
    this.#reports = reports;
    this.#skewMs = skewMs;
    this.#seed = seed;
  }

  /** Runs until nothing is left to happen, or until it is clear that something waits forever. */
  async play(): Promise<void> {
    for (const report of this.#reports)
      for (const delayMs of report.arrivesAfterMs)
        this.#at(BEGIN_MS + report.afterMs + delayMs, () => this.#report(report));
    this.#reap();
    for (const endMs = BEGIN_MS + HORIZON_MS; this.#queue.length > 0 && this.nowMs < endMs;) {
      let first = 0;
      for (let i = 1; i < this.#queue.length; i++)
        if (isBefore(this.#queue[i]!, this.#queue[first]!)) first = i;
      const [next] = this.#queue.splice(first, 1);
      this.nowMs = Math.max(this.nowMs, next!.atMs);
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

  #random(): number {
    // Mulberry32.
    this.#seed = (this.#seed + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#seed ^ (this.#seed >>> 15), 1 | this.#seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  }

  #happens(share: number): boolean {
    return this.nowMs < BEGIN_MS + this.#trouble.lasts && this.#random() < share;
  }

  /** Takes some time, and may crash the caller before or after it took effect. */
  async #step<T>(act: () => T): Promise<T> {
    await new Promise<void>((resolve) =>
      this.#at(this.nowMs + Math.floor(this.#random() * this.#trouble.slowestMs), resolve),
    );
    if (this.#happens(this.#trouble.crash)) throw new Crash("before");
    const result = act();
    if (this.#happens(this.#trouble.crash)) throw new Crash("after");
    return result;
  }

  #report({ verb, afterMs }: Report): void {
    const atMs = BEGIN_MS + afterMs + this.#skewMs;
    const committed = () => void (verb === "start" ? this.starts : this.ends).push(atMs);
    const records = this.#records(committed);
    const timeoutSeconds = this.#camera.motionTimeoutSeconds;
    const doing =
      verb === "start"
        ? this.#drive(records, { event: { kind: "motion-started", atMs, timeoutSeconds } })
        : this.#apply(records, { kind: "motion-stopped", atMs });
    this.#unlessCrashed(doing);
  }

  #wake(): void {
    const doing = this.#drive(this.#records(), { deliver: this.#deliver });
    this.#unlessCrashed(doing, () => this.#at(this.nowMs + REDELIVERY_MS, () => this.#wake()));
  }

  /** Reads the camera and its record at the same time, as the functions do. */
  async #drive(records: SessionRecords, options: Parameters<typeof drive>[3]): Promise<void> {
    const [record, camera] = await Promise.all([
      findSession(records, CAMERA_ID),
      this.#step(() => this.#camera),
    ]);
    await drive(records, this.#engine, { record, camera }, options);
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

  #records = (committed: () => void = () => {}): SessionRecords => ({
    now: () => this.nowMs,
    random: () => this.#random(),
    find: () => this.#step(() => this.stored),
    put: (record) =>
      this.#step(() => {
        if ((this.stored?.version ?? 0) !== record.version - 1) return false;
        this.stored = record;
        committed();
        return true;
      }),
    wake: (_cameraId, delayMs) =>
      this.#step(() => {
        if (!this.#happens(this.#trouble.loseWake)) this.#at(this.nowMs + delayMs, () => this.#wake());
      }),
  });

  readonly #engine: Engine = {
    start: (run) => this.#step(() => this.#startSession(run)),
    find: async () => {
      if (this.#happens(this.#trouble.checkFails)) throw new Crash("throttled");
      return await this.#step(() => this.#status());
    },
  };

  readonly #deliver = deliverTo({
    enter: (rows) => this.#take(rows, (row) => this.rows.set(row.eventId, row)),
    put: (events) => this.#take(events, (event) => this.events.set(event.detail.eventId, event)),
    stop: (processorName) => this.#step(() => this.#stop(processorName)),
  });

  /** A destination accepts all, some or, as if it were down, none. */
  async #take<T>(entries: readonly T[], take: (entry: T) => void): Promise<boolean[]> {
    if (this.#happens(this.#trouble.refuseOutbox)) throw new Crash("the destination is down");
    return await this.#step(() =>
      entries.map((entry) => {
        if (this.#happens(this.#trouble.refuseOutbox)) return false;
        take(entry);
        return true;
      }),
    );
  }

  #startSession(run: Run): StartResult {
    if (this.#happens(this.#trouble.throttle)) return { kind: "throttled" };
    if (this.#happens(this.#trouble.refuse)) return { kind: "refused", reason: "AccessDenied" };
    if (typeof this.#processor === "object") {
      this.busyResults++;
      return { kind: "processor-busy" };
    }
    const askedMs = run.maxDurationSeconds * 1000;
    const processedMs = this.#happens(this.#trouble.noVideo)
      ? Math.floor(this.#random() * 2) * 500
      : askedMs + Math.floor(this.#random() * 2000);
    const fails = this.#happens(this.#trouble.failLater);
    const sessionId = `session-${this.sessions.length + 1}`;
    const session = { sessionId, run, fromMs: run.videoStartMs, processedMs, ends: !fails, isOver: false };
    this.sessions.push(session);
    this.#processor = session;
    const afterMs = fails ? this.#random() * 20_000 : askedMs * this.#random() + 500;
    this.#at(this.nowMs + afterMs, () => this.#endSession(session, fails));
    return { kind: "started", sessionId };
  }

  #endSession(session: ModelSession, fails: boolean): void {
    if (session.isOver) return;
    session.isOver = true;
    this.#processor = fails ? "failed" : undefined;
    if (fails || this.#happens(this.#trouble.loseEnd)) return;
    const copies = this.#random() < 0.2 ? 2 : 1;
    for (let copy = 0; copy < copies; copy++)
      this.#at(this.nowMs + this.#random() ** 4 * 300_000, () => this.#reportEnd(session));
  }

  #reportEnd(session: ModelSession): void {
    const { sessionId, processedMs, fromMs } = session;
    const videoStartMs = this.#trouble.omitStart ? null : fromMs;
    const event = { kind: "session-completed", sessionId, processedMs, videoStartMs } as const;
    const doing = this.#apply(this.#records(), event);
    this.#unlessCrashed(doing, () => this.#at(this.nowMs + 60_000, () => this.#reportEnd(session)));
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

const isBefore = (a: { atMs: number; order: number }, b: { atMs: number; order: number }): boolean =>
  a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
