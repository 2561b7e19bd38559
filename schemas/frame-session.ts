import * as v from "valibot";
import { camera } from "./camera.ts";
import { engineSession } from "./engine-session.ts";

const epochMs = v.pipe(v.number(), v.integer(), v.minValue(0));
const count = v.pipe(v.number(), v.integer(), v.minValue(0));

/** A moment of a session's video that was due to be sampled, and what came of it. */
const sample = v.strictObject({
  /** Producer time, epoch milliseconds. */
  atMs: epochMs,
  /**
   * `image`: DetectLabels has seen it; `no-video`: the stream has no video there, but has later video; `unreadable`: it has
   * video there, but Kinesis Video returned no image of it or Rekognition could not read the image.
   */
  outcome: v.picklist(["image", "no-video", "unreadable"]),
});

export type Sample = v.InferOutput<typeof sample>;

/** A camera's latest run of the `frames` engine: one item of its table. */
export const frameSession = v.strictObject({
  ...engineSession.entries,
  /** Producer time at which it ends, exclusive: after its longest duration, or earlier once it is stopped. */
  videoEndMs: epochMs,
  /** The camera's settings at the session's start. */
  labels: camera.entries.labels,
  regionsOfInterest: camera.entries.regionsOfInterest,
  maxSampleGapSeconds: camera.entries.maxSampleGapSeconds,
  whenAllDetected: camera.entries.whenAllDetected,
  faces: camera.entries.faces,
  /** Producer time of the moment to sample next. */
  nextAtMs: epochMs,
  /** Ascending by time. */
  samples: v.array(sample),
  /** Labels that were detected and published, in the order of their detection. */
  detected: v.array(v.string()),
  /** Since when video is awaited without any progress, by our clock. */
  waitingSinceMs: v.optional(epochMs),
  /** Producer time at which the stream's video ended when it was last awaited: a later end is progress. */
  storedUntilMs: v.optional(epochMs),
  /** How often in a row AWS or our own limit of calls refused; each success takes one back. The intervals widen by it. */
  refusals: v.optional(count, 0),
});

export type FrameSession = v.InferOutput<typeof frameSession>;
