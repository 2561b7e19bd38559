import { UnreadableBody, zonedTime, type Reading } from "./reading.ts";
import { elementsOf, findElement, readXml, type XmlElement } from "./xml.ts";

/** Names of the data item that holds the state, in the topics below. */
const STATE_ITEMS: ReadonlySet<string> = new Set([
  "IsMotion",
  "IsInside",
  "State",
  "Motion",
  "Level",
  "Value",
]);
/** These say what they are without a topic. */
const MOTION_ITEMS: ReadonlySet<string> = new Set(["IsMotion", "IsInside"]);
/**
 * Topics of motion: `VideoSource/MotionAlarm`, `RuleEngine/CellMotionDetector/Motion`, `RuleEngine/FieldDetector/…`,
 * and the rules that vendors add, e.g. `RuleEngine/MyRuleDetector/PeopleDetect`.
 */
const MOTION_TOPIC =
  /Motion|FieldDetector|LineDetector|(?:People|Human|Person|Vehicle|DogCat|Pet|Animal|Face|Package)\w*Detect/i;
/** A topic without a state: each notification is one crossing. */
const MOMENTARY_TOPIC = /LineDetector\/Crossed/i;

/**
 * ONVIF's `Notify` (basic notification, WS-BaseNotification; documented: ONVIF Core Specification, event handling). One
 * request may have several messages: motion began if any says so, and ended if any says that and none that it began.
 */
export function readOnvif(document: string): Reading {
  const root = readXml(document);
  if (!findElement(root, "Notify")) throw new UnreadableBody("is XML without a Notify");
  const messages = [...elementsOf(root)].filter(({ name }) => name === "NotificationMessage");
  const readings = messages.map(readMessage);
  return (
    readings.find(({ kind }) => kind === "began") ??
    readings.find(({ kind }) => kind === "ended") ??
    readings[0] ?? { kind: "none", reason: "no NotificationMessage" }
  );
}

function readMessage(notification: XmlElement): Reading {
  const topic = findElement(notification, "Topic")?.text.trim() ?? "";
  const message = [...elementsOf(notification)].find(
    ({ name, attributes }) => name === "Message" && "UtcTime" in attributes,
  );
  const at = zonedTime(message?.attributes["UtcTime"]);
  const data = message && findElement(message, "Data");
  const items = data ? [...elementsOf(data)].filter(({ name }) => name === "SimpleItem") : [];
  const isMotionTopic = MOTION_TOPIC.test(topic);
  const wanted = isMotionTopic ? STATE_ITEMS : MOTION_ITEMS;
  const state = items.find(({ attributes }) => wanted.has(attributes["Name"] ?? ""));
  const isDeleted = message?.attributes["PropertyOperation"] === "Deleted";
  const [value = ""] = state ? [state.attributes["Value"]?.trim().toLowerCase()] : [];
  if (!isDeleted && /^(?:true|1)$/.test(value)) return { kind: "began", at, reason: "motion is true" };
  if (!isDeleted && /^(?:false|0)$/.test(value)) return { kind: "ended", at, reason: "motion is false" };
  if (MOMENTARY_TOPIC.test(topic)) return { kind: "began", at, reason: "a line was crossed" };
  return { kind: "none", at, reason: isMotionTopic ? "no state of motion" : "the topic is not motion" };
}
