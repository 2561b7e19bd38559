import * as v from "valibot";

const epochMs = v.pipe(v.number(), v.integer(), v.minValue(0));

/** A camera's current or last session, as its table keeps it. */
export const session = v.strictObject({
  cameraId: v.string(),
  /** Names this attempt in conditional writes, so that a late write never touches a newer session. */
  attemptId: v.string(),
  state: v.picklist(["starting", "running", "completed", "failed"]),
  processorName: v.string(),
  /** Rekognition's id of the session, known once it has started. */
  sessionId: v.optional(v.string()),
  /** Producer time of the first video to analyse, epoch milliseconds. */
  videoStartMs: epochMs,
  maxDurationSeconds: v.number(),
  /** When the session was asked for. */
  requestedAtMs: epochMs,
  /** After this time a session that is still starting or running counts as lost, and motion may start another. */
  lostAtMs: epochMs,
  /** When the camera said that motion had ended. */
  motionEndedAtMs: v.optional(epochMs),
  endedAtMs: v.optional(epochMs),
  /** How much video was analysed, milliseconds. */
  processedMs: v.optional(v.number()),
  /** Why it failed. */
  failure: v.optional(v.string()),
});

export type Session = v.InferOutput<typeof session>;
