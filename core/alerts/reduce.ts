/** What happens to a camera's alerts: each event gives the next record. Pure; `plan.ts` decides what is due then. */
import { MINUTE_MS, SECOND_MS } from "../../base/durations.ts";
import type { AlertDecision, DecisionReason } from "../../schemas/alert-decision.ts";
import type { Alert, AlertRecord } from "../../schemas/alert-record.ts";
import type { AlertRule } from "../../schemas/alert-rule.ts";
import type { Camera } from "../../schemas/camera.ts";
import type { Session } from "../../schemas/session.ts";
import { KNOWN_PERSON, UNKNOWN_PERSON } from "../../schemas/person.ts";
import type { Snooze } from "../../schemas/snooze.ts";
import { ended, endedAt, findAlert, LATE_MS, REMEMBERED_MS, withAlert, withNewAlert } from "./alerts.ts";
import { chainOf, type Chain } from "./chain.ts";
import { isSnoozed, match, PERSON, rank, type Detection } from "./match.ts";
import { looked, watched, watchedAtEnd, type Look } from "./package.ts";
import { isSeen, seenSince, withPersons, withSeen } from "./persons.ts";

/** How many decided detections a record remembers: they take about a quarter of the 400 KB that an item may have. */
const MAX_REMEMBERED = 1000;
/** How many outbox entries a record has before it takes no detection: the message is received again later. */
const MAX_OUTBOX = 200;
/** How long an alert waits for its picture before it is sent without. */
export const PICTURE_WAIT_MS = 5 * SECOND_MS;
/** How long a picture is searched for, to send it with an update. */
const PICTURE_SEARCH_MS = 2 * MINUTE_MS;
/** A detection's picture takes the place of the alert's if it is that much more certain. */
const BETTER_BY = 10;
/** How far the clocks of two machines of AWS may differ: a wake-up that early is the one that was sent. */
const CLOCK_SKEW_MS = 250;
/** A label or a person that was not detected for this long, or for the rule's cooldown if that is longer, has returned. */
const SHORTEST_ABSENCE_MS = 5 * MINUTE_MS;

export type AlertEvent =
  | {
      /** Labels of notifications, and faces. */
      readonly kind: "detected";
      readonly detections: readonly Detection[];
      /** The camera's session as it was read. */
      readonly session: Session | undefined;
    }
  /** No session follows on the one that began at `videoStartMs`, whose video ends at `videoEndMs`. */
  | { readonly kind: "chain-ended"; readonly videoStartMs: number; readonly videoEndMs: number }
  | { readonly kind: "picture-checked"; readonly alertId: string; readonly isStored: boolean }
  | { readonly kind: "looked"; readonly fromMs: number; readonly look: Look }
  | { readonly kind: "outbox-delivered"; readonly ids: readonly string[] }
  | { readonly kind: "wake-up-sent"; readonly atMs: number }
  | { readonly kind: "wake-up" };

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
  seen: [],
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
      // A removed camera's record is deleted with it.
      return !moment.camera && record.version === 0 ? record : chainEnded(record, event, moment.nowMs);
    case "picture-checked":
      return pictureChecked(record, event, moment.nowMs);
    case "looked":
      return looked(record, event, moment.nowMs);
    case "outbox-delivered": {
      const outbox = record.outbox.filter(({ id }) => !event.ids.includes(id));
      return outbox.length === record.outbox.length ? record : { ...record, outbox };
    }
    case "wake-up-sent": {
      const { wakeAgainAtMs, ...rest } = record;
      return wakeAgainAtMs === undefined || rest.wakeAtMs !== event.atMs ? record : rest;
    }
    case "wake-up": {
      const { wakeAtMs, wakeAgainAtMs: _, ...rest } = record;
      return wakeAtMs === undefined || wakeAtMs > moment.nowMs + CLOCK_SKEW_MS ? record : rest;
    }
  }
}

/** Whether the outbox has to be delivered before the record takes another detection. */
export const isFull = ({ outbox }: AlertRecord): boolean => outbox.length >= MAX_OUTBOX;

const alertIdOf = (cameraId: string, chainStartMs: number): string => `${cameraId}-${chainStartMs}`;

