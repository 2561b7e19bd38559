import { describe, expect, test } from "@jest/globals";
import { readDahua } from "../../../../core/motion/formats/dahua.ts";
import { readGeneric } from "../../../../core/motion/formats/generic.ts";
import { readHikvision } from "../../../../core/motion/formats/hikvision.ts";
import { readOnvif } from "../../../../core/motion/formats/onvif.ts";
import { zonedTime } from "../../../../core/motion/formats/reading.ts";
import { readReolink } from "../../../../core/motion/formats/reolink.ts";
import { readUnifiProtect } from "../../../../core/motion/formats/unifi-protect.ts";

const AT = Date.parse("2026-11-29T20:40:00Z");

describe("Hikvision's alert", () => {
  const alert = (fields: Readonly<Record<string, string | number>>) =>
    `<?xml version="1.0" encoding="UTF-8"?>\n<EventNotificationAlert version="2.0" xmlns="http://www.hikvision.com/ver20/XMLSchema">${Object.entries(
      { dateTime: "2026-11-29T21:40:00+01:00", ...fields },
    )
      .map(([name, value]) => `<${name}>${value}</${name}>`)
      .join("\n")}</EventNotificationAlert>`;

  test.each([
    ["VMD", "active", 1, "began"],
    ["vmd", " Active ", 27, "began"],
    ["VMD", "inactive", 1, "ended"],
    ["VMD", "inactive", 0, "ended"],
    ["VMD", "active", 0, "none"],
    ["linedetection", "active", 1, "began"],
    ["fielddetection", "inactive", 3, "ended"],
    ["PIR", "active", 1, "began"],
    ["videoloss", "inactive", 0, "none"],
    ["videoloss", "active", 1, "none"],
    ["heartBeat", "active", 0, "none"],
    ["IO", "active", 1, "none"],
    ["diskfull", "active", 1, "none"],
    ["VMD", "", 1, "none"],
  ] as const)(
    "of type %s, state %s and post count %d is: motion %s",
    (eventType, eventState, activePostCount, kind) => {
      expect(readHikvision(alert({ eventType, eventState, activePostCount }))).toMatchObject({
        kind,
        at: AT,
      });
      expect(
        readHikvision(
          JSON.stringify({ eventType, eventState, activePostCount, dateTime: "2026-11-29T21:40:00+01:00" }),
        ),
      ).toMatchObject({ kind, at: AT });
    },
  );

  test("without a post count begins motion", () => {
    expect(readHikvision(alert({ eventType: "VMD", eventState: "active" })).kind).toBe("began");
  });

  test("with a time that has no zone or no sense has no time", () => {
    for (const dateTime of ["2026-11-29T21:40:00", "2024-01-22T11:47:0500:00", "yesterday", ""])
      expect(readHikvision(alert({ eventType: "VMD", eventState: "active", dateTime })).at).toBeUndefined();
  });

  test("is refused where there is none", () => {
    expect(() => readHikvision("<a/>")).toThrow("is XML without an EventNotificationAlert and its eventType");
    expect(() => readHikvision(alert({}))).toThrow("and its eventType");
    expect(() => readHikvision('{"eventState":"active"}')).toThrow("has no valid eventType");
    expect(() => readHikvision("Code=VideoMotion")).toThrow("is not XML");
  });
});

describe("UniFi Protect's alarm", () => {
  const alarm = (...keys: string[]) =>
    JSON.stringify({
      alarm: {
        name: "Front",
        thumbnail: `data:image/jpeg;base64,${"A".repeat(200_000)}`,
        triggers: keys.map((key, index) => ({ key, device: "00005E005301", timestamp: AT + index })),
      },
      timestamp: AT + 1000,
    });

  test.each([
    "motion",
    "person",
    "vehicle",
    "animal",
    "package",
    "face_known",
    "license_plate_unknown",
    "line_crossed",
  ])("with the trigger %s is motion at the trigger's time", (key) => {
    expect(readUnifiProtect(alarm(key), "began")).toEqual({ kind: "began", at: AT, reason: key });
  });

  test("that has any trigger of motion is motion", () => {
    expect(readUnifiProtect(alarm("ring", "person"), "began")).toMatchObject({ kind: "began", at: AT + 1 });
  });

  test.each(["ring", "audio_alarm_smoke", "device_offline"])("with the trigger %s is none", (key) => {
    expect(readUnifiProtect(alarm(key), "began")).toMatchObject({
      kind: "none",
      reason: `${key} is not motion`,
    });
  });

  test("ends motion at the address for that, since it never says so itself", () => {
    expect(readUnifiProtect(alarm("motion"), "ended").kind).toBe("ended");
  });

  test("without triggers is refused, with the field; with none in the list it is none", () => {
    expect(() => readUnifiProtect('{"alarm":{}}', "began")).toThrow("has no valid alarm.triggers");
    expect(() => readUnifiProtect("1", "began")).toThrow("is not a JSON object");
    expect(readUnifiProtect(alarm(), "began").kind).toBe("none");
  });
});

