import { MINUTE_MS } from "../../base/durations.ts";
import type { Alert, AlertRecord } from "../../schemas/alert-record.ts";

/** A detection that is decided later than this raises nothing: what is old is no news. */
export const LATE_MS = 5 * MINUTE_MS;
/**
 * How long a decided detection is remembered, and an alert that is over: a detection that arrives after that is late. Twice
 * {@link LATE_MS}, because a camera's clock may be ahead.
 */
export const REMEMBERED_MS = 2 * LATE_MS;

export const findAlert = ({ alerts }: AlertRecord, alertId: string): Alert | undefined =>
  alerts.find((one) => one.alertId === alertId);

/** The record with an alert in place of the one with its id. */
export const withAlert = (record: AlertRecord, alert: Alert): AlertRecord => ({
  ...record,
  alerts: record.alerts.map((one) => (one.alertId === alert.alertId ? alert : one)),
});

/**
 * The record with one more alert, without those that no detection and no publication can need any more. Of two chains, the
 * earlier one is over, and its video ends at the latest where the later one begins.
 */
export function withNewAlert(record: AlertRecord, alert: Alert, nowMs: number): AlertRecord {
  const isKept = ({ alertId, endedAtMs, publishedRevision, revision }: Alert): boolean =>
    endedAtMs === undefined ||
    nowMs - endedAtMs < REMEMBERED_MS ||
    publishedRevision < revision ||
    alertId === record.watchedPackage?.alertId;
  const alerts = [...record.alerts.filter(isKept), alert].toSorted((a, b) => a.chainStartMs - b.chainStartMs);
  return {
    ...record,
    alerts: alerts.map((one, index) => {
      const next = alerts[index + 1];
      return next ? endedAt(one, next.chainStartMs, nowMs) : one;
    }),
  };
}

/** The alert of a chain that is over; the same alert if that is known. */
export const ended = (alert: Alert, nowMs: number): Alert =>
  alert.endedAtMs === undefined ? { ...alert, endedAtMs: nowMs, revision: alert.revision + 1 } : alert;

/** The alert of a chain that is over, and whose video reaches at most to `endMs`. */
export const endedAt = (alert: Alert, endMs: number, nowMs: number): Alert => ({
  ...ended(alert, nowMs),
  chainEndMs: Math.min(alert.chainEndMs ?? endMs, endMs),
});