function decided(
  record: AlertRecord,
  detection: Detection,
  { session }: Extract<AlertEvent, { kind: "detected" }>,
  moment: AlertMoment,
  allows: Allows,
): AlertRecord {
  const { nowMs, camera } = moment;
  const { person, detectedAtMs } = detection;
  const chain = chainOf(detection, session, record);
  if (isDecided(record, detection, chain.startMs)) return record;
  const remembered = withDecided(record, detection, nowMs);
  const suppressed = (reason: DecisionReason, ruleId?: string) =>
    withDecision(remembered, detection, nowMs, { decision: "suppressed", reason, ruleId });

  if (!camera) return suppressed("camera-removed");
  if (nowMs - detectedAtMs > LATE_MS || detectedAtMs < (camera.armedSinceMs ?? 0)) return suppressed("late");
  const matched = match(moment.rules, camera, detection);
  if (matched.kind === "missed") return suppressed(matched.reason, matched.ruleId);
  const awake = matched.rules.filter(({ ruleId }) => !isSnoozed(moment.snoozes, "rule", ruleId, nowMs));
  if (awake.length === 0 || isSnoozed(moment.snoozes, "camera", camera.cameraId, nowMs))
    return suppressed("snoozed", matched.rules[0]!.ruleId);

  const alertId = alertIdOf(camera.cameraId, chain.startMs);
  const alert = findAlert(record, alertId);
  const holding = awake.filter(({ ruleId }) => alert?.ruleIds.includes(ruleId));
  const raising: AlertRule[] = [];
  let refusal: { reason: DecisionReason; ruleId: string } | undefined;
  for (const rule of awake) {
    const { ruleId } = rule;
    // A face is part of the alert of a rule without persons, and raises none.
    if (holding.includes(rule) || (person !== undefined && !rule.persons)) continue;
    if (isCooling(record, rule, detection, nowMs)) refusal ??= { reason: "cooldown", ruleId };
    else if (!allows(ruleId, alertId)) refusal ??= { reason: "max-per-hour", ruleId };
    else raising.push(rule);
  }
  if (raising.length === 0 && holding.length === 0)
    return suppressed(refusal?.reason ?? "no-alert", refusal?.ruleId ?? awake[0]!.ruleId);
  return alert
    ? merged(remembered, detection, { alert, ...chain, raising, holding }, nowMs)
    : raised(remembered, detection, { alertId, ...chain, rules: raising }, nowMs);
}

const idOf = ({ eventId, labelId }: Detection): string => `${eventId}/${labelId}`;

const isDecided = (
  record: AlertRecord,
  { person, ...detection }: Detection,
  chainStartMs: number,
): boolean =>
  person === undefined
    ? record.decided.some(({ id }) => id === idOf(detection))
    : isSeen(record, { ...detection, person }, chainStartMs);

function withDecided(record: AlertRecord, { person, ...detection }: Detection, nowMs: number): AlertRecord {
  if (person !== undefined) return withSeen(record, { ...detection, person }, nowMs);
  const known = record.decided.filter(({ atMs }) => nowMs - atMs < REMEMBERED_MS);
  const { label, confidence, detectedAtMs, frameUri, cropUri } = detection;
  return {
    ...record,
    decided: [...known, { id: idOf(detection), atMs: nowMs }].slice(-MAX_REMEMBERED),
    ...(label === PERSON &&
      frameUri !== null && {
        latestPerson: { frameUri, ...(cropUri !== null && { cropUri }), confidence, detectedAtMs },
      }),
  };
}

/** What an alert shows a detection as, and a cooldown is for: a label, or the person of a face. */
const shownAs = ({ label, person }: Detection): string => person ?? label;

/** An alert of the rule on the camera showed it a short time ago. */
const isCooling = (
  { cooldowns }: AlertRecord,
  { ruleId }: AlertRule,
  detection: Detection,
  nowMs: number,
): boolean =>
  cooldowns.some((one) => one.ruleId === ruleId && one.label === shownAs(detection) && nowMs < one.untilMs);

/** The faces that an alert shows by a detection: the face's own, or with the first label of a person those of its chain so far. */
function facesBy(
  record: AlertRecord,
  { label, person, detectedAtMs }: Detection,
  { startMs, isPast }: Chain,
  nowMs: number,
) {
  if (person !== undefined) return [{ person, detectedAtMs }];
  // Of a chain that is past, the faces since its begin may be of a later one.
  return label === PERSON && !isPast ? seenSince(record, startMs, nowMs) : [];
}

