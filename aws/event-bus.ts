import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import type { BusEvent } from "../schemas/bus-event.ts";
import { sendInBatches } from "./batches.ts";

/** `source` of every event on the bus. */
const EVENT_SOURCE = "doorstep";
/** Documented (PutEvents): 10 entries and 256 KB together at most. */
const LIMITS = { entries: 10, bytes: 256 * 1024 };

export const eventBus = (name: string, client = new EventBridgeClient({})) => ({
  /**
   * @returns for each event whether it was accepted
   * @throws the client's error when none was
   */
  async put(events: readonly BusEvent[]): Promise<boolean[]> {
    const sized = events.map(({ type, detail }) => {
      const entry = {
        EventBusName: name,
        Source: EVENT_SOURCE,
        DetailType: type,
        Detail: JSON.stringify(detail),
      };
      // Documented (Calculating PutEvents event entry size): the bytes of source, type and detail count.
      return { entry, bytes: Buffer.byteLength(entry.Source + entry.DetailType + entry.Detail) };
    });
    return await sendInBatches(sized, LIMITS, async (batch) => {
      const { Entries = [] } = await client.send(new PutEventsCommand({ Entries: [...batch] }));
      return batch.map((_, index) => Entries[index]?.EventId !== undefined);
    });
  },
});
