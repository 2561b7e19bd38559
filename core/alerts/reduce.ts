/** What happens to a camera's alerts: each event gives the next record. Pure; `plan.ts` decides what is due then. */
import { MINUTE_MS, SECOND_MS } from "../../base/durations.ts";
import type { AlertDecision, DecisionReason } from "../../schemas/alert-decision.ts";
import type { Alert, AlertRecord } from "../../schemas/alert-record.ts";
import type { AlertRule } from "../../schemas/alert-rule.ts";
import type { Camera } from "../../schemas/camera.ts";
import type { Session } from "../../schemas/session.ts";
import type { Snooze } from "../../schemas/snooze.ts";
import { ended, findAlert, withAlert, withNewAlert } from "./alerts.ts";
import { chainStartOf } from "./chain.ts";
import { isSnoozed, match, rank, type Detection } from "./match.ts";
import { chainEnded, looked, watched, type Look } from "./package.ts";

/** A detection that is decided later than this raises nothing: news that is old is none. */
export const LATE_MS = 5 * MINUTE_MS;
/** How long a decided detection is remembered: what comes again after that is late. */
const REMEMBERED_MS = 2 * LATE_MS;
/** How long an alert waits for its picture before it is sent without. */
export const PICTURE_WAIT_MS = 5 * SECOND_MS;
/** How long a picture is looked for, to send it with an update. */
const PICTURE_SEARCH_MS = 2 * MINUTE_MS;
/** So many points more certain has a detection to be for its picture to take the place of the alert's. */
const BETTER_BY = 10;
export type AlertEvent =
  | {
      /** The labels of one notification. */
      readonly kind: "detected";
      readonly detections: readonly Detection[];
      /** Where its session was to begin, producer time; null if the notification does not say. */
      readonly startedAtMs: number | null;
      /** The camera's session as it was read. */
      readonly session: Session | undefined;
    }
  /** No session follows on the one that began at `videoStartMs`, whose video ends at `videoEndMs`. */
  | { readonly kind: "chain-ended"; readonly videoStartMs: number; readonly videoEndMs: number }
  | { readonly kind: "picture-checked"; readonly alertId: string; readonly isStored: boolean }
  | { readonly kind: "looked"; readonly look: Look }
  | { readonly kind: "outbox-delivered"; readonly ids: readonly string[] };

export interface AlertMoment {
  readonly nowMs: number;
  /** Undefined if it is no longer registered. */
  readonly camera: Camera | undefined;
  readonly rules: readonly AlertRule[];
  readonly snoozes: readonly Snooze[];
}

/** Whether a rule may raise one more alert in this hour. */
export type Allows = (ruleId: string, alertId: string) => boolean;

export const noAlerts = (cameraId: string): AlertRecord => ({
  cameraId,
  version: 0,
  alerts: [],
  cooldowns: [],
  decided: [],
  outbox: [],
});

/** @returns the same record if the event changes nothing */
export function reduce(
  record: AlertRecord,
  event: AlertEvent,
  moment: AlertMoment,
  allows: Allows,
): AlertRecord {
  switch (event.kind) {
    case "detected":
      return event.detections.reduce(
        (known, detection) => decided(known, detection, event, moment, allows),
        record,
      );
    case "chain-ended":
      return chainEnded(record, event, moment.nowMs);
    case "picture-checked":
      return pictureChecked(record, event, moment.nowMs);
    case "looked":
      return looked(record, event.look, moment.nowMs);
    case "outbox-delivered": {
      const outbox = record.outbox.filter(({ id }) => !event.ids.includes(id));
      return outbox.length === record.outbox.length ? record : { ...record, outbox };
    }
  }
}

/** The rules that would raise an alert if each was allowed to: those whose hourly count has to be asked. */
export function rulesToCount(
  record: AlertRecord,
  event: AlertEvent,
  moment: AlertMoment,
): { readonly ruleId: string; readonly alertId: string }[] {
  const asked = new Map<string, { ruleId: string; alertId: string }>();
  reduce(record, event, moment, (ruleId, alertId) => {
    asked.set(`${ruleId} ${alertId}`, { ruleId, alertId });
    return true;
  });
  return [...asked.values()];
}

const alertIdOf = (cameraId: string, chainStartMs: number): string => `${cameraId}-${chainStartMs}`;

