import * as v from "valibot";
import { severity } from "../severity.ts";
import {
  box,
  cameraIdParameter,
  chainId,
  count,
  engine,
  epochMs,
  flagParameter,
  pictureUrl,
  text,
  wholeParameter,
} from "./values.ts";

/** The most chains of a page, and how many it has by default. */
const MAX_CHAINS = 100;
const DEFAULT_CHAINS = 24;
/** The most detections that a chain shows; the first ones. */
export const MAX_SHOWN_DETECTIONS = 50;

export const detection = v.strictObject({
  /** In capitals, e.g. `PERSON`. */
  label: text,
  /** 0 to 100; null if the engine does not say. */
  confidence: v.nullable(v.number()),
  box: v.nullable(box),
  detectedAtMs: epochMs,
  /** The whole frame and the object cut out of it, where the notification names them. They may have expired. */
  frame: v.optional(pictureUrl),
  crop: v.optional(pictureUrl),
});

export type Detection = v.InferOutput<typeof detection>;

/** A motion: sessions without a gap between them, with what was detected in them. */
const chain = v.strictObject({
  chainId,
  cameraId: text,
  engine: v.optional(engine),
  startedAtMs: epochMs,
  /** Where its analysed video ends; absent until a session of it is reported to have ended. */
  endedAtMs: v.optional(epochMs),
  sessions: count,
  /** Ascending by time; at most {@link MAX_SHOWN_DETECTIONS}. */
  detections: v.array(detection),
  /** How many there are in all. */
  detectionCount: count,
  /** The enrolled persons whose faces were recognised. */
  persons: v.array(v.strictObject({ personId: text, name: v.optional(text) })),
  /** Faces of which no person is known. */
  unknownFaces: count,
  alert: v.optional(v.strictObject({ alertId: text, severity })),
  isReviewed: v.boolean(),
  /** Written by `doorstep generate`. */
  isSynthetic: v.boolean(),
});

export type Chain = v.InferOutput<typeof chain>;

export const chains = v.strictObject({
  /** The latest first. */
  chains: v.array(chain),
  /** The value of `before` that continues; absent on the last page. */
  next: v.optional(chainId),
  /**
   * Present when the search stopped before the page was full: no chain between the page's end and this time matches.
   * `next` continues from there.
   */
  searchedToMs: v.optional(epochMs),
});

export type Chains = v.InferOutput<typeof chains>;

export const chainsQuery = v.strictObject({
  camera: v.optional(cameraIdParameter),
  /** A label, in capitals or not. */
  label: v.optional(v.pipe(v.string(), v.maxLength(128))),
  /** A person's id, or `unknown` for faces of which no person is known. */
  person: v.optional(v.pipe(v.string(), v.maxLength(128))),
  reviewed: v.optional(flagParameter),
  /** Whether to show synthetic cameras, and nothing else; by default they are left out. */
  synthetic: v.optional(flagParameter, "false"),
  /** Only chains before this one, in the order of the pages. */
  before: v.optional(chainId),
  /** Only chains that began from this time on, and before that time, epoch milliseconds. */
  from: v.optional(wholeParameter(0, Number.MAX_SAFE_INTEGER)),
  until: v.optional(wholeParameter(0, Number.MAX_SAFE_INTEGER)),
  limit: v.optional(wholeParameter(1, MAX_CHAINS), String(DEFAULT_CHAINS)),
});

export type ChainsQuery = v.InferOutput<typeof chainsQuery>;

export const reviewBody = v.strictObject({ reviewed: v.boolean() });

export const review = v.strictObject({ chainId, isReviewed: v.boolean() });
