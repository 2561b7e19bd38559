import * as v from "valibot";

const epochMs = v.pipe(v.number(), v.integer(), v.minValue(0));
const count = v.pipe(v.number(), v.integer(), v.minValue(0));

/** A camera's latest run of the engine `face-search`: one item of its table. */
export const faceSession = v.strictObject({
  /** The table's key: the name of the camera's stream processor. */
  processorName: v.string(),
  /** Grows by one with every write, which makes the next write conditional. */
  version: count,
  sessionId: v.string(),
  state: v.picklist(["running", "ended", "failed"]),
  /** Why it failed. */
  failure: v.optional(v.string()),
  streamName: v.string(),
  /** Known once the first check has found the processor. */
  streamArn: v.optional(v.string()),
  /** Producer time of the first video to analyse. */
  videoStartMs: epochMs,
  maxDurationSeconds: v.number(),
  /** When it was started, by our clock. */
  startedAtMs: epochMs,
  /** When a check first found its processor running, by our clock: what arrives from then on is analysed. */
  runningSinceMs: v.optional(epochMs),
  /** When its processor is to be stopped, by our clock. */
  endAtMs: epochMs,
  /** When its processor was stopped, by our clock. */
  stoppedAtMs: v.optional(epochMs),
  /** Whether its processor was found running although no session did: then the session never was, and a check stops it. */
  wasBusy: v.optional(v.literal(true)),
  /** When its next check is due, by our clock. */
  dueAtMs: epochMs,
  /** Number of the message of the next check; messages of earlier ones are duplicates. */
  step: count,
  /** Those of the camera and its id, as a label processor has them. */
  tags: v.record(v.string(), v.string()),
});

export type FaceSession = v.InferOutput<typeof faceSession>;
