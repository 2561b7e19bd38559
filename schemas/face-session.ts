import * as v from "valibot";
import { engineSession } from "./engine-session.ts";

const epochMs = v.pipe(v.number(), v.integer(), v.minValue(0));

/** A camera's latest run of the engine `face-search`: one item of its table. */
export const faceSession = v.strictObject({
  ...engineSession.entries,
  /** When a check first found its processor running, by our clock: what arrives from then on is analysed. */
  runningSinceMs: v.optional(epochMs),
  /** When its processor is to be stopped, by our clock. */
  endAtMs: epochMs,
  /** When its processor was stopped, by our clock. */
  stoppedAtMs: v.optional(epochMs),
  /** Whether its processor was found running although no session did: then the session never was, and a check stops it. */
  wasBusy: v.optional(v.literal(true)),
});

export type FaceSession = v.InferOutput<typeof faceSession>;
