import * as v from "valibot";
import { coverage } from "./coverage.ts";
import { busEvent } from "./bus-event.ts";

const id = v.string();

/** What a session's record has still to tell: ids are the same however often it is sent. */
export const outgoing = v.variant("to", [
  /** A row of the coverage ledger. */
  v.strictObject({ to: v.literal("ledger"), id, row: coverage }),
  /** An event for the bus. */
  v.strictObject({ to: v.literal("bus"), id, event: busEvent }),
  /** A processor to stop. */
  v.strictObject({ to: v.literal("stops"), id, processorName: v.string() }),
]);

export type Outgoing = v.InferOutput<typeof outgoing>;
