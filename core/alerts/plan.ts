/** What is due for a camera's alerts: what to publish, which call to make, and when to wake up. Pure. */
import { HOUR_MS } from "../../base/durations.ts";
import type { AlertDetail } from "../../schemas/alert-message.ts";
import type { Alert, AlertOutgoing, AlertRecord } from "../../schemas/alert-record.ts";
import type { AlertRule } from "../../schemas/alert-rule.ts";
import { ended, withAlert } from "./alerts.ts";
import { isSnoozed, rank } from "./match.ts";
import { reminded } from "./package.ts";
import { PICTURE_WAIT_MS, type AlertMoment } from "./reduce.ts";

/** An alert of which nothing is seen for this long is over, although no end of its chain was reported. */
const LONGEST_ALERT_MS = 6 * HOUR_MS;
/** A call that has returned no result within this time is repeated. */
const CALL_DEADLINE_MS = 30_000;

/** A call to be made once the record is written. */
export type AlertCall =
  | { readonly kind: "check-picture"; readonly alertId: string; readonly uri: string }
  /** Find a package in the latest image that is not before `fromMs`, producer time. */
  | { readonly kind: "look"; readonly fromMs: number };

export interface AlertPlan {
  readonly record: AlertRecord;
  readonly call: AlertCall | undefined;
}

export function plan(given: AlertRecord, moment: AlertMoment): AlertPlan {
  const { nowMs } = moment;
  let record = reminded(given, nowMs);
  for (const alert of record.alerts) {
    if (isOverdue(alert, nowMs)) record = withAlert(record, ended(alert, nowMs));
  }
  for (const alert of record.alerts)
    if (alert.publishedRevision < alert.revision && !isWaiting(alert, nowMs))
      record = published(record, alert, moment);
  const { record: called, call } = withCall(record, nowMs);
  const wakeAtMs = dueAtMs(called, nowMs);
  if (wakeAtMs === given.wakeAtMs && called === given) return { record: given, call };
  const { wakeAtMs: _, ...rest } = called;
  return { record: wakeAtMs === undefined ? rest : { ...rest, wakeAtMs }, call };
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
  return { record, call: undefined };
}

function dueAtMs({ alerts, watchedPackage, outbox }: AlertRecord, nowMs: number): number | undefined {
  const due = alerts.flatMap((alert) => [
    ...(alert.publishedRevision < alert.revision ? [alert.raisedAtMs + PICTURE_WAIT_MS] : []),
    ...(isSearched(alert, nowMs) ? [alert.picture!.checkAtMs] : []),
    ...(alert.endedAtMs === undefined ? [alert.raisedAtMs + LONGEST_ALERT_MS] : []),
  ]);
  if (watchedPackage) due.push(watchedPackage.lookAtMs ?? watchedPackage.remindAtMs ?? Infinity);
  if (outbox.length > 0) due.push(nowMs);
  const first = Math.min(...due);
  return Number.isFinite(first) ? first : undefined;
}

/** Before its first publication, an alert waits for its picture. */
const isWaiting = ({ publishedRevision, picture, raisedAtMs }: Alert, nowMs: number): boolean =>
  publishedRevision === 0 &&
  picture !== undefined &&
  !picture.isStored &&
  nowMs < raisedAtMs + PICTURE_WAIT_MS;

const isSearched = ({ picture }: Alert, nowMs: number): boolean =>
  picture !== undefined && !picture.isStored && nowMs < picture.checksUntilMs;

const isOverdue = ({ endedAtMs, raisedAtMs }: Alert, nowMs: number): boolean =>
  endedAtMs === undefined && nowMs >= raisedAtMs + LONGEST_ALERT_MS;

/** Puts the alert's revision into the outbox. An alert that ended before it was published is raised first. */
function published(record: AlertRecord, alert: Alert, moment: AlertMoment): AlertRecord {
  const isFirst = alert.publishedRevision === 0;
  if (isFirst && alert.endedAtMs !== undefined) {
    const { endedAtMs: _, ...open } = alert;
    const raised = publish(record, { ...open, revision: alert.revision - 1 }, moment);
    return publish(raised, { ...alert, published: raised.alerts.find(isSame(alert))!.published }, moment);
  }
  return publish(record, alert, moment);
}

const isSame =
  ({ alertId }: Alert) =>
  (other: Alert): boolean =>
    other.alertId === alertId;

function publish(record: AlertRecord, alert: Alert, moment: AlertMoment): AlertRecord {
  const { alertId, revision, severity, endedAtMs } = alert;
  const known = alert.published;
  const isEnded = endedAtMs !== undefined;
  const type = !known ? "AlertRaised" : isEnded && !known.isEnded ? "AlertEnded" : "AlertUpdated";
  const isUrgent =
    !known ||
    rank(severity) > rank(known.severity) ||
    (alert.package !== undefined && alert.package.state !== known.package);
  const targetIds = targetsOf(alert, record.cameraId, moment);
  const outgoing: AlertOutgoing = {
    to: "targets",
    id: `alert/${alertId}/${revision}`,
    type,
    detail: detailOf(alert, record.cameraId, !isUrgent),
    targets: targetIds.map((targetId) => ({
      targetId,
      silent: !isUrgent && known!.targetIds.includes(targetId),
    })),
  };
  const changed: Alert = {
    ...alert,
    publishedRevision: revision,
    published: {
      severity,
      ...(alert.package && { package: alert.package.state }),
      isEnded,
      targetIds: [...new Set([...(known?.targetIds ?? []), ...targetIds])],
    },
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
  const { alertId, revision, severity, labels, ruleIds, chainStartMs, raisedAtMs, endedAtMs, picture } =
    alert;
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
