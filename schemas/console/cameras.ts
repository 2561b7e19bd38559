import * as v from "valibot";
import { cameraSettings, schedule, timeZone } from "../camera.ts";
import { session } from "../session.ts";
import { count, engine, epochMs, pictureUrl, text } from "./values.ts";

/** A camera as the registry has it, with its state. */
export const cameraView = v.strictObject({
  cameraId: text,
  engine,
  /** Each label with its minimum confidence, 0 to 100. */
  labels: v.record(text, v.number()),
  streamName: text,
  motionFormat: text,
  maxDurationSeconds: count,
  /** Whether faces are searched in its video. */
  faces: v.boolean(),
  tags: v.record(text, text),
  /** Whether motion is analysed at all. */
  armed: v.boolean(),
  /** Whether motion is analysed now, by the schedule as well. */
  isArmedNow: v.boolean(),
  /** When motion is analysed; always if absent. */
  schedule: v.optional(schedule),
  timeZone: text,
  /** Where in the frame labels are detected; the whole frame if there are none. */
  regions: cameraSettings.entries.regionsOfInterest.wrapped,
  /** State of the current or last session; `idle` before the first. */
  state: session.entries.state,
  /** Why the last session or start failed. */
  failure: v.optional(text),
  /** What keeps motion from being analysed now. */
  blocked: v.optional(v.picklist(["schedule", "budget"])),
  /** Minutes of video that were analysed of the day's budget. No limit if `limitMinutes` is absent. */
  budget: v.strictObject({ day: text, usedMinutes: v.number(), limitMinutes: v.optional(v.number()) }),
  /** The latest frame in which something was detected, if the lake's latest days have one. */
  latestFrame: v.optional(v.strictObject({ url: pictureUrl, atMs: epochMs })),
});

export type CameraView = v.InferOutput<typeof cameraView>;

export const cameras = v.strictObject({ cameras: v.array(cameraView) });

export type Cameras = v.InferOutput<typeof cameras>;

/** Settings to change; what is left out stays. `null` removes the schedule: motion is always analysed. */
export const settingsBody = v.strictObject({
  schedule: v.optional(v.nullable(schedule)),
  timeZone: v.optional(timeZone),
  regions: v.optional(cameraSettings.entries.regionsOfInterest.wrapped),
});

export type SettingsBody = v.InferOutput<typeof settingsBody>;