describe("ONVIF's notification", () => {
  const message = (topic: string, item: string, operation = "Changed") =>
    `<wsnt:NotificationMessage><wsnt:Topic Dialect="http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet">${topic}</wsnt:Topic>` +
    `<wsnt:Message><tt:Message UtcTime="2026-11-29T20:40:00Z" PropertyOperation="${operation}"><tt:Source><tt:SimpleItem Name="State" Value="true"/></tt:Source>` +
    `<tt:Data>${item}</tt:Data></tt:Message></wsnt:Message></wsnt:NotificationMessage>`;
  const notify = (...messages: string[]) =>
    `<s:Envelope xmlns:s="s" xmlns:wsnt="w" xmlns:tt="t"><s:Body><wsnt:Notify>${messages.join("")}</wsnt:Notify></s:Body></s:Envelope>`;
  const item = (name: string, value: string) => `<tt:SimpleItem Name="${name}" Value="${value}"/>`;

  test.each([
    ["tns1:RuleEngine/CellMotionDetector/Motion", "IsMotion", "true", "began"],
    ["tns1:RuleEngine/CellMotionDetector/Motion", "IsMotion", "false", "ended"],
    ["tns1:VideoSource/MotionAlarm", "State", "1", "began"],
    ["tns1:VideoSource/MotionAlarm", "State", "0", "ended"],
    ["tns1:RuleEngine/FieldDetector/ObjectsInside", "IsInside", "true", "began"],
    ["tns1:RuleEngine/MyRuleDetector/PeopleDetect", "State", "true", "began"],
    ["tns1:RuleEngine/LineDetector/Crossed", "ObjectId", "7", "began"],
    ["tns1:Device/Trigger/DigitalInput", "LogicalState", "true", "none"],
    ["tns1:Device/Trigger/Relay", "State", "true", "none"],
    ["tns1:VideoSource/MotionAlarm", "Source", "true", "none"],
  ] as const)("of topic %s with %s %s is: motion %s", (topic, name, value, kind) => {
    expect(readOnvif(notify(message(topic, item(name, value))))).toMatchObject({ kind, at: AT });
  });

  test("of several messages begins motion if any does, and ends it if one does and none begins it", () => {
    const topic = "tns1:VideoSource/MotionAlarm";
    const [on, off] = [message(topic, item("State", "true")), message(topic, item("State", "false"))];
    const other = message("tns1:Device/Trigger/Relay", item("State", "true"));
    expect(readOnvif(notify(off, other, on)).kind).toBe("began");
    expect(readOnvif(notify(other, off)).kind).toBe("ended");
    expect(readOnvif(notify(other)).kind).toBe("none");
    expect(readOnvif(notify()).kind).toBe("none");
  });

  test("of a deleted property is none", () => {
    const topic = "tns1:VideoSource/MotionAlarm";
    expect(readOnvif(notify(message(topic, item("State", "true"), "Deleted"))).kind).toBe("none");
  });

  test("is refused without a Notify", () => {
    expect(() => readOnvif("<Envelope/>")).toThrow("is XML without a Notify");
  });
});

describe("Dahua's event", () => {
  test.each([
    ["Code=VideoMotion;action=Start;index=0", "began"],
    ["Code=VideoMotion;action=Stop;index=0", "ended"],
    ['Code=SmartMotionHuman;action=Start;index=0;data={\n   "RegionName" : [ "Region1" ]\n}\n', "began"],
    ["Code=CrossLineDetection;action=Pulse;index=0", "began"],
    ["Code=VideoMotionInfo;action=State;index=0", "none"],
    ["Code=VideoMotion;action=State;index=0", "none"],
    ["Code=AlarmLocal;action=Start;index=0", "none"],
    ["Code=VideoMotionInfo;action=State;index=0\r\nCode=VideoMotion;action=Stop;index=0\r\n", "ended"],
    ["Heartbeat\r\n", "none"],
    ['{"Action":"Start","Code":"VideoMotion","Index":0}', "began"],
    ['{"Events":[{"Action":"State","Code":"NewFile"},{"Action":"Stop","Code":"VideoMotion"}]}', "ended"],
  ] as const)("%j is: motion %s", (text, kind) => {
    expect(readDahua(text)).toMatchObject({ kind });
  });

  test("is refused where there is none", () => {
    expect(() => readDahua("motion")).toThrow("has no line Code=…;action=…");
    expect(() => readDahua('{"Events":[]}')).toThrow(/^has no valid|^is not a JSON object/);
  });

  test("is read in time that grows with its length, whatever it holds", () => {
    for (const text of ["\n".repeat(4_000_000), " ".repeat(4_000_000), "Code=a;".repeat(500_000)])
      expect(() => readDahua(text)).toThrow("has no line");
  });
});

