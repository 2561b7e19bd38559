import type { Outgoing } from "../../schemas/outgoing.ts";
import type { Coverage } from "../../schemas/coverage.ts";
import type { SessionEvent } from "../../schemas/session-event.ts";
import type { Deliver } from "./drive.ts";

/** Where a record's outbox goes. */
export interface Destinations {
  /** @returns for each row whether it was taken */
  enter(rows: readonly Coverage[]): Promise<readonly boolean[]>;
  /** @returns for each event whether it was taken */
  put(events: readonly SessionEvent[]): Promise<readonly boolean[]>;
  /** Has a processor stopped; the id is the same however often the same stop is asked for. */
  stop(processorName: string, id: string): Promise<void>;
}

/**
 * Tells everyone what there is for them. A destination that takes nothing does not keep the others from theirs; what
 * was not taken stays in the record and is sent again.
 * @throws AggregateError of the destinations' errors when nothing at all was taken
 */
export const deliverTo =
  ({ enter, put, stop }: Destinations): Deliver =>
  async (entries) => {
    const rows = entries.filter((entry) => entry.to === "ledger");
    const events = entries.filter((entry) => entry.to === "bus");
    const stops = entries.filter((entry) => entry.to === "stops");
    const outcomes = await Promise.allSettled([
      takenOf(rows, () => enter(rows.map(({ row }) => row))),
      takenOf(events, () => put(events.map(({ event }) => event))),
      ...stops.map(async ({ processorName, id }) => {
        await stop(processorName, id);
        return [id];
      }),
    ]);
    const taken = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? outcome.value : []));
    if (taken.length === 0)
      throw new AggregateError(
        outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason as unknown] : [])),
        `none of ${entries.length} rows, events and stops was taken; they are sent again`,
      );
    return taken;
  };

async function takenOf(
  entries: readonly Outgoing[],
  send: () => Promise<readonly boolean[]>,
): Promise<string[]> {
  if (entries.length === 0) return [];
  const areTaken = await send();
  return entries.flatMap(({ id }, index) => (areTaken[index] ? [id] : []));
}