function raised(
  record: AlertRecord,
  detection: Detection,
  { alertId, rules, ...chain }: Chain & { readonly alertId: string; readonly rules: readonly AlertRule[] },
  nowMs: number,
): AlertRecord {
  const { startMs, isPast } = chain;
  const [first] = rules;
  const persons = withPersons(undefined, facesBy(record, detection, chain, nowMs));
  const picture = pictureOf(detection, nowMs) ?? latestPicture(record, startMs, nowMs);
  const { chainEnd } = record;
  const isReported = !isPast && chainEnd !== undefined && startMs <= chainEnd.videoStartMs;
  const alert: Alert = {
    alertId,
    chainStartMs: startMs,
    raisedAtMs: nowMs,
    lastDetectedAtMs: detection.detectedAtMs,
    lastDecidedAtMs: nowMs,
    severity: first!.severity,
    labels: [seen(detection)],
    ...(persons && { persons }),
    ruleIds: rules.map(({ ruleId }) => ruleId),
    ...(picture && { picture }),
    revision: 1,
    urgentRevision: 1,
    publishedRevision: 0,
  };
  const added = withNewAlert(record, isPast ? ended(alert, nowMs) : alert, nowMs);
  const kept = withCooldowns(watched(added, detection, alert, rules, nowMs), detection, rules, nowMs);
  return withDecision(isReported ? chainOver(kept, chainEnd, nowMs) : kept, detection, nowMs, {
    decision: "raised",
    reason: "first-detection",
    ruleId: first!.ruleId,
    severity: alert.severity,
    alertId,
    revision: alert.revision,
  });
}

/** @param rules those that join the alert, and those that are part of it, the most urgent of each first */
function merged(
  record: AlertRecord,
  detection: Detection,
  {
    alert,
    raising,
    holding,
    ...chain
  }: Chain & {
    readonly alert: Alert;
    readonly raising: readonly AlertRule[];
    readonly holding: readonly AlertRule[];
  },
  nowMs: number,
): AlertRecord {
  const { label, person, detectedAtMs } = detection;
  const shownLabel = alert.labels.find(({ name }) => name === label);
  const shown = person === undefined ? shownLabel : alert.persons?.find((one) => one.person === person);
  // A rule without persons knows by the label that somebody has returned.
  const watching = person === undefined ? holding : holding.filter(({ persons }) => persons);
  const rules = [...raising, ...holding];
  const [urgent] = rules.toSorted((a, b) => rank(b.severity) - rank(a.severity));
  const isMoreUrgent = rank(urgent!.severity) > rank(alert.severity);
  const hasReturned =
    shown !== undefined &&
    watching.some(
      ({ cooldownSeconds }) =>
        detectedAtMs - shown.lastDetectedAtMs >= Math.max(SHORTEST_ABSENCE_MS, cooldownSeconds * SECOND_MS),
    );
  const isFirstUnknown = person === UNKNOWN_PERSON && !shown && alert.persons !== undefined;
  const isBetter = isMoreUrgent ? detection.isPictureStored : isBetterPicture(alert.picture, detection);
  const reason = ((): DecisionReason => {
    if (!shown && person === undefined) return "new-label";
    if (isFirstUnknown) return "unknown-person";
    if (!shown) return "new-person";
    if (raising.length > 0) return "new-rule";
    if (hasReturned) return "returned";
    return isBetter ? "better-picture" : "known";
  })();
  const revision = reason === "known" ? alert.revision : alert.revision + 1;
  const faces = shown && person === undefined ? [] : facesBy(record, detection, chain, nowMs);
  const persons = withPersons(alert.persons, faces);
  const picture = isBetter ? pictureOf(detection, nowMs) : alert.picture;
  const changed: Alert = {
    ...alert,
    lastDetectedAtMs: Math.max(alert.lastDetectedAtMs, detectedAtMs),
    lastDecidedAtMs: nowMs,
    labels: shownLabel
      ? alert.labels.map((one) =>
          one === shown ? { ...one, lastDetectedAtMs: Math.max(one.lastDetectedAtMs, detectedAtMs) } : one,
        )
      : [...alert.labels, seen(detection)],
    ...(persons && { persons }),
    ruleIds: [...alert.ruleIds, ...raising.map(({ ruleId }) => ruleId)],
    severity: isMoreUrgent ? urgent!.severity : alert.severity,
    ...(picture && { picture }),
    revision,
    ...((isMoreUrgent || hasReturned || isFirstUnknown) && { urgentRevision: revision }),
  };
  const next = withCooldowns(
    watched(withAlert(record, changed), detection, changed, rules, nowMs),
    detection,
    shown && !hasReturned ? raising : rules,
    nowMs,
  );
  return withDecision(next, detection, nowMs, {
    decision: "merged",
    reason,
    ruleId: rules[0]!.ruleId,
    severity: changed.severity,
    alertId: alert.alertId,
    revision,
  });
}

