import type { BusEvent } from "./event.ts";
import type { Matcher } from "./pattern.ts";
import type { Schedule } from "./schedule.ts";

export const DEFAULT_BUS = "default";

/** A bus's name from its name or its ARN. */
export const busNameOf = (nameOrArn: string): string => nameOrArn.split(":event-bus/").at(-1)!;

export interface EventBus {
  readonly name: string;
  readonly arn: string;
  readonly description?: string | undefined;
}

/** Where a rule sends the events that match. */
export interface RuleTarget {
  readonly id: string;
  readonly arn: string;
  readonly kind: "lambda" | "sqs";
  /** What is sent for an event. */
  readonly input: (event: BusEvent) => string;
  /** As in the template. */
  readonly inputText?: string | undefined;
  readonly inputPath?: string | undefined;
  readonly maxRetries: number;
  readonly maxEventAgeMs: number;
  readonly deadLetterQueueArn?: string | undefined;
}

export interface Rule {
  readonly name: string;
  readonly arn: string;
  readonly busName: string;
  readonly isEnabled: boolean;
  readonly description?: string | undefined;
  readonly pattern?: { readonly text: string; readonly matches: Matcher } | undefined;
  readonly schedule?: { readonly text: string; readonly next: Schedule } | undefined;
  readonly targets: readonly RuleTarget[];
}

/** The buses and rules of the template; created at each start. */
export class Rules {
  readonly buses = new Map<string, EventBus>();
  readonly #rules = new Map<string, Rule>();

  constructor(defaultBus: EventBus) {
    this.buses.set(defaultBus.name, defaultBus);
  }

  add(rule: Rule): void {
    this.#rules.set(rule.arn, rule);
  }

  byArn(arn: string): Rule | undefined {
    return this.#rules.get(arn);
  }

  find(busName: string, name: string): Rule | undefined {
    return this.ofBus(busName).find((rule) => rule.name === name);
  }

  /** Ordered by name. */
  ofBus(busName: string): Rule[] {
    return [...this.#rules.values()]
      .filter((rule) => rule.busName === busName)
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  matching(busName: string, event: BusEvent): Rule[] {
    return this.ofBus(busName).filter((rule) => rule.isEnabled && rule.pattern?.matches(event));
  }

  scheduled(): Rule[] {
    return [...this.#rules.values()].filter((rule) => rule.isEnabled && rule.schedule);
  }
}
