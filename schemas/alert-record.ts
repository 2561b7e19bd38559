import * as v from "valibot";
import { alertDecision } from "./alert-decision.ts";
import { ALERT_EVENTS, alertDetail, alertPicture, PACKAGE_STATES } from "./alert-message.ts";
import { settingId } from "./alert-rule.ts";
import { seenPerson } from "./person.ts";
import { severity } from "./severity.ts";

const epochMs = v.pipe(v.number(), v.integer(), v.minValue(0));
const count = v.pipe(v.number(), v.integer(), v.minValue(0));

/** The alert of one chain of sessions of a camera. */
const alert = v.strictObject({
  alertId: v.string(),
  /** Where the chain began, producer time. */
  chainStartMs: epochMs,
  raisedAtMs: epochMs,
  /** Producer time of the latest detection in it. */
  lastDetectedAtMs: epochMs,
  /** When the latest detection in it was decided. */
  lastDecidedAtMs: epochMs,
  /** Producer time up to which the chain's video reaches at most, once its end is reported or a later chain has an alert. */
  chainEndMs: v.optional(epochMs),
  /** When the chain was found to be over. */
  endedAtMs: v.optional(epochMs),
  severity,
  /** In the order in which they were decided. */
  labels: v.array(
    v.strictObject({
      name: v.string(),
      confidence: v.nullable(v.number()),
      /** Producer time of its first detection that was decided. */
      detectedAtMs: epochMs,
      /** Producer time of its latest detection. */
      lastDetectedAtMs: epochMs,
    }),
  ),
  /** Whose faces were seen, in the order in which they were decided; absent once the alert is over and no face can follow. */
  persons: v.optional(
    v.array(
      v.strictObject({
        person: seenPerson,
        /** Producer time of the latest face that was decided. */
        lastDetectedAtMs: epochMs,
      }),
    ),
  ),
  ruleIds: v.array(settingId),
  picture: v.optional(
    v.strictObject({
      ...alertPicture.entries,
      /** Of the detection that it shows. */
      label: v.string(),
      confidence: v.nullable(v.number()),
      /** Whether the bucket has it; if not, it is looked for until `checksUntilMs`. */
      isStored: v.boolean(),
      checksUntilMs: epochMs,
      /** When it is looked for next. */
      checkAtMs: epochMs,
    }),
  ),
  package: v.optional(v.strictObject({ state: v.picklist(PACKAGE_STATES), atMs: epochMs })),
  /** Grows with each change that targets learn of. */
  revision: count,
  /** The last revision that got more urgent: targets that do not know it yet get a message that is not silent. */
  urgentRevision: count,
  /** The last revision that was put into the outbox; 0 before the first. */
  publishedRevision: count,
  /** What was published so far; absent before the first. */
  published: v.optional(
    v.strictObject({
      isEnded: v.boolean(),
      /** Targets that know the alert. */
      targetIds: v.array(settingId),
    }),
  ),
});

export type Alert = v.InferOutput<typeof alert>;

/** A package that was detected, as long as its end is not known. */
const watchedPackage = v.strictObject({
  alertId: v.string(),
  /** Producer time of its detection. */
  sinceMs: epochMs,
  /** When its reminder is due; none if absent. */
  remindAtMs: v.optional(epochMs),
  /** When the video is looked at next. */
  lookAtMs: v.optional(epochMs),
  /** Producer time from which on the next look's image has to be. */
  fromMs: epochMs,
  /** Whether a look has shown it. */
  isLeft: v.boolean(),
});

/** How long a rule raises no other alert on the camera for a label, or for the person of a face. */
const cooldown = v.strictObject({ ruleId: settingId, label: v.string(), untilMs: epochMs });

/** An entry of the outbox; its id is the same however often it is sent. */
const alertOutgoing = v.variant("to", [
  v.strictObject({
    to: v.literal("targets"),
    id: v.string(),
    /** Of the event that goes to the bus, and the messages that go to the targets. */
    type: v.picklist(ALERT_EVENTS),
    detail: alertDetail,
    /** Whom it is sent to. A target that does not know the alert yet gets a message that is not silent. */
    targets: v.array(v.strictObject({ targetId: settingId, silent: v.boolean() })),
  }),
  v.strictObject({ to: v.literal("lake"), id: v.string(), decision: alertDecision }),
]);

export type AlertOutgoing = v.InferOutput<typeof alertOutgoing>;

/** A camera's alerts and what is still to do for them: one item of the table. */
export const alertRecord = v.strictObject({
  cameraId: v.string(),
  /** Grows by one with every write, which makes the next write conditional. */
  version: count,
  /** The latest alerts, the latest chain last; at most the last one is not over. */
  alerts: v.array(alert),
  /** The latest chain whose end was reported: producer times of its last session. */
  chainEnd: v.optional(v.strictObject({ videoStartMs: epochMs, videoEndMs: epochMs })),
  cooldowns: v.array(cooldown),
  /** Detections that were decided lately: `event id/label id`, and when. */
  decided: v.array(v.strictObject({ id: v.string(), atMs: epochMs })),
  /** Faces that were decided lately, with their producer time, and when. */
  seen: v.optional(v.array(v.strictObject({ person: seenPerson, seenAtMs: epochMs, atMs: epochMs })), []),
  /** The latest detection of a person, whose picture an alert of a face has: none is stored for faces. */
  latestPerson: v.optional(
    v.strictObject({
      ...alertPicture.entries,
      confidence: v.nullable(v.number()),
      detectedAtMs: epochMs,
    }),
  ),
  watchedPackage: v.optional(watchedPackage),
  outbox: v.array(alertOutgoing),
  /** When the wake-up that is on its way arrives; absent once it has. */
  wakeAtMs: v.optional(epochMs),
  /** When that wake-up is sent again, because the call that sends it has returned no result; absent once it has. */
  wakeAgainAtMs: v.optional(epochMs),
});

export type AlertRecord = v.InferOutput<typeof alertRecord>;