/** A picture that is there is better than one that is not; else one of the same label that is more certain. */
const isBetterPicture = (
  picture: Alert["picture"],
  { label, confidence, isPictureStored }: Detection,
): boolean =>
  isPictureStored &&
  (!picture?.isStored ||
    (label === picture.label && (confidence ?? 0) >= (picture.confidence ?? 0) + BETTER_BY));

/** No session follows on the one that is named. A chain's end is reported at least once, and in any order. */
function chainEnded(
  record: AlertRecord,
  { videoStartMs, videoEndMs }: { readonly videoStartMs: number; readonly videoEndMs: number },
  nowMs: number,
): AlertRecord {
  const { chainEnd } = record;
  if (chainEnd?.videoStartMs === videoStartMs) return record;
  const isLatest = !chainEnd || chainEnd.videoStartMs < videoStartMs;
  const end = { videoStartMs, videoEndMs };
  return chainOver(isLatest ? { ...record, chainEnd: end } : record, end, nowMs);
}

/** The record whose alert of the chain is over, and which looks for a package in the chain's last image. */
function chainOver(
  record: AlertRecord,
  end: { readonly videoStartMs: number; readonly videoEndMs: number },
  nowMs: number,
): AlertRecord {
  const alert = record.alerts.findLast(({ chainStartMs }) => chainStartMs <= end.videoStartMs);
  const isNews = alert && (alert.chainEndMs === undefined || alert.chainEndMs > end.videoEndMs);
  const over = isNews ? withAlert(record, endedAt(alert, end.videoEndMs, nowMs)) : record;
  return watchedAtEnd(over, end, nowMs);
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
  // Each second at first, then as often as it has been searched for already.
  const waitedMs = nowMs - alert.raisedAtMs;
  const checkAtMs = nowMs + (waitedMs < PICTURE_WAIT_MS ? SECOND_MS : waitedMs);
  return withAlert(record, { ...alert, picture: { ...alert.picture, checkAtMs } });
}

const seen = ({ label, confidence, detectedAtMs }: Detection) => ({
  name: label,
  confidence,
  detectedAtMs,
  lastDetectedAtMs: detectedAtMs,
});

/** The picture of a detection; a face has none. */
const pictureOf = (
  { frameUri, cropUri, label, confidence, isPictureStored }: Detection,
  nowMs: number,
): Alert["picture"] =>
  frameUri === null
    ? undefined
    : {
        frameUri,
        ...(cropUri !== null && { cropUri }),
        label,
        confidence,
        isStored: isPictureStored,
        checksUntilMs: nowMs + PICTURE_SEARCH_MS,
        checkAtMs: nowMs + SECOND_MS,
      };

/** The picture of the chain's latest detection of a person, for an alert that a face raises. */
function latestPicture({ latestPerson }: AlertRecord, startMs: number, nowMs: number): Alert["picture"] {
  if (!latestPerson || latestPerson.detectedAtMs < startMs) return undefined;
  const { detectedAtMs: _, ...picture } = latestPerson;
  const checksUntilMs = nowMs + PICTURE_SEARCH_MS;
  return { ...picture, label: PERSON, isStored: false, checksUntilMs, checkAtMs: nowMs };
}

/** Starts the rules' cooldowns for what their alert shows now. */
function withCooldowns(
  record: AlertRecord,
  detection: Detection,
  showing: readonly AlertRule[],
  nowMs: number,
): AlertRecord {
  const label = shownAs(detection);
  const rules = detection.person === undefined ? showing : showing.filter(({ persons }) => persons);
  const started = rules.map(({ ruleId, cooldownSeconds }) => ({
    ruleId,
    label,
    untilMs: nowMs + cooldownSeconds * SECOND_MS,
  }));
  const others = record.cooldowns.filter(
    (one) =>
      nowMs < one.untilMs && started.every(({ ruleId }) => ruleId !== one.ruleId || label !== one.label),
  );
  return { ...record, cooldowns: [...others, ...started.filter(({ untilMs }) => nowMs < untilMs)] };
}

type Outcome = Pick<AlertDecision, "decision" | "reason" | "ruleId" | "severity" | "alertId" | "revision">;

/** Enters what became of the detection: one row of the lake, however often it arrives. */
function withDecision(
  record: AlertRecord,
  { eventId, labelId, sessionId, label, confidence, person, detectedAtMs }: Detection,
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
    ...(person !== undefined && { person: person === UNKNOWN_PERSON ? UNKNOWN_PERSON : KNOWN_PERSON }),
    detectedAtMs,
    decidedAtMs: nowMs,
    ...outcome,
  };
  return {
    ...record,
    outbox: [...record.outbox, { to: "lake", id: `decision/${eventId}/${labelId}`, decision }],
  };
}
