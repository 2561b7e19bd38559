import * as v from "valibot";
import { settingId } from "./alert-rule.ts";
import { cameraId } from "./camera-id.ts";

/** What raises no alerts until a time: a camera, or a rule. */
export const snooze = v.strictObject({
  of: v.variant("kind", [
    v.strictObject({ kind: v.literal("camera"), id: cameraId }),
    v.strictObject({ kind: v.literal("rule"), id: settingId }),
  ]),
  /** Epoch milliseconds. */
  untilMs: v.pipe(v.number(), v.integer(), v.minValue(0)),
});

export type Snooze = v.InferOutput<typeof snooze>;
export type Snoozed = Snooze["of"];
