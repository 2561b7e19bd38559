import { describe, expect, test } from "@jest/globals";
import { isSnoozed, match } from "../../../core/alerts/match.ts";
import { ANNA, BEN, cameraOf, NOW_MS, ruleOf } from "./support.ts";

const person = { label: "PERSON", confidence: 70, detectedAtMs: NOW_MS };
const taken = (...rules: Parameters<typeof match>[0]) => {
  const found = match(rules, cameraOf({ tags: { side: "street" } }), person);
  return found.kind === "taken" ? found.rules.map(({ ruleId }) => ruleId) : `${found.reason} ${found.ruleId}`;
};

describe("a rule takes a detection", () => {
  test("of any camera, label, confidence and hour if it has no condition", () => {
    expect(taken(ruleOf())).toEqual(["people"]);
  });

  test("of a camera that it names and that has all of its tags", () => {
    expect(taken(ruleOf({ cameras: ["front-door"], tags: { side: "street" } }))).toEqual(["people"]);
    expect(taken(ruleOf({ cameras: ["garage"] }))).toBe("camera people");
    expect(taken(ruleOf({ tags: { side: "street", floor: "1" } }))).toBe("camera people");
  });

  test("of a label that it names, from its minimum confidence on", () => {
    expect(taken(ruleOf({ labels: { person: 70 } }))).toEqual(["people"]);
    expect(taken(ruleOf({ labels: { person: 71 } }))).toBe("confidence people");
    expect(taken(ruleOf({ labels: { pet: 0 } }))).toBe("label people");
  });

  test("without a confidence, which has passed the camera's minimum", () => {
    const found = match([ruleOf({ labels: { PERSON: 99 } })], cameraOf(), { ...person, confidence: null });
    expect(found.kind).toBe("taken");
  });

  test("in its hours, in its time zone", () => {
    const noon = [{ days: ["sat" as const], from: "12:00", until: "13:00" }];
    expect(taken(ruleOf({ schedule: noon }))).toEqual(["people"]);
    expect(taken(ruleOf({ schedule: noon, timeZone: "Europe/Berlin" }))).toBe("hours people");
  });

  test("of the faces of its persons, and of no label", () => {
    const persons = (...named: string[]) =>
      [ANNA, BEN, "unknown", undefined].flatMap((seen) => {
        const detection = { ...person, ...(seen !== undefined && { person: seen }) };
        const found = match([ruleOf({ persons: named })], cameraOf(), detection);
        expect(found.kind === "taken" || found.reason === "person").toBe(true);
        return found.kind === "taken" ? [seen] : [];
      });
    expect(persons("known")).toEqual([ANNA, BEN]);
    expect(persons("unknown")).toEqual(["unknown"]);
    expect(persons(BEN)).toEqual([BEN]);
    expect(persons(ANNA, "unknown")).toEqual([ANNA, "unknown"]);
  });

  test("of faces as of persons: with the label PERSON, and whatever its minimum confidence", () => {
    const face = { ...person, confidence: null, person: ANNA };
    const reasonOf = (rule: Parameters<typeof ruleOf>[0]) => {
      const found = match([ruleOf({ persons: ["known"], ...rule })], cameraOf(), face);
      return found.kind === "taken" ? "taken" : found.reason;
    };
    expect(reasonOf({ labels: { PERSON: 99 } })).toBe("taken");
    expect(reasonOf({ labels: { PET: 0 } })).toBe("label");
  });

  test("only if it is on", () => {
    expect(taken(ruleOf({ enabled: false }))).toBe("disabled people");
  });
});

describe("of several rules", () => {
  test("the most urgent comes first, then the order of their ids", () => {
    const rules = [
      ruleOf({ ruleId: "b", severity: "info" }),
      ruleOf({ ruleId: "d", severity: "critical" }),
      ruleOf({ ruleId: "c", severity: "critical" }),
      ruleOf({ ruleId: "a", severity: "info", enabled: false }),
    ];
    expect(taken(...rules)).toEqual(["c", "d", "b"]);
  });

  test("the one that comes nearest says why no rule takes it", () => {
    const rules = [
      ruleOf({ ruleId: "a", cameras: ["garage"] }),
      ruleOf({ ruleId: "b", labels: { person: 80 } }),
      ruleOf({ ruleId: "c", labels: { pet: 0 } }),
    ];
    expect(taken(...rules)).toBe("confidence b");
  });

  test("none says that there is none", () => {
    expect(taken()).toBe("no-rule undefined");
  });
});

test("a snooze is for one camera or rule, and over at its time", () => {
  const snoozes = [{ of: { kind: "camera" as const, id: "front-door" }, untilMs: NOW_MS }];
  expect(isSnoozed(snoozes, "camera", "front-door", NOW_MS - 1)).toBe(true);
  expect(isSnoozed(snoozes, "camera", "front-door", NOW_MS)).toBe(false);
  expect(isSnoozed(snoozes, "rule", "front-door", NOW_MS - 1)).toBe(false);
  expect(isSnoozed(snoozes, "camera", "garage", NOW_MS - 1)).toBe(false);
});
