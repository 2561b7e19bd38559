import { describe, expect, test } from "@jest/globals";
import { normaliseNotification } from "../../../core/lake/normalise.ts";
import { DECISION_REASONS } from "../../../schemas/alert-decision.ts";
import { alertRecords } from "../../../schemas/tables/alert-records.ts";
import { alerts, detections, sessions } from "../../support/normalise.ts";
import { exampleText } from "../../support/notifications.ts";

const detection = {
  type: "ALERT_DECISION",
  eventId: "8c2f5e1a",
  labelId: "0003",
  cameraId: "front-door",
  sessionId: "session-1",
  label: "PACKAGE",
  confidence: 81.25,
  detectedAtMs: 1_763_726_399_075,
  decidedAtMs: 1_763_726_401_200,
};
const merged = {
  ...detection,
  decision: "merged",
  reason: "new-label",
  ruleId: "deliveries",
  severity: "warning",
  alertId: "front-door-1763726380000",
  revision: 2,
};
const ofFace = { ...merged, label: "PERSON", confidence: null, person: "unknown", sessionId: null };
const suppressed = { ...detection, confidence: null, decision: "suppressed", reason: "no-rule" };
const normalised = (decision: object, context = alerts) =>
  normaliseNotification(JSON.stringify(decision), context);

describe("a decision about a detection", () => {
  test("about a face says whether its person is enrolled, and not who it is", () => {
    expect(normalised(ofFace)).toMatchObject({
      ok: true,
      row: { label: "PERSON", confidence: null, person: "unknown", session_id: null },
    });
    expect(normalised({ ...ofFace, person: `person-${"1".repeat(20)}` })).toMatchObject({ ok: false });
  });

  test("is one row with every column, in the hour of the detection", () => {
    expect(normalised(merged)).toEqual({
      ok: true,
      table: "alert_records",
      partition: { dt: "2025-11-21", hour: "11" },
      row: {
        event_id: "8c2f5e1a",
        label_id: "0003",
        session_id: "session-1",
        camera_id: "front-door",
        label: "PACKAGE",
        confidence: 81.25,
        person: null,
        detected_at: "2025-11-21T11:59:59.075Z",
        detected_at_ms: 1_763_726_399_075,
        decided_at: "2025-11-21T12:00:01.200Z",
        decided_at_ms: 1_763_726_401_200,
        decision: "merged",
        reason: "new-label",
        rule_id: "deliveries",
        severity: "warning",
        alert_id: "front-door-1763726380000",
        revision: 2,
        received_at: "2025-11-21T12:00:03.000Z",
        received_at_ms: 1_763_726_403_000,
      },
    });
  });

  test("may lack what a suppressed detection has not: a rule, a confidence, an alert", () => {
    expect(normalised(suppressed)).toMatchObject({
      row: { confidence: null, rule_id: null, severity: null, alert_id: null, revision: null },
    });
  });

  test("is rejected without its texts for anything that a decision is not", () => {
    const reasonOf = (change: object) => {
      const result = normalised({ ...merged, ...change });
      return result.ok ? undefined : result.reason;
    };
    expect([
      reasonOf({ "anna-is-home": 1 }),
      reasonOf({ decision: "ignored" }),
      reasonOf({ confidence: undefined }),
      reasonOf({ revision: 0 }),
      reasonOf({ detectedAtMs: 1_763_726 }),
      reasonOf({ decidedAtMs: 1_773_726_400_000 }),
    ]).toEqual([
      "the notification has an unknown field",
      'decision is text of 7 characters; expected ("raised" | "merged" | "suppressed")',
      "confidence is missing",
      "revision is 0; expected >=1",
      "detectedAtMs is 1763726; expected a time of the lake, at most a day after the arrival at 2025-11-21T12:00:03.000Z",
      "decidedAtMs is 1773726400000; expected a time of the lake, at most a day after the arrival at 2025-11-21T12:00:03.000Z",
    ]);
  });

  test("belongs in no other table, and nothing else in its own", () => {
    expect(normalised(merged, detections)).toMatchObject({ ok: false });
    expect(normalised(merged, sessions)).toMatchObject({ ok: false });
    expect(normaliseNotification(exampleText("label-detected.json"), alerts)).toMatchObject({ ok: false });
  });
});

test("the table's comment on reasons names exactly those that there are", () => {
  const { comment } = alertRecords.columns.find(({ name }) => name === "reason")!;
  const named = comment.match(/[a-z-]+(?=[,.])/g)!;
  expect(named.toSorted()).toEqual(Object.keys(DECISION_REASONS).toSorted());
});
