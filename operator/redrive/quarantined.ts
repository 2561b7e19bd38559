import { isUtf8 } from "node:buffer";
import { normaliseNotification, type NormaliseContext } from "../../core/lake/normalise.ts";
import type { LakeTable } from "../../schemas/tables/lake-tables.ts";

/** The table that a quarantined record belongs to, or why it cannot be read. */
type Readable =
  { readonly ok: true; readonly table: LakeTable } | { readonly ok: false; readonly reason: string };

/**
 * @param failedIn the table of the delivery stream whose transform failed the record
 * @param atMs when it arrives, or would arrive again, epoch milliseconds
 */
export type NotificationReader = (data: Buffer, failedIn: LakeTable, atMs: number) => Readable;

/**
 * Reads a record as the transform does. The stream of detections gets everything that is published, so what failed
 * there may be a completion notification too.
 */
export const readNotification: NotificationReader = (data, failedIn, atMs) => {
  if (!isUtf8(data)) return { ok: false, reason: "the record is not UTF-8 text; expected a notification" };
  const text = data.toString("utf8");
  // The prefix decides only what the camera is called.
  const context = { arrivalMs: Math.round(atMs), cameraStreamPrefix: "" };
  const read = normaliseNotification(text, { ...context, table: failedIn });
  if (read.ok) return { ok: true, table: failedIn };
  const isUnderstood = failedIn === "detection_records" && isEnd(text, context);
  return isUnderstood ? { ok: true, table: "session_records" } : { ok: false, reason: read.reason };
};

/** A ledger entry is a session's row as well, but has no place on the topic. */
function isEnd(text: string, context: Omit<NormaliseContext, "table">): boolean {
  const end = normaliseNotification(text, { ...context, table: "session_records" });
  return end.ok && end.table === "session_records" && end.row.source === "engine";
}
