import { describe, expect, test } from "@jest/globals";
import * as v from "valibot";
import { ruleProblems } from "../../operator/alert-problems.ts";
import { alertRule, type AlertRuleInput } from "../../schemas/alert-rule.ts";
import { alertTarget } from "../../schemas/alert-target.ts";
import type { PersonRecord } from "../../schemas/person.ts";
import { camera, type CameraInput } from "../../schemas/camera.ts";

const cameraOf = (given: Partial<CameraInput>) =>
  v.parse(camera, {
    cameraId: "front-door",
    streamName: "s",
    processorName: "p",
    keyVersion: 1,
    engine: "frames",
    ...given,
  });

const cameras = [
  cameraOf({ labels: { PERSON: 50, Car: 80 }, tags: { site: "north" } }),
  cameraOf({ cameraId: "yard", labels: { PET: 50 }, tags: { site: "south" } }),
];
const targets = [
  v.parse(alertTarget, { targetId: "phone", format: "ntfy", url: "https://ntfy.sh/cameras" }),
  v.parse(alertTarget, { targetId: "gone", format: "slack", url: "https://example.com", disabled: "410" }),
];
/** Monday noon. */
const nowMs = Date.UTC(2026, 10, 30, 12);

const [ada, bob, cid] = ["a", "b", "c"].map((digit) => `person-${digit.repeat(20)}`);
const persons: readonly PersonRecord[] = [
  {
    personId: ada!,
    version: 1,
    name: "Ada",
    consent: { givenBy: "Ada", givenAtMs: 0, wording: "2026-11", expiresAtMs: nowMs + 1 },
    createdAtMs: 0,
  },
  { personId: bob!, version: 2, mergedInto: ada! },
];
const searching = [...cameras, cameraOf({ cameraId: "hall", faces: true })];

const problemsOf = (rule: Partial<AlertRuleInput>, given = cameras) =>
  ruleProblems(v.parse(alertRule, { ruleId: "people", targets: ["phone"], ...rule }), {
    cameras: given,
    targets,
    persons,
    nowMs,
  }).map(({ kind, what }) => `${kind}: ${what}`);

describe("the problems of a rule", () => {
  test.each<[string, Partial<AlertRuleInput>, string[]]>([
    ["none, of one that takes everything", {}, []],
    ["none, of a label that one of its cameras detects", { labels: { CAR: 90 } }, []],
    [
      "a camera that is not registered",
      { cameras: ["front-door", "hall"] },
      ["missing: no camera hall is registered"],
    ],
    ["a target that does not exist", { targets: ["phone", "pager"] }, ["missing: there is no target pager"]],
    ["a schedule without hours", { schedule: [] }, ["never: its schedule has no hours"]],
    ["a tag that no camera has", { tags: { site: "west" } }, ["never: no camera has the tag site=west"]],
    [
      "cameras and tags that exclude each other",
      { cameras: ["yard"], tags: { site: "north" } },
      ["never: none of its cameras has the tag site=north"],
    ],
    [
      "labels that none of its cameras detects",
      { cameras: ["yard"], labels: { PERSON: 0, CAR: 0 } },
      ["never: none of its cameras detects PERSON or CAR"],
    ],
    [
      "a label that none detects beside one that is detected",
      { labels: { PET: 0, BUS: 0 } },
      ["partly: none of its cameras detects BUS"],
    ],
    ["no target", { targets: [] }, ["partly: it has no target, so its alerts are on the event bus only"]],
    ["targets that are all disabled", { targets: ["gone"] }, ["partly: its target is disabled: gone"]],
    ["none, of a disabled target beside another", { targets: ["gone", "phone"] }, []],
    [
      "a reminder of packages without the label",
      { labels: { PERSON: 0 }, packageReminderMinutes: 30 },
      ["partly: it reminds of packages, and its labels leave out PACKAGE"],
    ],
  ])("are %s", (_, rule, expected) => expect(problemsOf(rule)).toEqual(expected));

  test.each<[string, Partial<AlertRuleInput>, string[]]>([
    ["none, of one for the faces of a camera that searches them", { persons: ["known", ada!] }, []],
    ["none, of one for faces of persons by label", { persons: ["unknown"], labels: { PERSON: 0 } }, []],
    [
      "a person who is not enrolled, and one who was merged",
      { persons: [cid!, bob!] },
      [`missing: ${cid} is not enrolled`, `missing: ${bob} was merged into ${ada}`],
    ],
    [
      "labels without PERSON beside persons",
      { persons: ["known"], labels: { PET: 0 } },
      ["never: it is for persons, and its labels leave out PERSON"],
    ],
    [
      "persons for cameras that search no faces",
      { persons: ["known"], cameras: ["front-door", "yard"] },
      ["never: it is for persons, and none of its cameras searches faces"],
    ],
    [
      "a reminder of packages beside persons",
      { persons: ["known"], packageReminderMinutes: 30 },
      ["partly: it reminds of packages, and is for persons"],
    ],
  ])("of a rule for persons are %s", (_, rule, expected) =>
    expect(problemsOf(rule, searching)).toEqual(expected),
  );

  const nights = { days: ["mon" as const], from: "20:00", until: "24:00" };

  test("are hours in which none of its cameras analyses motion, by the time zone of each", () => {
    const armed = [cameraOf({ schedule: [nights], timeZone: "Europe/Berlin" })];
    const hours = (from: string, until: string) => ({ schedule: [{ ...nights, from, until }] });
    const never = ["never: none of its cameras analyses motion in its hours"];
    // 20:00 in Berlin is 19:00 in UTC, in winter.
    expect(problemsOf(hours("18:00", "19:00"), armed)).toEqual(never);
    expect(problemsOf(hours("18:00", "19:01"), armed)).toEqual([]);
    expect(problemsOf({ ...hours("18:00", "19:00"), timeZone: "Europe/Berlin" }, armed)).toEqual(never);
    expect(problemsOf(hours("18:00", "19:00"), [...armed, cameraOf({ cameraId: "hall" })])).toEqual([]);
  });

  test("do not depend on whether a camera is armed at the moment", () => {
    expect(problemsOf({}, [cameraOf({ armed: false })])).toEqual([]);
  });

  test("are none before there is a camera", () => {
    expect(problemsOf({ tags: { site: "north" }, labels: { PERSON: 80 } }, [])).toEqual([]);
  });
});
