import * as v from "valibot";
import { settingId } from "./alert-rule.ts";
import { seenPerson } from "./person.ts";
import { severity } from "./severity.ts";

const isoTime = v.pipe(v.string(), v.isoTimestamp());

/** What happened to a package, as far as a look at the video shows. */
export const PACKAGE_STATES = ["left", "still-there", "gone"] as const;

/** The picture of an alert, as addresses in S3. */
export const alertPicture = v.strictObject({
  frameUri: v.string(),
  cropUri: v.optional(v.string()),
});

/**
 * An alert as it stands at a revision: whole, so that a receiver replaces what it has by `alertId`, and ignores a lower
 * revision.
 */
export const alertDetail = v.strictObject({
  /** The same however often the revision is sent. */
  eventId: v.string(),
  alertId: v.string(),
  /** From 1. */
  revision: v.pipe(v.number(), v.integer(), v.minValue(1)),
  cameraId: v.string(),
  severity,
  /** Whether the change needs no sound: nothing got more urgent. */
  silent: v.boolean(),
  /** What was detected, in the order of its first detection. */
  labels: v.array(
    v.strictObject({ name: v.string(), confidence: v.nullable(v.number()), detectedAt: isoTime }),
  ),
  /** Whose faces were seen, in the order of their first one; absent if none was. Names are in the messages to targets alone. */
  persons: v.optional(v.array(seenPerson)),
  /** The rules that raised it. */
  rules: v.array(settingId),
  /** Begin of the chain of sessions that it is about. */
  chainStartedAt: isoTime,
  raisedAt: isoTime,
  endedAt: v.optional(isoTime),
  package: v.optional(v.strictObject({ state: v.picklist(PACKAGE_STATES), at: isoTime })),
  picture: v.optional(alertPicture),
});

export type AlertDetail = v.InferOutput<typeof alertDetail>;

export const ALERT_EVENTS = ["AlertRaised", "AlertUpdated", "AlertEnded"] as const;

/** A message to one target: what the queue of deliveries holds. */
export const alertDelivery = v.strictObject({
  targetId: settingId,
  type: v.picklist([...ALERT_EVENTS, "AlertTest"]),
  /** When it was first put into the queue, epoch milliseconds. */
  atMs: v.pipe(v.number(), v.integer(), v.minValue(0)),
  detail: alertDetail,
});

export type AlertDelivery = v.InferOutput<typeof alertDelivery>;
