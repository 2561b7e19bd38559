import type { SessionBusEvent } from "../../schemas/bus-event.ts";
import type { Coverage } from "../../schemas/coverage.ts";
import type { Outgoing, Stop } from "../../schemas/outgoing.ts";
import { acceptedIds } from "../outbox.ts";
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

/** Sends an outbox. Entries that were not accepted stay in the record and are sent again. @throws as `acceptedIds` */
export const deliverTo =
  ({ enter, put, stop }: Destinations): Deliver =>
  async (entries) => {
    const rows = entries.filter((entry) => entry.to === "ledger");
    const events = entries.filter((entry) => entry.to === "bus");
    const stops = entries.filter((entry) => entry.to === "stops");
    const sends = [
      acceptedOf(rows, () => enter(rows.map(({ row }) => row))),
      acceptedOf(events, () => put(events.map(({ event }) => event))),
      ...stops.map(async (entry) => {
        await stop(entry);
        return [entry.id];
      }),
    ];
    return await acceptedIds(sends, entries.length);
  };

async function acceptedOf(
  entries: readonly Outgoing[],
  send: () => Promise<readonly boolean[]>,
): Promise<string[]> {
  if (entries.length === 0) return [];
  const areAccepted = await send();
  return entries.flatMap(({ id }, index) => (areAccepted[index] ? [id] : []));
}
