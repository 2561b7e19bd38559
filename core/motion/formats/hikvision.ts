import * as v from "valibot";
import { readShape } from "./json.ts";
import { safeWord, UnreadableBody, zonedTime, type Reading } from "./reading.ts";
import { findElement, readXml } from "./xml.ts";

/** Event types that motion causes, lower case; the others report inputs, discs, networks and heartbeats. */
const MOTION_TYPES: ReadonlySet<string> = new Set([
  "vmd",
  "pir",
  "linedetection",
  "fielddetection",
  "regionentrance",
  "regionexiting",
  "loitering",
  "group",
  "rapidmove",
  "facedetection",
]);

const word = v.pipe(v.union([v.string(), v.number()]), v.transform(String));

const alert = v.object({
  eventType: v.pipe(v.string(), v.nonEmpty()),
  eventState: v.optional(v.string(), ""),
  dateTime: v.optional(v.string()),
  activePostCount: v.optional(word),
});

/**
 * Hikvision's `EventNotificationAlert`, which its HTTP listening host (`httpHosts`) gets as XML or JSON, alone or as a part
 * beside a picture. Documented (ISAPI, Device Network SDK developer guides): `eventState` is `active` as long as the event
 * lasts, then `inactive`; a heartbeat has the event type `videoloss` and the state `inactive`, or the type `heartBeat`;
 * `activePostCount` counts the notifications of an event from 1.
 */
export function readHikvision(document: string): Reading {
  const { eventType, eventState, dateTime, activePostCount } = /^\s*[{[]/.test(document)
    ? readShape(alert, document)
    : alertOfXml(document);
  const type = eventType.trim().toLowerCase();
  const state = eventState.trim().toLowerCase();
  const reason = `${safeWord(type)} ${safeWord(state)}`;
  const at = zonedTime(dateTime);
  if (!MOTION_TYPES.has(type)) return { kind: "none", at, reason: `${reason} is not motion` };
  if (state === "inactive") return { kind: "ended", at, reason };
  if (state === "active" && activePostCount?.trim() !== "0") return { kind: "began", at, reason };
  return { kind: "none", at, reason: `${reason} is a heartbeat` };
}

function alertOfXml(document: string): v.InferOutput<typeof alert> {
  const root = readXml(document);
  const found = findElement(root, "EventNotificationAlert");
  const textOf = (name: string) => found?.children.find((child) => child.name === name)?.text;
  const parsed = v.safeParse(alert, {
    eventType: textOf("eventType")?.trim(),
    eventState: textOf("eventState"),
    dateTime: textOf("dateTime"),
    activePostCount: textOf("activePostCount"),
  });
  if (!parsed.success) throw new UnreadableBody("is XML without an EventNotificationAlert and its eventType");
  return parsed.output;
}
