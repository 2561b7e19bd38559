/** Which rules take a detection, and why the others do not. Pure. */
import type { DecisionReason } from "../../schemas/alert-decision.ts";
import type { AlertRule } from "../../schemas/alert-rule.ts";
import type { Camera } from "../../schemas/camera.ts";
import { KNOWN_PERSON, UNKNOWN_PERSON, type SeenPerson } from "../../schemas/person.ts";
import { SEVERITIES, type Severity } from "../../schemas/severity.ts";
import type { Snooze, Snoozed } from "../../schemas/snooze.ts";
import { isArmed } from "../sessions/schedule.ts";

/** The label of persons, and of their faces. */
export const PERSON = "PERSON";

/** One label of a notification, or one face: a detection of a person of whom is known who it is. */
export interface Detection {
  readonly eventId: string;
  readonly labelId: string;
  /** Null for a face if its engine does not say it. */
  readonly sessionId: string | null;
  /** Where its session was to begin, producer time; null if its message does not say. */
  readonly sessionStartedAtMs: number | null;
  /** In capitals, as in the lake. */
  readonly label: string;
  /** 0 to 100; null if the engine gives none. */
  readonly confidence: number | null;
  /** Whose face it is; absent for a label. */
  readonly person?: SeenPerson;
  /** Producer time, epoch milliseconds. */
  readonly detectedAtMs: number;
  /** Null for a face: no image is stored for faces. */
  readonly frameUri: string | null;
  readonly cropUri: string | null;
  /** Whether the bucket has its picture by now. */
  readonly isPictureStored: boolean;
}

type Wanted = Pick<Detection, "label" | "confidence" | "person" | "detectedAtMs">;

/** A rule's conditions, from the one that leaves a detection farthest away. */
const CONDITIONS: readonly {
  readonly reason: DecisionReason;
  readonly holds: (rule: AlertRule, camera: Camera, detection: Wanted) => boolean;
}[] = [
  {
    reason: "camera",
    holds: ({ cameras, tags = {} }, camera) =>
      (cameras?.includes(camera.cameraId) ?? true) &&
      Object.entries(tags).every(([key, value]) => camera.tags[key] === value),
  },
  { reason: "label", holds: ({ labels }, _, { label }) => labels === undefined || label in labels },
  {
    reason: "person",
    holds: ({ persons }, _, { person }) => persons === undefined || isOneOf(persons, person),
  },
  {
    reason: "hours",
    holds: ({ schedule, timeZone }, _, { detectedAtMs }) => isArmed(schedule, detectedAtMs, timeZone),
  },
  {
    reason: "confidence",
    holds: ({ labels }, _, { label, confidence }) =>
      confidence === null || confidence >= (labels?.[label] ?? 0),
  },
  { reason: "disabled", holds: ({ enabled }) => enabled },
];

export type Match =
  | { readonly kind: "taken"; readonly rules: readonly AlertRule[] }
  /** No rule takes it; the nearest one and its condition that does not hold. */
  | { readonly kind: "missed"; readonly reason: DecisionReason; readonly ruleId: string | undefined };

/** The rules that take a detection, the most urgent first. */
export function match(rules: readonly AlertRule[], camera: Camera, detection: Wanted): Match {
  const tried = rules.map((rule) => ({
    rule,
    failed: CONDITIONS.findIndex(({ holds }) => !holds(rule, camera, detection)),
  }));
  const taken = tried.filter(({ failed }) => failed === -1).map(({ rule }) => rule);
  if (taken.length > 0)
    return {
      kind: "taken",
      rules: taken.toSorted((a, b) => rank(b.severity) - rank(a.severity) || order(a, b)),
    };
  const nearest = tried.toSorted((a, b) => b.failed - a.failed || order(a.rule, b.rule))[0];
  return nearest
    ? { kind: "missed", reason: CONDITIONS[nearest.failed]!.reason, ruleId: nearest.rule.ruleId }
    : { kind: "missed", reason: "no-rule", ruleId: undefined };
}

const isOneOf = (persons: NonNullable<AlertRule["persons"]>, person: SeenPerson | undefined): boolean =>
  person !== undefined &&
  (persons.includes(person) || (person !== UNKNOWN_PERSON && persons.includes(KNOWN_PERSON)));

export const rank = (severity: Severity): number => SEVERITIES.indexOf(severity);

const order = (a: AlertRule, b: AlertRule): number => (a.ruleId < b.ruleId ? -1 : 1);

export const isSnoozed = (
  snoozes: readonly Snooze[],
  kind: Snoozed["kind"],
  id: string,
  nowMs: number,
): boolean => snoozes.some(({ of, untilMs }) => of.kind === kind && of.id === id && nowMs < untilMs);