function decided(
  record: AlertRecord,
  detection: Detection,
  { startedAtMs, session }: Extract<AlertEvent, { kind: "detected" }>,
  moment: AlertMoment,
  allows: Allows,
): AlertRecord {
  const { nowMs, camera } = moment;
  const { eventId, labelId, detectedAtMs } = detection;
  const id = `${eventId}/${labelId}`;
  if (record.decided.some((one) => one.id === id)) return record;
  const remembered = {
    ...record,
    decided: [...record.decided.filter(({ atMs }) => nowMs - atMs < REMEMBERED_MS), { id, atMs: nowMs }],
  };
  const suppressed = (reason: DecisionReason, ruleId?: string) =>
    withDecision(remembered, detection, nowMs, { decision: "suppressed", reason, ruleId });

  if (!camera) return suppressed("camera-removed");
  if (nowMs - detectedAtMs > LATE_MS || detectedAtMs < (camera.armedSinceMs ?? 0)) return suppressed("late");
  const matched = match(moment.rules, camera, detection);
  if (matched.kind === "missed") return suppressed(matched.reason, matched.ruleId);
  const awake = matched.rules.filter(({ ruleId }) => !isSnoozed(moment.snoozes, "rule", ruleId, nowMs));
  if (awake.length === 0 || isSnoozed(moment.snoozes, "camera", camera.cameraId, nowMs))
    return suppressed("snoozed", matched.rules[0]!.ruleId);

  const chainStartMs = chainStartOf({ ...detection, startedAtMs }, session, record);
  const alertId = alertIdOf(camera.cameraId, chainStartMs);
  const alert = findAlert(record, alertId);
  const raising: AlertRule[] = [];
  let refusal: { reason: DecisionReason; ruleId: string } | undefined;
  for (const rule of awake) {
    const { ruleId } = rule;
    if (alert?.ruleIds.includes(ruleId)) continue;
    if (isCooling(record, rule, detection, nowMs)) refusal ??= { reason: "cooldown", ruleId };
    else if (!allows(ruleId, alertId)) refusal ??= { reason: "max-per-hour", ruleId };
    else raising.push(rule);
  }
  if (!alert) {
    if (raising.length === 0) return suppressed(refusal!.reason, refusal!.ruleId);
    return raised(remembered, detection, { alertId, chainStartMs, rules: raising }, nowMs);
  }
  const holding = awake.filter(({ ruleId }) => alert.ruleIds.includes(ruleId));
  if (holding.length === 0 && raising.length === 0) return suppressed(refusal!.reason, refusal!.ruleId);
  return merged(remembered, detection, alert, { raising, rules: [...raising, ...holding] }, nowMs);
}

/** A rule's alert on the camera is recent, and showed the label. */
const isCooling = (
  { cooldowns }: AlertRecord,
  { ruleId }: AlertRule,
  { label }: Detection,
  nowMs: number,
): boolean =>
  cooldowns.some((one) => one.ruleId === ruleId && nowMs < one.untilMs && one.labels.includes(label));

function raised(
  record: AlertRecord,
  detection: Detection,
  {
    alertId,
    chainStartMs,
    rules,
  }: { readonly alertId: string; readonly chainStartMs: number; readonly rules: readonly AlertRule[] },
  nowMs: number,
): AlertRecord {
  const [first] = rules;
  const alert: Alert = {
    alertId,
    chainStartMs,
    raisedAtMs: nowMs,
    lastDetectedAtMs: detection.detectedAtMs,
    severity: first!.severity,
    labels: [seen(detection)],
    ruleIds: rules.map(({ ruleId }) => ruleId),
    picture: pictureOf(detection, nowMs),
    revision: 1,
    publishedRevision: 0,
  };
  // A newer chain has begun, so the one before is over.
  const alerts = record.alerts.map((one) =>
    one.endedAtMs === undefined && one.chainStartMs < chainStartMs ? ended(one, nowMs) : one,
  );
  const added = withNewAlert({ ...record, alerts }, alert);
  const next = withCooldowns(
    watched(added, detection, alert, rules, nowMs),
    detection,
    { raising: rules, rules },
    nowMs,
  );
  return withDecision(next, detection, nowMs, {
    decision: "raised",
    reason: "first-detection",
    ruleId: first!.ruleId,
    severity: alert.severity,
    alertId,
    revision: alert.revision,
  });
}

