import { randomId } from "../../base/random.ts";
import { nextTurn, type Timer } from "../../base/clock.ts";
import type { Cloud } from "../cloud.ts";
import { writeFailed } from "../log-file.ts";
import type { Deliveries } from "./deliveries.ts";
import { scheduledEvent } from "./event.ts";
import type { Rule, Rules } from "./rules.ts";

/** How many runs of a rule a clock that is turned far makes at most, besides the last one. */
const MAX_RUNS_AT_ONCE = 10;

/** The runs of a rule that fall due at the same moment, because the clock is turned over them. */
interface Burst {
  runs: number;
  /** When the latest run that was left out is due, epoch milliseconds. */
  lastMs?: number;
}

/**
 * Runs the rules that have a schedule, on the cloud's clock. When the clock is turned over many runs of a rule, the first
 * ones and the last one are made: the others would all come at the same moment, one behind the other.
 */
export class Schedules {
  readonly #cloud: Cloud;
  readonly #rules: Rules;
  readonly #deliveries: Deliveries;
  readonly #timers = new Map<string, Timer>();
  readonly #bursts = new Map<string, Burst>();

  constructor(cloud: Cloud, rules: Rules, deliveries: Deliveries) {
    this.#cloud = cloud;
    this.#rules = rules;
    this.#deliveries = deliveries;
  }

  start(): void {
    for (const rule of this.#rules.scheduled()) this.#await(rule, this.#next(rule));
  }

  stop(): void {
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
  }

  #next(rule: Rule): number | undefined {
    return rule.schedule!.next(this.#cloud.clock.now());
  }

  #await(rule: Rule, atMs: number | undefined): void {
    if (atMs === undefined) return;
    const { clock } = this.#cloud;
    const run = (): void => {
      const burst = this.#burstOf(rule);
      if (burst.runs++ < MAX_RUNS_AT_ONCE) this.#run(rule, atMs);
      else burst.lastMs = atMs;
      // Counted from the due time, so that a timer which fires a little early does not run a rule twice.
      this.#await(rule, rule.schedule!.next(Math.max(atMs, clock.now())));
    };
    this.#timers.set(rule.arn, clock.after(Math.max(0, atMs - clock.now()), run));
  }

  /** The runs of this turn of the event loop; at its end, the last one is made if it was left out. */
  #burstOf(rule: Rule): Burst {
    const ongoing = this.#bursts.get(rule.arn);
    if (ongoing) return ongoing;
    const burst: Burst = { runs: 0 };
    this.#bursts.set(rule.arn, burst);
    void nextTurn().then(() => {
      this.#bursts.delete(rule.arn);
      if (burst.lastMs !== undefined && this.#timers.has(rule.arn)) this.#run(rule, burst.lastMs);
    });
    return burst;
  }

  #run(rule: Rule, nowMs: number): void {
    const { accountId: account, region, events } = this.#cloud;
    const event = scheduledEvent(rule.arn, { id: randomId(), account, region, nowMs });
    events.emit("eventbridge", "schedule-run", { rule: rule.name, eventId: event.id });
    try {
      this.#deliveries.accept(rule, event);
    } catch (error) {
      writeFailed(events, "eventbridge", `the event of rule ${rule.name}`, error);
    }
  }
}
