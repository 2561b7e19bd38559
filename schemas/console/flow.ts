import * as v from "valibot";
import { REDRIVE_PATHS, STAGES } from "../failure-paths/failure-path.ts";
import { count, epochMs, text } from "./values.ts";

const stage = v.picklist(STAGES);

/** The way of the data, with what CloudWatch and SQS say of each part. */
export const flow = v.strictObject({
  /** The period of the counts. */
  fromMs: epochMs,
  untilMs: epochMs,
  nodes: v.array(
    v.strictObject({
      id: text,
      name: text,
      stage,
      kind: v.picklist(["api", "function", "queue", "topic", "deliveryStream", "engine", "lake"]),
      /** What passed in the period; absent where nothing counts it. */
      count: v.optional(v.number()),
      failed: v.optional(v.number()),
      /** What is in a queue now. */
      depth: v.optional(count),
      /** How long the oldest waits, or how long the slowest took. */
      lagMs: v.optional(v.number()),
    }),
  ),
  edges: v.array(v.strictObject({ from: text, to: text })),
  paths: v.array(
    v.strictObject({
      name: text,
      stage,
      from: text,
      to: text,
      failure: text,
      recovery: text,
      keptIn: text,
      /** What waits to be redriven; absent where it cannot be counted at once. */
      waiting: v.optional(count),
      /** The latest error of it, with what to do. */
      lastError: v.optional(v.strictObject({ atMs: v.optional(epochMs), error: text, remedy: text })),
      redrive: v.array(v.picklist(REDRIVE_PATHS)),
    }),
  ),
});

export type Flow = v.InferOutput<typeof flow>;

export const redrivePathParameter = v.picklist(REDRIVE_PATHS, `expected ${REDRIVE_PATHS.join(", ")}`);

export const redriveBody = v.strictObject({
  /** Also puts back what failed again after an earlier redrive. */
  again: v.optional(v.boolean(), false),
});

export const redriveSummary = v.strictObject({
  path: v.picklist(REDRIVE_PATHS),
  waiting: count,
  redriven: count,
  left: v.array(v.strictObject({ what: text, reason: text })),
  failure: v.optional(text),
});

export type RedriveSummary = v.InferOutput<typeof redriveSummary>;
