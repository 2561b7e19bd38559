import { ASSUMPTIONS, provedIds, type AssumptionId } from "../../schemas/assumptions/assumptions.ts";

/** What became of one assumption; `holds` is undefined where it could not be told. */
export interface Outcome {
  readonly id: AssumptionId;
  readonly claim: string;
  readonly holds: boolean | undefined;
  /** What was seen. */
  readonly seen: string;
  /** What would have to change. */
  readonly ifFalse: string;
}

/** Collects what is learnt; what nobody learnt is told as open. */
export class Outcomes {
  readonly #learnt = new Map<AssumptionId, { holds: boolean | undefined; seen: string }>();
  /** Why the rest stays open. */
  #reason = "it was not reached";

  learn(id: AssumptionId, holds: boolean | undefined, seen: string): void {
    this.#learnt.set(id, { holds, seen });
  }

  brokeOff(reason: string): void {
    this.#reason = reason;
  }

  list(): Outcome[] {
    return provedIds.map((id) => ({
      id,
      claim: ASSUMPTIONS[id].claim,
      ...(this.#learnt.get(id) ?? { holds: undefined, seen: this.#reason }),
      ifFalse: ASSUMPTIONS[id].ifFalse,
    }));
  }
}
