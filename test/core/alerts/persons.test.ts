import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../base/durations.ts";
import { plan } from "../../../core/alerts/plan.ts";
import type { AlertRuleInput } from "../../../schemas/alert-rule.ts";
import { Alerts, ANNA, BEN, decisionsOf, faceOf, NOW_MS, publishedOf, ruleOf, sessionOf } from "./support.ts";

const CHAIN_MS = NOW_MS - 10_000;
const UNKNOWN = "unknown";

function alertsWith(...rules: readonly Partial<AlertRuleInput>[]): Alerts {
  const alerts = new Alerts();
  alerts.rules = rules.map(ruleOf);
  return alerts;
}

const strangers = { ruleId: "strangers", persons: ["unknown"], targets: ["siren"] };

describe("a rule with persons", () => {
  test("raises an alert when the face is known, with the picture of the person that was detected before", () => {
    const alerts = alertsWith({ persons: ["known"] });
    expect(alerts.decide({ frameUri: "s3://evidence/anna.jpg", cropUri: null })).toBe(
      "suppressed person people",
    );
    alerts.nowMs += 3 * SECOND_MS;
    expect(alerts.see(ANNA)).toEqual(["raised first-detection people"]);
    const { call } = plan(alerts.record, alerts.moment);
    expect(call).toMatchObject({ kind: "check-picture", uri: "s3://evidence/anna.jpg" });
    const alertId = `front-door-${CHAIN_MS}`;
    const [raised] = publishedOf(alerts.apply({ kind: "picture-checked", alertId, isStored: true }));
    expect(raised).toMatchObject({
      type: "AlertRaised",
      detail: {
        silent: false,
        labels: [{ name: "PERSON", confidence: null }],
        persons: [ANNA],
        picture: { frameUri: "s3://evidence/anna.jpg" },
      },
    });
  });

  test("raises one at once if no picture of the motion is known", () => {
    const alerts = alertsWith({ persons: ["known"] });
    alerts.detect({ detectedAtMs: CHAIN_MS - 1, sessionId: "session-0" });
    expect(alerts.see(ANNA)).toEqual(["raised first-detection people", `AlertRaised loud ${ANNA}`]);
  });

  test("takes only the faces of its persons", () => {
    const alerts = alertsWith({ persons: [BEN] });
    expect([...alerts.see(ANNA), ...alerts.see(UNKNOWN)]).toEqual([
      "suppressed person people",
      "suppressed person people",
    ]);
    expect(alerts.see(BEN)[0]).toBe("raised first-detection people");
  });

  test("has a cooldown for each person", () => {
    const alerts = alertsWith({ persons: ["known", "unknown"] });
    alerts.see(ANNA);
    alerts.nowMs += 2 * MINUTE_MS;
    const next = sessionOf(alerts.nowMs - 1000, "session-2");
    expect(alerts.see(ANNA, {}, next)).toEqual(["suppressed cooldown people"]);
    expect(alerts.see(UNKNOWN, {}, next)[0]).toBe("raised first-detection people");
  });

  test("raises no more alerts in an hour than others", () => {
    const alerts = alertsWith({ persons: ["known"] });
    alerts.spent = ["people"];
    expect(alerts.see(ANNA)).toEqual(["suppressed max-per-hour people"]);
  });

  test("is snoozed and late as others are", () => {
    const alerts = alertsWith({ persons: ["known"] });
    expect(alerts.see(ANNA, { detectedAtMs: NOW_MS - 5 * MINUTE_MS - 1 })).toEqual([
      "suppressed late undefined",
    ]);
    alerts.snoozes = [{ of: { kind: "rule", id: "people" }, untilMs: NOW_MS + 1 }];
    expect(alerts.see(BEN)).toEqual(["suppressed snoozed people"]);
  });

  test("joins an alert of its motion, for its own targets", () => {
    const alerts = alertsWith({}, { ...strangers, severity: "critical" });
    alerts.detect();
    const detections = [faceOf(UNKNOWN, { detectedAtMs: NOW_MS })];
    const session = sessionOf(CHAIN_MS);
    const sent = alerts.apply({ kind: "detected", detections, session });
    expect(decisionsOf(sent)).toMatchObject([
      {
        label: "PERSON",
        person: "unknown",
        confidence: null,
        decision: "merged",
        reason: "new-person",
        ruleId: "strangers",
        severity: "critical",
      },
    ]);
    expect(publishedOf(sent)).toMatchObject([
      {
        type: "AlertUpdated",
        detail: { severity: "critical", silent: false, rules: ["people", "strangers"] },
        targets: [
          { targetId: "phone", silent: false },
          { targetId: "siren", silent: false },
        ],
      },
    ]);
  });
});

