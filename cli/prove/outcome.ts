import { ASSUMPTIONS, provedIds, type AssumptionId } from "../../schemas/assumptions/assumptions.ts";

/** The outcome of one assumption; `holds` is undefined where it could not be determined. */
export interface Outcome {
  readonly id: AssumptionId;
  readonly claim: string;
  readonly holds: boolean | undefined;
  /** What was observed. */
  readonly seen: string;
  /** What has to change if the assumption is false. */
  readonly ifFalse: string;
}

/** Collects outcomes; assumptions without one are listed as open. */
export class Outcomes {
  readonly #recorded = new Map<AssumptionId, { holds: boolean | undefined; seen: string }>();
  /** Why the others stay open. */
  #reason = "it was not reached";

  record(id: AssumptionId, holds: boolean | undefined, seen: string): void {
    this.#recorded.set(id, { holds, seen });
  }

  has(id: AssumptionId): boolean {
    return this.#recorded.has(id);
  }

  endEarly(reason: string): void {
    this.#reason = reason;
  }

  list(): Outcome[] {
    return provedIds.map((id) => ({
      id,
      claim: ASSUMPTIONS[id].claim,
      ...(this.#recorded.get(id) ?? { holds: undefined, seen: this.#reason }),
      ifFalse: ASSUMPTIONS[id].ifFalse,
    }));
  }
}
