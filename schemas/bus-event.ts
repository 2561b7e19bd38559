import * as v from "valibot";
import { alertDetail } from "./alert-message.ts";

const isoTime = v.pipe(v.string(), v.isoTimestamp());
const cameraId = v.string();
const eventId = v.string();
const sessionId = v.optional(v.string());

/** An event about a session on the event bus: `detail-type` is `type`, `detail` is `detail`. */
export const sessionBusEvent = v.variant("type", [
  v.strictObject({
    type: v.literal("SessionStarted"),
    detail: v.strictObject({
      eventId,
      cameraId,
      sessionId,
      videoStartAt: isoTime,
      maxDurationSeconds: v.number(),
    }),
  }),
  v.strictObject({
    type: v.literal("SessionEnded"),
    detail: v.strictObject({
      eventId,
      cameraId,
      sessionId,
      videoStartAt: isoTime,
      videoEndAt: isoTime,
      /** Whether another session follows where this one's video ended. */
      motionGoesOn: v.boolean(),
    }),
  }),
  v.strictObject({
    type: v.literal("SessionFailed"),
    detail: v.strictObject({
      eventId,
      cameraId,
      sessionId,
      videoStartAt: isoTime,
      /** The engine's reason if it gives one. */
      reason: v.string(),
    }),
  }),
  v.strictObject({
    type: v.literal("BudgetExhausted"),
    detail: v.strictObject({
      eventId,
      cameraId,
      day: v.string(),
      budgetMinutes: v.number(),
      /** When the next day's budget begins. */
      resumesAt: isoTime,
    }),
  }),
]);

export type SessionBusEvent = v.InferOutput<typeof sessionBusEvent>;

/** Any event on the bus, about a session or an alert. */
export const busEvent = v.variant("type", [
  ...sessionBusEvent.options,
  v.strictObject({ type: v.literal("AlertRaised"), detail: alertDetail }),
  v.strictObject({ type: v.literal("AlertUpdated"), detail: alertDetail }),
  v.strictObject({ type: v.literal("AlertEnded"), detail: alertDetail }),
]);

export type BusEvent = v.InferOutput<typeof busEvent>;
