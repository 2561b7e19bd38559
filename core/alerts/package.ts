/**
 * A package's story: it was left, it is still there after some minutes, it is gone. An engine publishes the first detection of
 * a label alone, so each of these is decided by a look at one image of the video: when a motion is over, and when the
 * reminder is due. What no image shows is not said.
 */
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../base/durations.ts";
import type { PACKAGE_STATES } from "../../schemas/alert-message.ts";
import type { Alert, AlertRecord } from "../../schemas/alert-record.ts";
import type { AlertRule } from "../../schemas/alert-rule.ts";
import { findAlert, withAlert } from "./alerts.ts";
import type { Detection } from "./match.ts";

const PACKAGE = "PACKAGE";
/** The last of a motion's video is a moment on its way. */
const VIDEO_DELAY_MS = 3 * SECOND_MS;
/** How far before a motion's end its last image may be. */
const LAST_IMAGE_MS = 5 * SECOND_MS;
/** A reminder says what is now: its image is at most so old. */
const FRESH_MS = MINUTE_MS;
/** After this, a package whose end nobody has seen is no longer watched. */
const WATCHED_MS = 24 * HOUR_MS;

/** What one image shows; `unknown` if there is no image, or it could not be analysed. */
export type Look =
  | { readonly kind: "package" | "no-package"; readonly atMs: number }
  | { readonly kind: "unknown"; readonly reason: string };

/** Begins to watch the package that an alert is about. */
export function watched(
  record: AlertRecord,
  { label, detectedAtMs }: Detection,
  { alertId }: Alert,
  rules: readonly AlertRule[],
  nowMs: number,
): AlertRecord {
  if (label !== PACKAGE) return record;
  const known = record.watchedPackage;
  if (known && nowMs - known.sinceMs < WATCHED_MS) return record;
  const reminders = rules.flatMap(({ packageReminderMinutes }) => packageReminderMinutes ?? []);
  return {
    ...record,
    watchedPackage: {
      alertId,
      sinceMs: detectedAtMs,
      fromMs: detectedAtMs,
      isLeft: false,
      ...(reminders.length > 0 && { remindAtMs: nowMs + Math.min(...reminders) * MINUTE_MS }),
    },
  };
}

/** A chain is over: the package is looked for in its last image, unless a later one has been looked at. */
export function watchedAtEnd(
  record: AlertRecord,
  { videoEndMs }: { readonly videoEndMs: number },
  nowMs: number,
): AlertRecord {
  const { watchedPackage } = record;
  if (!watchedPackage || videoEndMs <= watchedPackage.fromMs) return record;
  if (nowMs - watchedPackage.sinceMs >= WATCHED_MS) return withoutPackage(record);
  const fromMs = Math.max(watchedPackage.fromMs, videoEndMs - LAST_IMAGE_MS);
  return { ...record, watchedPackage: { ...watchedPackage, fromMs, lookAtMs: nowMs + VIDEO_DELAY_MS } };
}

/** The record whose reminder is due looks for the package in a fresh image. */
export function reminded(record: AlertRecord, nowMs: number): AlertRecord {
  const { watchedPackage } = record;
  if (watchedPackage?.remindAtMs === undefined || nowMs < watchedPackage.remindAtMs) return record;
  if (watchedPackage.lookAtMs !== undefined) return record;
  const fromMs = Math.max(watchedPackage.fromMs, nowMs - FRESH_MS);
  return { ...record, watchedPackage: { ...watchedPackage, fromMs, lookAtMs: nowMs } };
}

/** @param fromMs of the look; the result of one that another has replaced is not used */
export function looked(
  record: AlertRecord,
  { fromMs, look }: { readonly fromMs: number; readonly look: Look },
  nowMs: number,
): AlertRecord {
  const { watchedPackage } = record;
  if (watchedPackage?.lookAtMs === undefined || watchedPackage.fromMs !== fromMs) return record;
  const { lookAtMs: _, ...known } = watchedPackage;
  const isReminderDue = known.remindAtMs !== undefined && nowMs >= known.remindAtMs;
  const { remindAtMs: __, ...reminderDone } = known;
  const next = isReminderDue ? reminderDone : known;
  switch (look.kind) {
    case "unknown":
      // A reminder that nothing is known for is not sent.
      return { ...record, watchedPackage: next };
    case "no-package":
      return withoutPackage(known.isLeft ? withState(record, known.alertId, "gone", look.atMs) : record);
    case "package": {
      const left = { ...record, watchedPackage: { ...next, isLeft: true, fromMs: look.atMs } };
      if (isReminderDue) return withState(left, known.alertId, "still-there", look.atMs);
      return known.isLeft ? left : withState(left, known.alertId, "left", look.atMs);
    }
  }
}

function withState(
  record: AlertRecord,
  alertId: string,
  state: (typeof PACKAGE_STATES)[number],
  atMs: number,
): AlertRecord {
  const alert = findAlert(record, alertId);
  if (!alert) return record;
  const revision = alert.revision + 1;
  return withAlert(record, { ...alert, package: { state, atMs }, revision, urgentRevision: revision });
}

function withoutPackage(record: AlertRecord): AlertRecord {
  const { watchedPackage: _, ...rest } = record;
  return rest;
}