describe("a rule without persons", () => {
  test("raises its alert by the label, and faces update it silently", () => {
    const alerts = alertsWith({});
    expect(publishedOf(alerts.detect())[0]!.detail.persons).toBeUndefined();
    expect(alerts.see(ANNA)).toEqual(["merged new-person people", `AlertUpdated silent ${ANNA}`]);
    expect(alerts.see(BEN)).toEqual(["merged new-person people", `AlertUpdated silent ${ANNA} ${BEN}`]);
  });

  test("raises none by a face, which its alert shows if it comes later", () => {
    const alerts = alertsWith({});
    expect(alerts.see(ANNA)).toEqual(["suppressed no-alert people"]);
    expect(publishedOf(alerts.detect())[0]!.detail.persons).toEqual([ANNA]);
  });

  test("shows the faces of its own motion alone", () => {
    const alerts = alertsWith({});
    alerts.see(ANNA);
    alerts.nowMs += 20 * SECOND_MS;
    const next = sessionOf(alerts.nowMs - 1000, "session-2");
    expect(publishedOf(alerts.detect({ sessionId: "session-2" }, next))[0]!.detail.persons).toBeUndefined();
  });

  test("shows no face that was decided ten minutes before", () => {
    const alerts = alertsWith({});
    alerts.see(ANNA);
    alerts.nowMs += 10 * MINUTE_MS - 1;
    const { record, nowMs } = alerts;
    expect(publishedOf(alerts.detect())[0]!.detail.persons).toEqual([ANNA]);
    Object.assign(alerts, { record, nowMs: nowMs + 1 });
    expect(publishedOf(alerts.detect())[0]!.detail.persons).toBeUndefined();
  });

  test("shows faces only beside persons", () => {
    const alerts = alertsWith({ labels: { PET: 0 } }, { ruleId: "night", labels: { PERSON: 0 } });
    alerts.detect({ label: "PET" });
    expect(alerts.see(ANNA)).toEqual(["suppressed no-alert night"]);
    const [joined] = publishedOf(alerts.detect());
    expect(joined!.detail).toMatchObject({ labels: [{ name: "PET" }, { name: "PERSON" }], persons: [ANNA] });
  });
});

describe("an unknown person", () => {
  test("is not silent where the alert showed only known persons", () => {
    const alerts = alertsWith({});
    alerts.detect();
    alerts.see(ANNA);
    expect(alerts.see(UNKNOWN)).toEqual([
      "merged unknown-person people",
      `AlertUpdated loud ${ANNA} ${UNKNOWN}`,
    ]);
    expect(alerts.see(BEN)).toEqual([
      "merged new-person people",
      `AlertUpdated silent ${ANNA} unknown ${BEN}`,
    ]);
  });

  test("is silent where nobody was known yet: the alert has sounded for a person", () => {
    const alerts = alertsWith({});
    alerts.detect();
    expect(alerts.see(UNKNOWN)).toEqual(["merged new-person people", "AlertUpdated silent unknown"]);
  });
});

test("a person who returns after five minutes sounds again for rules with persons, and not twice for others", () => {
  const alerts = alertsWith({ persons: ["known"] }, { ruleId: "with-labels", labels: { PERSON: 0 } });
  alerts.detect();
  alerts.see(ANNA);
  alerts.nowMs += 5 * MINUTE_MS;
  expect(alerts.see(ANNA)).toEqual(["merged returned people", `AlertUpdated loud ${ANNA}`]);
  alerts.rules = alerts.rules.filter(({ ruleId }) => ruleId === "with-labels");
  alerts.nowMs += 5 * MINUTE_MS;
  expect(publishedOf(alerts.detect())[0]!.detail.silent).toBe(false);
  expect(alerts.see(ANNA)).toEqual(["merged known with-labels"]);
});

