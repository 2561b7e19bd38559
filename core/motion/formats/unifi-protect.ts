import * as v from "valibot";
import { readShape } from "./json.ts";
import { safeWord, type Address, type Reading } from "./reading.ts";

const trigger = v.object({ key: v.string(), timestamp: v.optional(v.number()) });
const body = v.object({
  alarm: v.object({ triggers: v.array(trigger) }),
  timestamp: v.optional(v.number()),
});

/** Trigger keys of what a camera sees, e.g. `motion`, `person`, `license_plate_unknown`, `face_known`, `line_crossed`. */
const MOTION_KEY = /^(?:motion|person|vehicle|animal|package|face|license_?plate|line|loiter|zone)/i;

/**
 * The webhook of UniFi Protect's Alarm Manager, sent as POST. It reports beginnings only. Its JSON is not documented by the
 * vendor; public programs that receive it agree on `alarm.triggers`, a `key` and milliseconds, and on a picture as a data
 * URL in `alarm.thumbnail`.
 */
export function readUnifiProtect(document: string, address: Address): Reading {
  const { alarm, timestamp } = readShape(body, document);
  const motion = alarm.triggers.find(({ key }) => MOTION_KEY.test(key));
  if (motion) return { kind: address, at: motion.timestamp ?? timestamp, reason: safeWord(motion.key) };
  const [other] = alarm.triggers;
  return {
    kind: "none",
    at: timestamp,
    reason: other ? `${safeWord(other.key)} is not motion` : "the alarm has no trigger",
  };
}
