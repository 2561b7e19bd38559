import { normaliseNotification, type NormaliseContext } from "../../core/lake/normalise.ts";
import type { DetectionRecord } from "../../schemas/tables/detection-records.ts";
import { labelsOf } from "./labels.ts";
import { ARRIVAL_MS, example } from "./notifications.ts";

export const detections: NormaliseContext = {
  table: "detection_records",
  arrivalMs: ARRIVAL_MS,
  cameraStreamPrefix: "doorstep-dev-camera-",
};
export const sessions: NormaliseContext = { ...detections, table: "session_records" };
export const alerts: NormaliseContext = { ...detections, table: "alert_records" };
export const faces: NormaliseContext = { ...detections, table: "face_records" };

/** Normalises an example after a change to it. */
export function normalise(
  name: string,
  change: (notification: any) => void,
  context: NormaliseContext = detections,
) {
  const notification = example(name);
  change(notification);
  return normaliseNotification(JSON.stringify(notification), context);
}

/** The labels of an example after a change to it, as a row each. */
export function labelsIn(...args: Parameters<typeof normalise>): DetectionRecord[] {
  const result = normalise(...args);
  if (!result.ok) throw new Error(result.reason);
  if (result.table !== "detection_records") throw new Error("expected a notification of detections");
  return labelsOf(result.row);
}

/** Why an example is rejected after a change to it. */
export function reasonOf(...args: Parameters<typeof normalise>): string {
  const result = normalise(...args);
  if (result.ok) throw new Error("expected a rejection");
  return result.reason;
}
