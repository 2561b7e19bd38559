import * as v from "valibot";
import { KNOWN_PERSON, UNKNOWN_PERSON } from "./person.ts";
import { severity } from "./severity.ts";

/** What a decision says, in words; docs/alerts.md has the table. */
export const DECISION_REASONS = {
  // raised
  "first-detection": "the first detection of its motion that a rule takes",
  // merged
  "new-label": "the alert of its motion did not show the label yet",
  "new-rule": "another rule takes it, for its own targets",
  "unknown-person": "the alert of its motion showed only known persons, and this face is of an unknown one",
  "new-person": "the alert of its motion did not show the person yet",
  returned:
    "the label or the person was not detected for as long as the rule's cooldown, and at least 5 minutes",
  "better-picture": "it is more certain than the alert's picture",
  known: "the alert of its motion shows the label or the person already",
  // suppressed
  "no-rule": "there is no rule",
  disabled: "the rule is off",
  camera: "no rule is for this camera",
  label: "no rule is for this label",
  person: "no rule is for this person; or the rule is for persons, and waits for a face",
  hours: "outside of the rule's hours",
  confidence: "below the rule's minimum confidence",
  late: "decided too long after it was detected, or detected before the camera was armed",
  snoozed: "the camera or the rule is snoozed",
  cooldown: "an alert of the same rule on the same camera showed the label or the person shortly before",
  "max-per-hour": "the rule has raised its most alerts in this hour",
  "no-alert": "the rule is not for persons, and its motion has no alert that the face is part of",
  "camera-removed": "the camera is no longer registered",
} as const;

export type DecisionReason = keyof typeof DECISION_REASONS;

const epochMs = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
/** More than an alert has, and within the lake's column. */
const MAX_REVISION = 1_000_000;

/** What became of one detection: a row of the lake. It does not say who was seen, so that it outlives no person. */
export const alertDecision = v.strictObject({
  type: v.literal("ALERT_DECISION"),
  /** Of the notification and its label, or of a face: the same however often the detection arrives. */
  eventId: v.string(),
  labelId: v.string(),
  cameraId: v.string(),
  /** Null for a face if its engine does not say it. */
  sessionId: v.nullable(v.string()),
  label: v.string(),
  confidence: v.nullable(v.number()),
  /** For a face: whether its person is enrolled. */
  person: v.optional(v.picklist([KNOWN_PERSON, UNKNOWN_PERSON])),
  detectedAtMs: epochMs,
  decidedAtMs: epochMs,
  decision: v.picklist(["raised", "merged", "suppressed"]),
  reason: v.picklist(Object.keys(DECISION_REASONS) as DecisionReason[]),
  /** The rule that decided; for a suppressed detection the one that came nearest. */
  ruleId: v.optional(v.string()),
  severity: v.optional(severity),
  /** The alert that it raised or is part of. */
  alertId: v.optional(v.string()),
  /** The alert's revision that shows it. */
  revision: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_REVISION))),
});

export type AlertDecision = v.InferOutput<typeof alertDecision>;