describe("Reolink's alarm", () => {
  const alarm = (type: string) =>
    JSON.stringify({ alarm: { type, alarmTime: "2026-11-29T20:40:00.000+0000", channel: 0 } });

  test.each(["MD", "PEOPLE", "VEHICLE", "ANIMAL", "DOG_CAT", "PIR", "FACE", "person", "motion"])(
    "of type %s is motion at its time",
    (type) => {
      expect(readReolink(alarm(type), "began")).toEqual({ kind: "began", at: AT, reason: type });
    },
  );

  test.each(["TEST", "VISITOR", "HDDERROR", "MDX"])("of type %s is none", (type) => {
    expect(readReolink(alarm(type), "began")).toMatchObject({ kind: "none" });
  });

  test("is refused without its type", () => {
    expect(() => readReolink('{"alarm":{}}', "began")).toThrow("has no valid alarm.type");
  });
});

describe("a generic body", () => {
  const body = JSON.stringify({
    event: { state: "Start", time: 1_795_980_000 },
    list: [{ key: "motion" }],
    on: true,
  });

  test("without rules is what its address says, whatever it is", () => {
    expect(readGeneric("anything at all", "began", {}).kind).toBe("began");
    expect(readGeneric("anything at all", "ended", {}).kind).toBe("ended");
  });

  test.each([
    ["event.state=start,active", "began"],
    ["event.state=stop", "none"],
    ["event.state=*", "began"],
    ["list.0.key=motion", "began"],
    ["on=true", "began"],
    ["event=*", "none"],
    ["missing=*", "none"],
    ["list.length=1", "none"],
    ["__proto__.x=*", "none"],
    ["constructor=*", "none"],
  ] as const)("with the rule motionBegan %s is: motion %s", (motionBegan, kind) => {
    expect(readGeneric(body, "began", { motionBegan }).kind).toBe(kind);
  });

  test("with the rule motionEnded ends motion where that matches, and otherwise is what the address says", () => {
    expect(readGeneric(body, "began", { motionEnded: "event.state=start" }).kind).toBe("ended");
    expect(readGeneric(body, "began", { motionEnded: "event.state=stop" }).kind).toBe("began");
  });

  test("has the time of its rule, in seconds, milliseconds or ISO 8601 with a zone", () => {
    const timeOf = (time: unknown) =>
      readGeneric(JSON.stringify({ time }), "began", { motionTime: "time" }).at;
    expect(
      [AT, AT / 1000, String(AT), "2026-11-29T20:40:00Z", "2026-11-29T21:40:00+0100"].map(timeOf),
    ).toEqual(Array.from({ length: 5 }, () => AT));
    expect(["soon", "2026-11-29T20:40:00", null, {}, true].map(timeOf)).toEqual(
      Array.from({ length: 5 }, () => undefined),
    );
  });

  test("may be a form", () => {
    expect(
      readGeneric("type=motion&state=begin%20now", "began", { motionBegan: "state=begin now" }).kind,
    ).toBe("began");
  });

  test("that is neither JSON nor a form is refused where there are rules", () => {
    expect(() => readGeneric("motion!", "began", { motionBegan: "a=b" })).toThrow("is not JSON");
  });
});

test("a time of a device counts only with its zone", () => {
  expect(zonedTime("2026-11-29T20:40:00.000Z")).toBe(AT);
  expect(zonedTime("2026-11-29T21:40:00+01:00")).toBe(AT);
  expect(zonedTime("2026-11-29T21:40:00+0100")).toBe(AT);
  for (const text of ["2026-11-29T21:40:00", "2026-11-29 20:40:00Z", "2026-13-29T20:40:00Z", "", undefined])
    expect(zonedTime(text)).toBeUndefined();
});
