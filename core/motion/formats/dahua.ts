import * as v from "valibot";
import { readShape } from "./json.ts";
import { safeWord, UnreadableBody, type Reading } from "./reading.ts";

/** Event codes that motion causes, lower case. */
const MOTION_CODES: ReadonlySet<string> = new Set([
  "videomotion",
  "smartmotionhuman",
  "smartmotionvehicle",
  "crosslinedetection",
  "crossregiondetection",
  "movedetection",
  "wanderdetection",
  "facedetection",
]);

const event = v.object({ Code: v.string(), Action: v.string() });
const body = v.union([event, v.object({ Events: v.pipe(v.array(event), v.nonEmpty()) })]);

const LINE = /^[ \t]*Code=([^;\s]+);\s*action=(\w+)/gim;

/**
 * Dahua's event text, `Code=VideoMotion;action=Start;index=0`, with `Heartbeat` between events (documented: Dahua HTTP API
 * 2.76, eventManager), or the same as JSON with `Code` and `Action`. `Start` and `Pulse` begin motion, `Stop` ends it. The
 * events have no time that names its zone.
 */
export function readDahua(document: string): Reading {
  const readings = eventsOf(document).map(readEvent);
  return readings.find(({ kind }) => kind !== "none") ?? readings[0] ?? { kind: "none", reason: "heartbeat" };
}

function eventsOf(document: string): v.InferOutput<typeof event>[] {
  if (/^\s*\{/.test(document)) {
    const parsed = readShape(body, document);
    return "Events" in parsed ? parsed.Events : [parsed];
  }
  const all = [...document.matchAll(LINE)].map(([, Code = "", Action = ""]) => ({ Code, Action }));
  if (all.length === 0 && !/^\s*Heartbeat\s*$/i.test(document))
    throw new UnreadableBody("has no line Code=…;action=…");
  return all;
}

function readEvent({ Code, Action }: v.InferOutput<typeof event>): Reading {
  const reason = `${safeWord(Code)} ${safeWord(Action)}`;
  if (!MOTION_CODES.has(Code.toLowerCase())) return { kind: "none", reason: `${reason} is not motion` };
  switch (Action.toLowerCase()) {
    case "start":
    case "pulse":
      return { kind: "began", reason };
    case "stop":
      return { kind: "ended", reason };
    default:
      return { kind: "none", reason: `${reason} is no change` };
  }
}
