import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { RequestBody } from "../../../core/motion/documents.ts";
import { readMotion, type Motion } from "../../../core/motion/read-motion.ts";
import { Problem } from "../../../core/problem.ts";
import { MOTION_FORMATS, type MotionFormat } from "../../../schemas/motion-format.ts";
import { bodyOf, SAMPLES, withPicture } from "./formats/samples.ts";

/** The samples' time. */
const NOW_MS = Date.parse("2026-11-29T20:50:00Z");

const read = (
  motionFormat: MotionFormat,
  body: RequestBody,
  address: "began" | "ended" = "began",
  rules: { motionBegan?: string; motionTime?: string } = {},
): Motion => readMotion({ cameraId: "front-door", motionFormat, ...rules }, body, address, NOW_MS);

function problemOf(act: () => unknown): Problem {
  try {
    act();
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error("it was accepted");
}

describe("what devices send is read by the camera's motion format:", () => {
  test("Hikvision's motion began at its time", () => {
    const at = Date.parse("2026-11-29T20:40:00Z");
    expect(read("hikvision", SAMPLES.hikvision)).toEqual({ kind: "began", at, reason: "vmd active" });
  });

  test("Hikvision's heartbeat at the same address is no motion", () => {
    expect(read("hikvision", SAMPLES.hikvisionHeartbeat)).toMatchObject({
      kind: "none",
      reason: "videoloss inactive is not motion",
    });
  });

  test("an alert beside a picture counts, the picture does not", () => {
    const alert =
      "<EventNotificationAlert><eventType>VMD</eventType><eventState>active</eventState></EventNotificationAlert>";
    expect(read("hikvision", withPicture(alert)).kind).toBe("began");
    expect(problemOf(() => read("hikvision", withPicture("no alert"))).type).toBe("wrong-format");
  });

  test("ONVIF's IsMotion", () => {
    expect(read("onvif", SAMPLES.onvif)).toMatchObject({ kind: "began" });
  });

  test("UniFi Protect's alarm", () => {
    expect(read("unifi-protect", SAMPLES.unifiProtect)).toMatchObject({ kind: "began" });
  });

  test("Bluecherry's and Rhombus's JSON, by rules", () => {
    const bluecherry = { motionBegan: "event_name=motion_event", motionTime: "event_datetime" };
    expect(read("generic", SAMPLES.bluecherry, "began", bluecherry).kind).toBe("began");
    const rhombus = { motionBegan: "activityTrigger=MOTION", motionTime: "timestampMs" };
    expect(read("generic", SAMPLES.rhombus, "began", rhombus).kind).toBe("began");
    expect(read("generic", SAMPLES.rhombus, "began", bluecherry).kind).toBe("none");
  });

  test("a request without a body is what its address says, in every format", () => {
    for (const format of MOTION_FORMATS) {
      expect(read(format, bodyOf("")).kind).toBe("began");
      expect(read(format, bodyOf(" \r\n"), "ended").kind).toBe("ended");
      expect(read(format, bodyOf("{}"), "ended").kind).toBe("ended");
    }
  });

  test("a body with nothing but fields of the standard format is read by that in every format", () => {
    for (const format of MOTION_FORMATS) {
      expect(read(format, bodyOf(JSON.stringify({ at: NOW_MS, maxDurationSeconds: 7 })))).toEqual({
        kind: "began",
        at: NOW_MS,
        maxDurationSeconds: 7,
      });
      expect(problemOf(() => read(format, bodyOf('{"maxDurationSeconds":500}'))).type).toBe("invalid-motion");
    }
  });
});

describe("a device's time", () => {
  const alertAt = (dateTime: string) =>
    read("hikvision", bodyOf(JSON.stringify({ eventType: "VMD", eventState: "active", dateTime }))).at;

  test("counts up to a minute ahead and a day ago", () => {
    expect(alertAt("2026-11-29T20:51:00Z")).toBe(NOW_MS + 60_000);
    expect(alertAt("2026-11-28T20:50:00Z")).toBe(NOW_MS - 86_400_000);
  });

  test("outside of that is a wrong clock, and the motion is now", () => {
    expect(alertAt("2026-11-29T20:51:01Z")).toBeUndefined();
    expect(alertAt("1970-01-01T00:00:11Z")).toBeUndefined();
    expect(alertAt("2026-11-29T20:40:00")).toBeUndefined();
  });
});

describe("a body of another format than the camera's", () => {
  test("is refused with what was expected, what it looks like, and the command that changes it", () => {
    const problem = problemOf(() => read("onvif", SAMPLES.unifiProtect));
    expect([problem.type, problem.message]).toEqual([
      "wrong-format",
      "expected an ONVIF Notify in XML, because this camera's motion format is onvif; the body is not XML; " +
        "it looks like unifi-protect; if that is what the device sends: npx doorstep camera update front-door --motion-format unifi-protect",
    ]);
    expect(problemOf(() => read("hikvision", bodyOf("hello"))).message).toMatch(
      /the body is not XML; if the device sends something else, change it with: npx doorstep camera update front-door --motion-format <format>$/,
    );
  });

  test.each([
    ["hikvision", SAMPLES.hikvision],
    ["hikvision", SAMPLES.hikvisionHeartbeat],
    ["onvif", SAMPLES.onvif],
    ["unifi-protect", SAMPLES.unifiProtect],
    ["dahua", bodyOf("Code=VideoMotion;action=Start;index=0", "text/plain")],
    ["reolink", bodyOf('{"alarm":{"type":"MD"}}', "application/json")],
  ] as const)(
    "is recognised as %s on a camera of the standard format, and starts nothing",
    (format, body) => {
      const problem = problemOf(() => read("standard", body));
      expect(problem.type).toBe("wrong-format");
      expect(problem.message).toContain(`--motion-format ${format}`);
    },
  );

  test("that no format knows is refused by the standard format as before", () => {
    expect(problemOf(() => read("standard", bodyOf("motion!"))).type).toBe("not-json");
    expect(problemOf(() => read("standard", bodyOf('{"speed":1}'))).type).toBe("invalid-motion");
    expect(problemOf(() => read("standard", bodyOf(`"${"x".repeat(20_000)}"`))).type).toBe("body-too-large");
    expect(read("standard", bodyOf('{"maxDurationSeconds":7}'))).toEqual({
      kind: "began",
      maxDurationSeconds: 7,
    });
  });

  test("that is XML with a DOCTYPE is refused as such", () => {
    const xml =
      '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/hostname">]><EventNotificationAlert>&e;</EventNotificationAlert>';
    for (const format of ["hikvision", "onvif"] as const)
      expect(problemOf(() => read(format, bodyOf(xml))).message).toContain(
        "the body has a DOCTYPE, which is never read",
      );
  });
});

test("a body that says that motion began is refused at the address for its end, which would cut the motion", () => {
  expect(problemOf(() => read("hikvision", SAMPLES.hikvision, "ended")).message).toContain("…/motion/start");
  expect(read("hikvision", SAMPLES.hikvisionHeartbeat, "ended").kind).toBe("none");
});

describe("whatever is sent, in every format,", () => {
  const shapes = fc.oneof(
    fc.json({ maxDepth: 4 }),
    fc.string(),
    fc.constantFrom(...Object.values(SAMPLES)).map(({ bytes }) => bytes.toString("utf8")),
    fc
      .record({
        alarm: fc.record({
          triggers: fc.array(fc.record({ key: fc.string(), timestamp: fc.anything() })),
          type: fc.string(),
          alarmTime: fc.anything(),
        }),
      })
      .map((value) => JSON.stringify(value) ?? ""),
    fc
      .record({ eventType: fc.string(), eventState: fc.string(), dateTime: fc.string() })
      .map((value) => JSON.stringify(value)),
  );
  /** A shape with some characters cut out and others put in. */
  const damaged = fc
    .tuple(shapes, fc.nat(), fc.nat({ max: 30 }), fc.string({ maxLength: 10 }))
    .map(([text, at, length, inserted]) => {
      const from = text.length === 0 ? 0 : at % text.length;
      return text.slice(0, from) + inserted + text.slice(from + length);
    });
  const types = fc.constantFrom(
    undefined,
    "application/json",
    "text/xml",
    "multipart/form-data; boundary=boundary",
    "x",
  );

  test("motion began, ended, or there is none at a time that is plausible, or it is refused; never a fault", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...MOTION_FORMATS),
        fc.oneof(shapes, damaged),
        types,
        (format, text, type) => {
          try {
            const { kind, at, reason } = read(format, bodyOf(text, type), "began", {
              motionBegan: "alarm.type=*",
            });
            expect(["began", "ended", "none"]).toContain(kind);
            expect(at === undefined || (at <= NOW_MS + 60_000 && at >= NOW_MS - 86_400_000)).toBe(true);
            expect(reason ?? "").toMatch(/^[\w .:/-]{0,120}$/);
          } catch (error) {
            expect(error).toBeInstanceOf(Problem);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });
});
