import { randomId } from "../../base/random.ts";
import type { Timer } from "../../base/clock.ts";
import type { Cloud } from "../cloud.ts";
import { writeFailed } from "../log-file.ts";
import type { Deliveries } from "./deliveries.ts";
import { scheduledEvent } from "./event.ts";
import type { Rule, Rules } from "./rules.ts";

/** Runs the rules that have a schedule, on the cloud's clock. */
export class Schedules {
  readonly #cloud: Cloud;
  readonly #rules: Rules;
  readonly #deliveries: Deliveries;
  readonly #timers = new Map<string, Timer>();

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
  }

  #next(rule: Rule): number | undefined {
    return rule.schedule!.next(this.#cloud.clock.now());
  }

  #await(rule: Rule, atMs: number | undefined): void {
    if (atMs === undefined) return;
    const { clock } = this.#cloud;
    const run = (): void => {
      this.#run(rule, atMs);
      // Counted from the due time, so that a timer which fires a little early does not run a rule twice.
      this.#await(rule, rule.schedule!.next(Math.max(atMs, clock.now())));
    };
    this.#timers.set(rule.arn, clock.after(Math.max(0, atMs - clock.now()), run));
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
