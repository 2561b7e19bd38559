import * as v from "valibot";
import type { AlertDelivery, AlertDetail } from "../../../schemas/alert-message.ts";
import { alertTarget, type AlertTarget } from "../../../schemas/alert-target.ts";

const RAISED_AT = "2026-11-30T14:02:05.250Z";

export const detailOf = (changes: Partial<AlertDetail> = {}): AlertDetail => ({
  eventId: "front-door-1796047320000-1",
  alertId: "front-door-1796047320000",
  revision: 1,
  cameraId: "front-door",
  severity: "warning",
  silent: false,
  labels: [{ name: "PERSON", confidence: 97.4, detectedAt: "2026-11-30T14:02:03.500Z" }],
  rules: ["people"],
  chainStartedAt: "2026-11-30T14:02:00.000Z",
  raisedAt: RAISED_AT,
  ...changes,
});

export const deliveryOf = (
  { type = "AlertRaised", targetId = "phone", atMs = Date.parse(RAISED_AT) }: Partial<AlertDelivery> = {},
  detail: Partial<AlertDetail> = {},
): AlertDelivery => ({ targetId, type, atMs, detail: detailOf(detail) });

export const targetOf = (settings: Partial<v.InferInput<typeof alertTarget>> = {}): AlertTarget =>
  v.parse(alertTarget, {
    targetId: "phone",
    format: "standard",
    url: "https://receiver.example/hook",
    ...settings,
  });
