import * as v from "valibot";
import { coverage } from "./coverage.ts";
import { sessionBusEvent } from "./bus-event.ts";
import { DEFAULT_ENGINE, ENGINES } from "./engine.ts";

const id = v.string();

/** An entry of a session's outbox; its id is the same however often it is sent. */
export const outgoing = v.variant("to", [
  /** A row of the coverage ledger. */
  v.strictObject({ to: v.literal("ledger"), id, row: coverage }),
  /** An event for the bus. */
  v.strictObject({ to: v.literal("bus"), id, event: sessionBusEvent }),
  /** A stop of a session. */
  v.strictObject({
    to: v.literal("stops"),
    id,
    processorName: v.string(),
    /** What runs it. Absent in records of earlier versions. */
    engine: v.optional(v.picklist(ENGINES), DEFAULT_ENGINE),
    /** Producer time at which the session's video ends, epoch milliseconds; at once if absent. */
    videoEndMs: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
  }),
]);

export type Stop = Extract<v.InferOutput<typeof outgoing>, { to: "stops" }>;

export type Outgoing = v.InferOutput<typeof outgoing>;
