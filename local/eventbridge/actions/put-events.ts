import * as v from "valibot";
import { randomId } from "../../../base/random.ts";
import type { Action } from "../../api/action.ts";
import { entriesTooLarge } from "../errors.ts";
import { entryError, entrySizeBytes, eventOf, type Entry, type EntryError } from "../event.ts";
import { busNameOf, DEFAULT_BUS } from "../rules.ts";
import type { EventBridgeState } from "../state.ts";

/** Documented (PutEvents; Calculating PutEvents event entry size). */
const MAX_ENTRIES = 10;
const MAX_TOTAL_BYTES = 256 * 1024;

const text = v.optional(v.string());

const input = v.object({
  Entries: v.pipe(
    v.array(
      v.object({
        Time: v.optional(v.number()),
        Source: text,
        Resources: v.optional(v.array(v.string())),
        DetailType: text,
        Detail: text,
        EventBusName: text,
        TraceHeader: text,
      }),
    ),
    v.minLength(1, "Member must have length greater than or equal to 1"),
    v.maxLength(MAX_ENTRIES, `Member must have length less than or equal to ${MAX_ENTRIES}`),
  ),
});

type Input = { Entries: readonly Entry[] };
type Output = { FailedEntryCount: number; Entries: ({ EventId: string } | EntryError)[] };

const busOf = ({ EventBusName }: Entry): string => busNameOf(EventBusName ?? DEFAULT_BUS);

/** Handles each entry by itself: a refused one is counted and returned with its reason, the others become events. */
export const putEvents: Action<EventBridgeState, Input, Output> = {
  input,
  resources: ({ Entries }, { cloud }) => [
    ...new Set(Entries.map((entry) => cloud.arn("events", `event-bus/${busOf(entry)}`))),
  ],
  run: ({ Entries: entries }, { cloud, state: { rules, deliveries } }) => {
    if (entries.reduce((sum, entry) => sum + entrySizeBytes(entry), 0) > MAX_TOTAL_BYTES)
      throw entriesTooLarge();
    const { accountId: account, region } = cloud;
    const Entries = entries.map((entry) => {
      const error = entryError(entry);
      if (error) return error;
      const event = eventOf(entry, { id: randomId(), account, region, nowMs: cloud.clock.now() });
      const busName = busOf(entry);
      const detail = { bus: busName, eventId: event.id, detailType: event["detail-type"], event };
      // Observed (LocalStack): an event for a bus that does not exist is accepted and goes nowhere.
      const isLost = !rules.buses.has(busName);
      cloud.events.emit("eventbridge", isLost ? "bus-unknown" : "event-received", detail);
      for (const rule of rules.matching(busName, event)) deliveries.accept(rule, event);
      return { EventId: event.id };
    });
    return { FailedEntryCount: Entries.filter((one) => "ErrorCode" in one).length, Entries };
  },
};
