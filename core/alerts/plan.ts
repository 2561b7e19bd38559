/** What is due for a camera's alerts: what to publish, which call to make, and when. Pure. */
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../base/durations.ts";
import { ALERT_EVENTS, type AlertDetail } from "../../schemas/alert-message.ts";
import type { Alert, AlertOutgoing, AlertRecord } from "../../schemas/alert-record.ts";
import type { AlertRule } from "../../schemas/alert-rule.ts";
import { ended, withAlert } from "./alerts.ts";
import { isSnoozed } from "./match.ts";
import { reminded } from "./package.ts";
import { personsDueAtMs, withoutOldPersons } from "./persons.ts";
import { PICTURE_WAIT_MS, type AlertMoment } from "./reduce.ts";

/** An alert without a detection for this long is over, although no end of its chain was reported. */
const LONGEST_SILENCE_MS = 6 * HOUR_MS;
/** A call that has returned no result within this time is repeated. */
const CALL_DEADLINE_MS = 30_000;
/** Longest delay of a message (documented: SQS, DelaySeconds). What is due later takes several wake-ups. */
const LONGEST_DELAY_MS = 15 * MINUTE_MS;
/** Shortest delay: the queue counts in seconds. */
export const SHORTEST_DELAY_MS = SECOND_MS;

/** A call to be made once the record is written. */
export type AlertCall =
  | { readonly kind: "check-picture"; readonly alertId: string; readonly uri: string }
  /** Find a package in the latest image that is not before `fromMs`, producer time. */
  | { readonly kind: "look"; readonly fromMs: number }
  | { readonly kind: "wake"; readonly atMs: number };

export interface AlertPlan {
  readonly record: AlertRecord;
  readonly call: AlertCall | undefined;
}

/**
 * Decides what to do now: ends alerts, puts revisions into the outbox, and names the call that is due. No call
 * is due while the outbox has entries; the last one, once nothing else is due, is a wake-up for what is due later.
 */
export function plan(given: AlertRecord, moment: AlertMoment): AlertPlan {
  const { nowMs } = moment;
  let record = reminded(given, nowMs);
  for (const alert of record.alerts) {
    const current = isOverdue(alert, nowMs) ? ended(alert, nowMs) : alert;
    if (isPublishable(record, current, nowMs)) record = published(record, current, moment);
    else if (current !== alert) record = withAlert(record, current);
  }
  return withCall(withoutOldPersons(record, nowMs), nowMs);
}

/** Names the call that is due, once the outbox is delivered. A record that gets no result of it repeats it later. */
function withCall(record: AlertRecord, nowMs: number): AlertPlan {
  if (record.outbox.length > 0) return { record, call: undefined };
  for (const alert of record.alerts) {
    const { picture, alertId } = alert;
    if (picture && isSearched(alert, nowMs) && picture.checkAtMs <= nowMs)
      return {
        record: withAlert(record, { ...alert, picture: { ...picture, checkAtMs: nowMs + CALL_DEADLINE_MS } }),
        call: { kind: "check-picture", alertId, uri: picture.cropUri ?? picture.frameUri },
      };
  }
  const { watchedPackage } = record;
  if (watchedPackage?.lookAtMs !== undefined && watchedPackage.lookAtMs <= nowMs)
    return {
      record: {
        ...record,
        watchedPackage: { ...watchedPackage, lookAtMs: nowMs + CALL_DEADLINE_MS },
      },
      call: { kind: "look", fromMs: watchedPackage.fromMs },
    };
  return withWakeUp(record, nowMs);
}

/**
 * Sends a wake-up for what no event brings, unless one is on its way that arrives in time. One that arrives before anything is
 * due sends the next.
 */
function withWakeUp(record: AlertRecord, nowMs: number): AlertPlan {
  const dueMs = dueAtMs(record, nowMs);
  const { wakeAtMs = 0, wakeAgainAtMs = Infinity } = record;
  const earliestMs = nowMs + SHORTEST_DELAY_MS;
  const isOnItsWay = nowMs < wakeAtMs && nowMs < wakeAgainAtMs;
  if (dueMs === undefined || (isOnItsWay && wakeAtMs <= Math.max(dueMs, earliestMs)))
    return { record, call: undefined };
  const atMs = Math.min(Math.max(dueMs, earliestMs), nowMs + LONGEST_DELAY_MS);
  return {
    record: { ...record, wakeAtMs: atMs, wakeAgainAtMs: nowMs + CALL_DEADLINE_MS },
    call: { kind: "wake", atMs },
  };
}

