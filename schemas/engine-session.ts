import * as v from "valibot";

const epochMs = v.pipe(v.number(), v.integer(), v.minValue(0));
const count = v.pipe(v.number(), v.integer(), v.minValue(0));

/** A camera's latest run of an engine that records its sessions: one item of the engine's table, as far as all have it. */
export const engineSession = v.strictObject({
  /** The table's key: what the camera's sessions run on, see `SessionRequest`. */
  processorName: v.string(),
  /** Grows by one with every write, which makes the next write conditional. */
  version: count,
  sessionId: v.string(),
  state: v.picklist(["running", "ended", "failed"]),
  /** Why it failed. */
  failure: v.optional(v.string()),
  streamName: v.string(),
  /** Known once the first message was handled. */
  streamArn: v.optional(v.string()),
  /** Producer time of the first video to analyse. */
  videoStartMs: epochMs,
  maxDurationSeconds: v.number(),
  /** When it was started, by our clock. */
  startedAtMs: epochMs,
  /** When the message that continues it is due, by our clock. */
  dueAtMs: epochMs,
  /** Number of that message; those of earlier ones are duplicates. */
  step: count,
  /** Those of the camera and its id, as a stream processor has them. */
  tags: v.record(v.string(), v.string()),
});

export type EngineSession = v.InferOutput<typeof engineSession>;

/** The message that continues a session. */
export const sessionMessage = v.object(v.pick(engineSession, ["processorName", "sessionId", "step"]).entries);

export type SessionMessage = Readonly<v.InferOutput<typeof sessionMessage>>;
