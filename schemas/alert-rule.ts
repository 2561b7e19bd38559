import * as v from "valibot";
import { LABEL_NAME, minConfidence, schedule, tagKey, tagValue, timeZone, wholeSeconds } from "./camera.ts";
import { cameraId } from "./camera-id.ts";
import { KNOWN_PERSON, personId, UNKNOWN_PERSON } from "./person.ts";
import { severity } from "./severity.ts";

/** The id of a rule or a target. */
export const settingId = v.pipe(
  v.string(),
  v.regex(
    /^[a-z0-9][a-z0-9-]{0,62}$/,
    "expected 1 to 63 lower case letters, digits and dashes, the first no dash, e.g. night-people",
  ),
);

const label = v.pipe(
  v.string(),
  v.regex(LABEL_NAME, "expected PERSON, PET, PACKAGE or a name of Rekognition's list, e.g. CAR=80"),
  // The lake's labels are in capitals.
  v.transform((name) => name.toUpperCase()),
);
const perHour = v.pipe(
  v.number("expected a number of alerts"),
  v.integer("expected a whole number of alerts"),
  v.minValue(1, "expected at least 1 alert an hour"),
  v.maxValue(1000, "expected at most 1000 alerts an hour"),
);

const ruledPerson = v.union(
  [v.literal(KNOWN_PERSON), v.literal(UNKNOWN_PERSON), personId],
  "expected known, unknown or a person's id",
);

/** When a detection becomes an alert, and whom it reaches. A condition that is absent holds for everything. */
export const alertRule = v.strictObject({
  ruleId: settingId,
  /** Only these cameras. */
  cameras: v.optional(v.pipe(v.array(cameraId), v.minLength(1, "expected at least one camera"))),
  /** Only cameras that have all of these tags. */
  tags: v.optional(v.record(tagKey, tagValue)),
  /** Only these labels, each with its minimum confidence, 0 to 100. A detection without a confidence has passed the camera's. */
  labels: v.optional(
    v.pipe(
      v.record(label, minConfidence),
      v.check((given) => Object.keys(given).length > 0, "expected at least one label"),
    ),
  ),
  /**
   * Only faces of these persons: `known` for everyone who is enrolled, `unknown` for everyone else, or the ids of persons. A rule
   * with persons takes faces, one without takes labels.
   */
  persons: v.optional(
    v.pipe(
      v.array(ruledPerson),
      v.minLength(1, "expected at least one person"),
      v.maxLength(100, "expected at most 100 persons"),
    ),
  ),
  /** Only in these hours of the week. */
  schedule: v.optional(schedule),
  /** Time zone of the schedule. */
  timeZone: v.optional(timeZone, "UTC"),
  severity: v.optional(severity, "warning"),
  /** So long after an alert showed a label on a camera, the rule raises no other for that label there. */
  cooldownSeconds: v.optional(wholeSeconds(0, 86_400), 300),
  /** How many alerts the rule raises in an hour of the clock at most, on all cameras together. */
  maxPerHour: v.optional(perHour, 20),
  /** Targets by their ids. Without one, the alert is on the event bus only. */
  targets: v.optional(v.pipe(v.array(settingId), v.maxLength(20, "expected at most 20 targets")), []),
  /** So long after a package was left, a reminder says that it is still there; none if absent. */
  packageReminderMinutes: v.optional(
    v.pipe(
      v.number("expected a number of minutes"),
      v.integer("expected whole minutes"),
      v.minValue(1, "expected at least 1 minute"),
      v.maxValue(1440, "expected at most 1440 minutes"),
    ),
  ),
  /** A rule that is off raises nothing. */
  enabled: v.optional(v.boolean(), true),
});

export type AlertRule = v.InferOutput<typeof alertRule>;
export type AlertRuleInput = v.InferInput<typeof alertRule>;
