import * as v from "valibot";
import { coverage } from "./coverage.ts";
import { busEvent } from "./bus-event.ts";

const id = v.string();

/** An entry of a session's outbox; its id is the same however often it is sent. */
export const outgoing = v.variant("to", [
  /** A row of the coverage ledger. */
  v.strictObject({ to: v.literal("ledger"), id, row: coverage }),
  /** An event for the bus. */
  v.strictObject({ to: v.literal("bus"), id, event: busEvent }),
  /** A stop of a processor. */
  v.strictObject({ to: v.literal("stops"), id, processorName: v.string() }),
]);

export type Outgoing = v.InferOutput<typeof outgoing>;
