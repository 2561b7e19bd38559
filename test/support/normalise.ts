import { normaliseNotification, type NormaliseContext } from "../../core/lake/normalise.ts";
import { ARRIVAL_MS, example } from "./notifications.ts";

export const detections: NormaliseContext = {
  table: "detection_records",
  arrivalMs: ARRIVAL_MS,
  cameraStreamPrefix: "doorstep-dev-camera-",
};
export const sessions: NormaliseContext = { ...detections, table: "session_records" };

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

/** The rows of an example after a change to it. */
export function rowsOf(...args: Parameters<typeof normalise>): Record<string, unknown>[] {
  const result = normalise(...args);
  if (!result.ok) throw new Error(result.reason);
  return result.rows;
}

/** Why an example is rejected after a change to it. */
export function reasonOf(...args: Parameters<typeof normalise>): string {
  const result = normalise(...args);
  if (result.ok) throw new Error("expected a rejection");
  return result.reason;
}
