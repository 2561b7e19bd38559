import * as v from "valibot";
import { camera } from "./camera.ts";

const epochMs = v.pipe(v.number(), v.integer(), v.minValue(0));
const count = v.pipe(v.number(), v.integer(), v.minValue(0));

/** A moment of a session's video that was due to be sampled, and what came of it. */
const sample = v.strictObject({
  /** Producer time, epoch milliseconds. */
  atMs: epochMs,
  /**
   * `image`: DetectLabels has seen it; `no-video`: the stream has no image of it; `unreadable`: it has one, but Kinesis
   * Video could not decode it or Rekognition could not read it.
   */
  outcome: v.picklist(["image", "no-video", "unreadable"]),
});

export type Sample = v.InferOutput<typeof sample>;

/** A camera's latest run of the `frames` engine: one item of its table. */
export const frameSession = v.strictObject({
  /** The table's key: what the camera's sessions run on, see `SessionRequest`. */
  processorName: v.string(),
  /** Grows by one with every write, which makes the next write conditional. */
  version: count,
  sessionId: v.string(),
  state: v.picklist(["running", "ended", "failed"]),
  /** Why it failed. */
  failure: v.optional(v.string()),
  streamName: v.string(),
  /** Known once the first step has described the stream. */
  streamArn: v.optional(v.string()),
  /** Producer time of the first video to analyse. */
  videoStartMs: epochMs,
  maxDurationSeconds: v.number(),
  /** Producer time at which it ends, exclusive: after its longest duration, or earlier once it is stopped. */
  videoEndMs: epochMs,
  /** When it was started, by our clock. */
  startedAtMs: epochMs,
  /** When its next step is due, by our clock. */
  dueAtMs: epochMs,
  /** Messages of earlier steps are duplicates. */
  step: count,
  /** The camera's settings at the session's start. */
  labels: camera.entries.labels,
  regionsOfInterest: camera.entries.regionsOfInterest,
  maxSampleGapSeconds: camera.entries.maxSampleGapSeconds,
  whenAllDetected: camera.entries.whenAllDetected,
  tags: camera.entries.tags,
  /** Ascending by time. */
  samples: v.array(sample),
  /** Labels that were detected and published, in the order of their detection. */
  detected: v.array(v.string()),
  /** Since when the next moment's video is awaited, by our clock. */
  waitingSinceMs: v.optional(epochMs),
  /** How often in a row Rekognition or our own limit of calls refused: the intervals widen. */
  refusals: v.optional(count, 0),
});

export type FrameSession = v.InferOutput<typeof frameSession>;
