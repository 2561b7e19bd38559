import type { SessionBusEvent } from "../../schemas/bus-event.ts";
import type { Coverage } from "../../schemas/coverage.ts";
import type { Outgoing, Stop } from "../../schemas/outgoing.ts";
import type { Deliver } from "./drive.ts";

/** Where the entries of an outbox go. */
export interface Destinations {
  /** Enters rows into the coverage ledger. @returns for each row whether it was accepted */
  enter(rows: readonly Coverage[]): Promise<readonly boolean[]>;
  /** Publishes events on the bus. @returns for each event whether it was accepted */
  put(events: readonly SessionBusEvent[]): Promise<readonly boolean[]>;
  /** Stops a session or requests its stop, as its engine needs it; a repeated request has the same id. */
  stop(stop: Stop): Promise<unknown>;
}

/**
 * Sends an outbox. A destination that fails does not keep the others from theirs; entries that were not accepted stay in
 * the record and are sent again.
 * @throws AggregateError of the destinations' errors when no entry was accepted
 */
export const deliverTo =
  ({ enter, put, stop }: Destinations): Deliver =>
  async (entries) => {
    const rows = entries.filter((entry) => entry.to === "ledger");
    const events = entries.filter((entry) => entry.to === "bus");
    const stops = entries.filter((entry) => entry.to === "stops");
    const outcomes = await Promise.allSettled([
      acceptedOf(rows, () => enter(rows.map(({ row }) => row))),
      acceptedOf(events, () => put(events.map(({ event }) => event))),
      ...stops.map(async (entry) => {
        await stop(entry);
        return [entry.id];
      }),
    ]);
    const accepted = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? outcome.value : []));
    if (accepted.length === 0)
      throw new AggregateError(
        outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason as unknown] : [])),
        `none of ${entries.length} outbox entries was accepted; they are sent again`,
      );
    return accepted;
  };

async function acceptedOf(
  entries: readonly Outgoing[],
  send: () => Promise<readonly boolean[]>,
): Promise<string[]> {
  if (entries.length === 0) return [];
  const areAccepted = await send();
  return entries.flatMap(({ id }, index) => (areAccepted[index] ? [id] : []));
}