function merged(
  record: AlertRecord,
  detection: Detection,
  alert: Alert,
  { raising, rules }: { readonly raising: readonly AlertRule[]; readonly rules: readonly AlertRule[] },
  nowMs: number,
): AlertRecord {
  const isNew = alert.labels.every(({ name }) => name !== detection.label);
  const isBetter =
    detection.isPictureStored &&
    (!alert.picture?.isStored || (detection.confidence ?? 0) >= (alert.picture.confidence ?? 0) + BETTER_BY);
  const reason: DecisionReason = isNew
    ? "new-label"
    : raising.length > 0
      ? "new-rule"
      : isBetter
        ? "better-picture"
        : "known";
  const urgent = rules.toSorted((a, b) => rank(b.severity) - rank(a.severity))[0]!;
  const changed: Alert = {
    ...alert,
    lastDetectedAtMs: Math.max(alert.lastDetectedAtMs, detection.detectedAtMs),
    ...(reason !== "known" && {
      revision: alert.revision + 1,
      labels: isNew ? [...alert.labels, seen(detection)] : alert.labels,
      ruleIds: [...alert.ruleIds, ...raising.map(({ ruleId }) => ruleId)],
      severity: rank(urgent.severity) > rank(alert.severity) ? urgent.severity : alert.severity,
      picture: isBetter ? pictureOf(detection, nowMs) : alert.picture,
    }),
  };
  const next = withCooldowns(
    watched(withAlert(record, changed), detection, changed, rules, nowMs),
    detection,
    { raising, rules },
    nowMs,
  );
  return withDecision(next, detection, nowMs, {
    decision: "merged",
    reason,
    ruleId: rules[0]!.ruleId,
    severity: changed.severity,
    alertId: alert.alertId,
    revision: changed.revision,
  });
}

function pictureChecked(
  record: AlertRecord,
  { alertId, isStored }: Extract<AlertEvent, { kind: "picture-checked" }>,
  nowMs: number,
): AlertRecord {
  const alert = findAlert(record, alertId);
  if (!alert?.picture || alert.picture.isStored) return record;
  if (isStored)
    return withAlert(record, {
      ...alert,
      picture: { ...alert.picture, isStored },
      // Before the first publication, the picture is part of it.
      revision: alert.publishedRevision === 0 ? alert.revision : alert.revision + 1,
    });
  // Each second at first, then as often as it has been looked for already.
  const waitedMs = nowMs - alert.raisedAtMs;
  const checkAtMs = nowMs + Math.max(SECOND_MS, waitedMs < PICTURE_WAIT_MS ? SECOND_MS : waitedMs);
  return withAlert(record, { ...alert, picture: { ...alert.picture, checkAtMs } });
}

const seen = ({ label, confidence, detectedAtMs }: Detection) => ({ name: label, confidence, detectedAtMs });

const pictureOf = (
  { frameUri, cropUri, confidence, isPictureStored }: Detection,
  nowMs: number,
): NonNullable<Alert["picture"]> => ({
  frameUri,
  ...(cropUri !== null && { cropUri }),
  confidence,
  isStored: isPictureStored,
  checksUntilMs: nowMs + PICTURE_SEARCH_MS,
  checkAtMs: nowMs + SECOND_MS,
});

/** Starts the cooldowns of rules that raise, and enters the label into those of all rules that take the detection. */
function withCooldowns(
  record: AlertRecord,
  { label }: Detection,
  { raising, rules }: { readonly raising: readonly AlertRule[]; readonly rules: readonly AlertRule[] },
  nowMs: number,
): AlertRecord {
  const running = record.cooldowns.filter(({ untilMs }) => nowMs < untilMs);
  const started = raising
    .filter(({ ruleId }) => running.every((one) => one.ruleId !== ruleId))
    .map(({ ruleId }) => ({ ruleId, untilMs: nowMs, labels: [] as string[] }));
  const cooldowns = [...running, ...started].map((one) => {
    const rule = rules.find(({ ruleId }) => ruleId === one.ruleId);
    if (!rule) return one;
    const untilMs = raising.includes(rule) ? nowMs + rule.cooldownSeconds * SECOND_MS : one.untilMs;
    return { ...one, untilMs, labels: [...new Set([...one.labels, label])] };
  });
  return { ...record, cooldowns };
}

type Outcome = Pick<AlertDecision, "decision" | "reason" | "ruleId" | "severity" | "alertId" | "revision">;

/** Enters what became of the detection: one row of the lake, however often it arrives. */
function withDecision(
  record: AlertRecord,
  { eventId, labelId, sessionId, label, confidence, detectedAtMs }: Detection,
  nowMs: number,
  outcome: Outcome,
): AlertRecord {
  const decision: AlertDecision = {
    type: "ALERT_DECISION",
    eventId,
    labelId,
    cameraId: record.cameraId,
    sessionId,
    label,
    confidence,
    detectedAtMs,
    decidedAtMs: nowMs,
    ...outcome,
  };
  return {
    ...record,
    outbox: [...record.outbox, { to: "lake", id: `decision/${eventId}/${labelId}`, decision }],
  };
}
