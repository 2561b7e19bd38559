import type { Alert, AlertRecord } from "../../schemas/alert-record.ts";

/** Alerts that a record keeps: late facts belong to one of the latest. */
const MAX_ALERTS = 5;

export const findAlert = ({ alerts }: AlertRecord, alertId: string): Alert | undefined =>
  alerts.find((one) => one.alertId === alertId);

/** The record with an alert in place of the one with its id. */
export const withAlert = (record: AlertRecord, alert: Alert): AlertRecord => ({
  ...record,
  alerts: record.alerts.map((one) => (one.alertId === alert.alertId ? alert : one)),
});

/** The record with one more alert, without old ones that have nothing left to do. */
export function withNewAlert(record: AlertRecord, alert: Alert): AlertRecord {
  const alerts = [...record.alerts, alert].toSorted((a, b) => a.chainStartMs - b.chainStartMs);
  return {
    ...record,
    alerts: alerts.filter(
      ({ alertId, publishedRevision, revision }, index) =>
        alerts.length - index <= MAX_ALERTS ||
        publishedRevision < revision ||
        alertId === record.watchedPackage?.alertId,
    ),
  };
}

/** The alert of a chain that is over. */
export const ended = (alert: Alert, nowMs: number): Alert => ({
  ...alert,
  endedAtMs: nowMs,
  revision: alert.revision + 1,
});
