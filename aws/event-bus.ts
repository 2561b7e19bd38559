import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import type { SessionEvent } from "../schemas/session-event.ts";

/** `source` of every event on the bus. */
export const EVENT_SOURCE = "doorstep";
/** Documented (PutEvents): 10 entries at most. */
const BATCH_SIZE = 10;

export const eventBus = (name: string, client = new EventBridgeClient({})) => ({
  /** @returns for each event whether it was taken */
  async put(events: readonly SessionEvent[]): Promise<boolean[]> {
    const taken: boolean[] = [];
    for (let first = 0; first < events.length; first += BATCH_SIZE) {
      const batch = events.slice(first, first + BATCH_SIZE);
      const { Entries = [] } = await client.send(
        new PutEventsCommand({
          Entries: batch.map(({ type, detail }) => ({
            EventBusName: name,
            Source: EVENT_SOURCE,
            DetailType: type,
            Detail: JSON.stringify(detail),
          })),
        }),
      );
      taken.push(...batch.map((_, index) => Entries[index]?.EventId !== undefined));
    }
    return taken;
  },
});