/** When something is due that no event brings, epoch milliseconds; undefined if nothing is. */
function dueAtMs(record: AlertRecord, nowMs: number): number | undefined {
  const { alerts, watchedPackage } = record;
  const due = alerts.flatMap((alert) => [
    ...(isWaiting(alert, nowMs) ? [alert.raisedAtMs + PICTURE_WAIT_MS] : []),
    ...(isSearched(alert, nowMs) ? [alert.picture!.checkAtMs] : []),
    ...(alert.endedAtMs === undefined ? [alert.lastDecidedAtMs + LONGEST_SILENCE_MS] : []),
  ]);
  const packageAtMs = watchedPackage?.lookAtMs ?? watchedPackage?.remindAtMs;
  if (packageAtMs !== undefined) due.push(packageAtMs);
  const personsAtMs = personsDueAtMs(record);
  if (personsAtMs !== undefined) due.push(personsAtMs);
  return due.length === 0 ? undefined : Math.min(...due);
}

/** Before its first publication, an alert waits for its picture. */
const isWaiting = ({ publishedRevision, picture, raisedAtMs }: Alert, nowMs: number): boolean =>
  publishedRevision === 0 &&
  picture !== undefined &&
  !picture.isStored &&
  nowMs < raisedAtMs + PICTURE_WAIT_MS;

const isSearched = ({ picture }: Alert, nowMs: number): boolean =>
  picture !== undefined && !picture.isStored && nowMs < picture.checksUntilMs;

const isOverdue = ({ endedAtMs, lastDecidedAtMs }: Alert, nowMs: number): boolean =>
  endedAtMs === undefined && nowMs >= lastDecidedAtMs + LONGEST_SILENCE_MS;

/** A revision waits for the one before, so that every destination gets them in order and an outbox stays small. */
const isPublishable = ({ outbox }: AlertRecord, alert: Alert, nowMs: number): boolean =>
  alert.publishedRevision < alert.revision &&
  !isWaiting(alert, nowMs) &&
  outbox.every((entry) => entry.to !== "targets" || entry.detail.alertId !== alert.alertId);

/** Puts the alert's revision into the outbox. An alert that ended before it was published is raised first. */
function published(record: AlertRecord, alert: Alert, moment: AlertMoment): AlertRecord {
  const known = alert.published;
  const { endedAtMs, ...open } = alert;
  const isRaised = !known;
  const shown: Alert =
    isRaised && endedAtMs !== undefined ? { ...open, revision: alert.revision - 1 } : alert;
  const { alertId, revision } = shown;
  const isEnded = shown.endedAtMs !== undefined;
  const type: (typeof ALERT_EVENTS)[number] = isRaised
    ? "AlertRaised"
    : isEnded && !known.isEnded
      ? "AlertEnded"
      : "AlertUpdated";
  const isUrgent = isRaised || alert.urgentRevision > alert.publishedRevision;
  const targetIds = targetsOf(alert, record.cameraId, moment);
  const outgoing: AlertOutgoing = {
    to: "targets",
    id: `alert/${alertId}/${revision}`,
    type,
    detail: detailOf(shown, record.cameraId, !isUrgent),
    targets: targetIds.map((targetId) => ({
      targetId,
      silent: !isUrgent && known!.targetIds.includes(targetId),
    })),
  };
  const changed: Alert = {
    ...alert,
    urgentRevision: Math.min(alert.urgentRevision, revision),
    publishedRevision: revision,
    published: { isEnded, targetIds: [...new Set([...(known?.targetIds ?? []), ...targetIds])] },
  };
  return { ...withAlert(record, changed), outbox: [...record.outbox, outgoing] };
}

/** The targets of the alert's rules as they are now, without those that are snoozed. */
function targetsOf({ ruleIds }: Alert, cameraId: string, { rules, snoozes, nowMs }: AlertMoment): string[] {
  if (isSnoozed(snoozes, "camera", cameraId, nowMs)) return [];
  const awake = (rule: AlertRule): boolean =>
    ruleIds.includes(rule.ruleId) && rule.enabled && !isSnoozed(snoozes, "rule", rule.ruleId, nowMs);
  return [...new Set(rules.filter(awake).flatMap(({ targets }) => targets))].toSorted();
}

function detailOf(alert: Alert, cameraId: string, silent: boolean): AlertDetail {
  const { alertId, revision, severity, labels, persons, ruleIds } = alert;
  const { chainStartMs, raisedAtMs, endedAtMs, picture } = alert;
  return {
    eventId: `${alertId}-${revision}`,
    alertId,
    revision,
    cameraId,
    severity,
    silent,
    labels: labels.map(({ name, confidence, detectedAtMs }) => ({
      name,
      confidence,
      detectedAt: iso(detectedAtMs),
    })),
    ...(persons && { persons: persons.map(({ person }) => person) }),
    rules: ruleIds,
    chainStartedAt: iso(chainStartMs),
    raisedAt: iso(raisedAtMs),
    ...(endedAtMs !== undefined && { endedAt: iso(endedAtMs) }),
    ...(alert.package && { package: { state: alert.package.state, at: iso(alert.package.atMs) } }),
    ...(picture?.isStored && {
      picture: { frameUri: picture.frameUri, ...(picture.cropUri && { cropUri: picture.cropUri }) },
    }),
  };
}

const iso = (epochMs: number): string => new Date(epochMs).toISOString();