test("of a person's faces within a minute of one motion, one is decided, in whatever order and however often they arrive", () => {
  const faces = fc.array(
    fc.record({ afterMs: fc.nat(150_000), person: fc.constantFrom(ANNA, BEN, UNKNOWN) }),
    { minLength: 1, maxLength: 20 },
  );
  fc.assert(
    fc.property(faces, faces, fc.boolean(), (given, more, hasAlert) => {
      const alerts = alertsWith({});
      alerts.nowMs = NOW_MS + 200_000;
      if (hasAlert) alerts.detect({ detectedAtMs: NOW_MS });
      const arrive = (all: typeof given) =>
        all.flatMap(({ person, afterMs }) => alerts.see(person, { detectedAtMs: NOW_MS + afterMs }));
      arrive(given);
      const { record } = alerts;
      expect(arrive([...given, ...given.toReversed()])).toEqual([]);
      expect(alerts.record).toBe(record);
      arrive(more);
      for (const { person } of [...given, ...more]) {
        const times = alerts.record.seen
          .filter((one) => one.person === person)
          .map(({ seenAtMs }) => seenAtMs);
        const sorted = times.toSorted((a, b) => a - b);
        for (const [index, atMs] of sorted.entries())
          if (index > 0) expect(atMs - sorted[index - 1]!).toBeGreaterThanOrEqual(MINUTE_MS);
      }
      const shown = alerts.record.alerts.flatMap(({ persons = [] }) => persons.map((one) => one.person));
      expect(new Set(shown)).toEqual(
        new Set(hasAlert ? [...given, ...more].map(({ person }) => person) : []),
      );
    }),
  );
});

test("ids of persons are kept no longer than a decision may need them", () => {
  const alerts = alertsWith({ persons: ["known"], cooldownSeconds: 1800 });
  alerts.see(ANNA);
  alerts.apply({ kind: "chain-ended", videoStartMs: CHAIN_MS, videoEndMs: NOW_MS + SECOND_MS });
  const planned = (afterMs: number) => {
    alerts.nowMs = NOW_MS + afterMs;
    return plan(alerts.record, alerts.moment);
  };
  // The longest delay of a wake-up is shorter than the cooldown.
  expect(planned(0).call).toEqual({ kind: "wake", atMs: NOW_MS + 15 * MINUTE_MS });
  expect(planned(10 * MINUTE_MS - 1).record.alerts[0]!.persons).toBeDefined();
  const { record } = planned(10 * MINUTE_MS);
  expect(record).toMatchObject({ seen: [], cooldowns: [{ label: ANNA }] });
  expect(record.alerts[0]!.persons).toBeUndefined();
  const last = planned(30 * MINUTE_MS);
  expect(JSON.stringify(last.record)).not.toContain(ANNA);
  expect(last.call).toBeUndefined();
});

test("a face without an alert leaves nothing to do after some minutes", () => {
  const alerts = alertsWith({ persons: ["unknown"] });
  alerts.see(ANNA);
  expect(plan(alerts.record, alerts.moment).call).toEqual({ kind: "wake", atMs: NOW_MS + 10 * MINUTE_MS });
  alerts.nowMs += 10 * MINUTE_MS;
  alerts.apply();
  expect(alerts.record).toMatchObject({ alerts: [], seen: [] });
  expect(plan(alerts.record, { ...alerts.moment, nowMs: NOW_MS + DAY_MS }).call).toBeUndefined();
});

test("an alert that is open keeps its persons", () => {
  const alerts = alertsWith({});
  alerts.detect();
  alerts.see(ANNA);
  alerts.nowMs += 5 * HOUR_MS;
  alerts.apply();
  expect(alerts.record.alerts[0]!.persons).toEqual([{ person: ANNA, lastDetectedAtMs: NOW_MS }]);
});
