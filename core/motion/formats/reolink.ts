import * as v from "valibot";
import { readShape } from "./json.ts";
import { safeWord, zonedTime, type Address, type Reading } from "./reading.ts";

const body = v.object({
  alarm: v.object({ type: v.string(), alarmTime: v.optional(v.string()) }),
});

/** `MD` is motion detection; the others are what the camera recognised. `TEST` and a doorbell's `VISITOR` are not motion. */
const MOTION_TYPE = /^(?:MD|MOTION|PIR|PEOPLE|PERSON|VEHICLE|ANIMAL|PET|DOG_?CAT|FACE|PACKAGE)\b/i;

/**
 * Reolink's webhook. It reports beginnings only. Its JSON, `{"alarm":{"type":"MD","alarmTime":…}}`, is not documented by
 * the vendor; public programs that receive it agree on these fields.
 */
export function readReolink(document: string, address: Address): Reading {
  const { type, alarmTime } = readShape(body, document).alarm;
  const isMotion = MOTION_TYPE.test(type.trim());
  return {
    kind: isMotion ? address : "none",
    at: zonedTime(alarmTime),
    reason: isMotion ? safeWord(type) : `${safeWord(type)} is not motion`,
  };
}
