import * as v from "valibot";
import { cameraIdParameter, count, epochMs, text, wholeParameter } from "./values.ts";

/** A part of a motion's way from the camera to the lake. */
const HOPS = ["request", "session", "video", "notification", "row", "alert"] as const;

const hop = v.strictObject({
  hop: v.picklist(HOPS),
  atMs: epochMs,
  title: text,
  /** What arrived or was written there, as JSON. */
  document: v.optional(v.unknown()),
});

/** A motion request as the motion API received it, with its verdict. */
const attempt = v.strictObject({
  id: text,
  atMs: epochMs,
  cameraId: v.optional(text),
  method: v.optional(text),
  path: v.optional(text),
  status: v.optional(count),
  verdict: v.picklist(["accepted", "refused", "ignored"]),
  /** In words: what was wrong and what to do. */
  words: text,
  /** What was expected, e.g. the header that failed, the string to sign, and the clock's skew. */
  expected: v.optional(v.record(text, text)),
});

export const tryLog = v.strictObject({
  attempts: v.array(attempt),
  /** The way of the camera's latest motion, ascending. */
  way: v.array(hop),
  nowMs: epochMs,
});

export type TryLog = v.InferOutput<typeof tryLog>;

export const tryLogQuery = v.strictObject({
  camera: v.optional(cameraIdParameter),
  since: v.optional(wholeParameter(0, Number.MAX_SAFE_INTEGER)),
});

export const tryMotionBody = v.strictObject({
  camera: cameraIdParameter,
  verb: v.optional(v.picklist(["start", "stop"]), "start"),
});

export const tryMotion = v.strictObject({ status: count, response: v.unknown() });

export type TryMotion = v.InferOutput<typeof tryMotion>;

/** The largest clip that the page may upload. */
export const MAX_DROPPED_BYTES = 200_000_000;

export const tryClipQuery = v.strictObject({
  camera: cameraIdParameter,
  name: v.optional(v.pipe(v.string(), v.maxLength(255))),
});

export const tryClip = v.strictObject({
  cameraId: text,
  fragments: count,
  fromMs: v.optional(epochMs),
  untilMs: v.optional(epochMs),
  motion: v.optional(tryMotion),
});

export type TryClip = v.InferOutput<typeof tryClip>;
