import { describe, expect, test } from "@jest/globals";
import { MINUTE_MS, SECOND_MS } from "../../../base/durations.ts";
import { noAlerts } from "../../../core/alerts/reduce.ts";
import { Alerts, cameraOf, decisionsOf, NOW_MS, publishedOf, ruleOf, sessionOf } from "./support.ts";

const CHAIN_MS = NOW_MS - 10_000;

const alertsWith = (...rules: ReturnType<typeof ruleOf>[]): Alerts => {
  const alerts = new Alerts();
  alerts.rules = rules;
  return alerts;
};

/** The next chain, so much later. */
function nextChain(alerts: Alerts, afterMs: number) {
  alerts.apply({ kind: "chain-ended", videoStartMs: CHAIN_MS, videoEndMs: alerts.nowMs + 1 });
  alerts.nowMs += afterMs;
  return sessionOf(alerts.nowMs - 1, "session-2");
}

describe("a detection", () => {
  test("raises an alert that names its chain, rules, label and picture", () => {
    const sent = new Alerts().detect();
    expect(decisionsOf(sent)).toMatchObject([
      {
        decision: "raised",
        reason: "first-detection",
        ruleId: "people",
        severity: "warning",
        alertId: `front-door-${CHAIN_MS}`,
        revision: 1,
      },
    ]);
    expect(publishedOf(sent)).toEqual([
      {
        to: "targets",
        id: `alert/front-door-${CHAIN_MS}/1`,
        type: "AlertRaised",
        targets: [{ targetId: "phone", silent: false }],
        detail: {
          eventId: `front-door-${CHAIN_MS}-1`,
          alertId: `front-door-${CHAIN_MS}`,
          revision: 1,
          cameraId: "front-door",
          severity: "warning",
          silent: false,
          labels: [{ name: "PERSON", confidence: 90, detectedAt: new Date(NOW_MS).toISOString() }],
          rules: ["people"],
          chainStartedAt: new Date(CHAIN_MS).toISOString(),
          raisedAt: new Date(NOW_MS).toISOString(),
          picture: { frameUri: "s3://evidence/frame.jpg", cropUri: "s3://evidence/crop.jpg" },
        },
      },
    ]);
  });

  test("is decided once, however often it arrives within ten minutes", () => {
    const alerts = new Alerts();
    alerts.detect({ eventId: "same" });
    alerts.nowMs += 10 * MINUTE_MS - 1;
    expect(alerts.decide({ eventId: "same", detectedAtMs: NOW_MS })).toBe("none");
    alerts.nowMs += 1;
    alerts.detect();
    expect(alerts.decide({ eventId: "same", detectedAtMs: NOW_MS })).toBe("suppressed late");
  });

  test("is decided for each label of its notification", () => {
    const alerts = new Alerts();
    expect(alerts.decide({ eventId: "same", labelId: "1" })).toBe("raised first-detection people");
    expect(alerts.decide({ eventId: "same", labelId: "2", label: "PET" })).toBe("merged new-label people");
  });

  test("raises nothing if it is decided more than five minutes later, or was before the camera was armed", () => {
    const alerts = new Alerts();
    expect(alerts.decide({ detectedAtMs: NOW_MS - 5 * MINUTE_MS - 1 })).toBe("suppressed late");
    alerts.camera = cameraOf({ armedSinceMs: NOW_MS });
    expect(alerts.decide({ detectedAtMs: NOW_MS - 1 })).toBe("suppressed late");
    alerts.camera = undefined;
    expect(alerts.decide()).toBe("suppressed camera-removed");
    alerts.camera = cameraOf();
    expect(alerts.decide({ detectedAtMs: NOW_MS - 5 * MINUTE_MS })).toBe("raised first-detection people");
  });

  test("that no rule takes says which condition of the nearest one fails", () => {
    expect(alertsWith(ruleOf({ labels: { PET: 0 } })).decide()).toBe("suppressed label people");
    expect(alertsWith().decide()).toBe("suppressed no-rule");
  });
});

describe("a snooze", () => {
  test("of the camera or of all rules raises nothing, and nothing is sent for an alert that runs", () => {
    const alerts = new Alerts();
    alerts.detect();
    alerts.snoozes = [{ of: { kind: "camera", id: "front-door" }, untilMs: NOW_MS + MINUTE_MS }];
    expect(alerts.decide({ label: "PET" })).toBe("suppressed snoozed people");
    const ended = alerts.apply({ kind: "chain-ended", videoStartMs: CHAIN_MS, videoEndMs: NOW_MS });
    expect(publishedOf(ended)).toMatchObject([{ type: "AlertEnded", targets: [] }]);
  });

  test("of a rule leaves the others, and ends by itself", () => {
    const alerts = alertsWith(
      ruleOf({ ruleId: "a", targets: ["phone"] }),
      ruleOf({ ruleId: "b", targets: ["mail"] }),
    );
    alerts.snoozes = [{ of: { kind: "rule", id: "a" }, untilMs: NOW_MS + SECOND_MS }];
    expect(publishedOf(alerts.detect())).toMatchObject([{ targets: [{ targetId: "mail", silent: false }] }]);
    alerts.nowMs += SECOND_MS;
    const [joined] = publishedOf(alerts.detect());
    expect(joined).toMatchObject({
      type: "AlertUpdated",
      detail: { silent: true, rules: ["b", "a"] },
      targets: [
        { targetId: "mail", silent: true },
        { targetId: "phone", silent: false },
      ],
    });
  });
});

describe("an alert", () => {
  test("takes further detections of its chain: a known label changes nothing", () => {
    const alerts = new Alerts();
    alerts.detect();
    const sent = alerts.detect();
    expect(decisionsOf(sent)).toMatchObject([{ decision: "merged", reason: "known", revision: 1 }]);
    expect(publishedOf(sent)).toEqual([]);
  });

  test("shows a new label in a silent update", () => {
    const alerts = new Alerts();
    alerts.detect();
    expect(publishedOf(alerts.detect({ label: "PET" }))).toMatchObject([
      {
        type: "AlertUpdated",
        detail: { revision: 2, silent: true, labels: [{ name: "PERSON" }, { name: "PET" }] },
        targets: [{ targetId: "phone", silent: true }],
      },
    ]);
  });

  test("sounds again when another rule makes it more severe", () => {
    const alerts = alertsWith(
      ruleOf({ ruleId: "pets", labels: { PET: 0 }, severity: "info" }),
      ruleOf({ ruleId: "people", labels: { PERSON: 0 }, severity: "critical" }),
    );
    alerts.detect({ label: "PET" });
    expect(publishedOf(alerts.detect())).toMatchObject([
      {
        detail: { severity: "critical", silent: false, rules: ["pets", "people"] },
        targets: [{ targetId: "phone", silent: false }],
      },
    ]);
  });

  test("sounds again when a label returns after five minutes, or after the rule's cooldown if that is longer", () => {
    const alerts = new Alerts();
    alerts.detect();
    alerts.nowMs += 5 * MINUTE_MS - 1;
    expect(alerts.decide()).toBe("merged known people");
    alerts.nowMs += 5 * MINUTE_MS;
    const sent = alerts.detect();
    expect(decisionsOf(sent)).toMatchObject([{ decision: "merged", reason: "returned", revision: 2 }]);
    expect(publishedOf(sent)).toMatchObject([{ targets: [{ targetId: "phone", silent: false }] }]);
    alerts.rules = [ruleOf({ cooldownSeconds: 301 })];
    alerts.nowMs += 5 * MINUTE_MS;
    expect(alerts.decide()).toBe("merged known people");
  });

  test("takes a picture of the same label that is more certain by ten points", () => {
    const alerts = new Alerts();
    alerts.detect({ confidence: 60 });
    expect(alerts.decide({ confidence: 69, cropUri: "s3://evidence/2.jpg" })).toBe("merged known people");
    const [better] = publishedOf(alerts.detect({ confidence: 70, cropUri: "s3://evidence/3.jpg" }));
    expect(better?.detail).toMatchObject({ silent: true, picture: { cropUri: "s3://evidence/3.jpg" } });
  });

  test("keeps its picture when another label is more certain, unless that one is more urgent", () => {
    const alerts = alertsWith(
      ruleOf({ ruleId: "all" }),
      ruleOf({ ruleId: "packages", labels: { PACKAGE: 0 }, severity: "critical" }),
    );
    alerts.detect({ confidence: 60 });
    const [pet] = publishedOf(
      alerts.detect({ label: "PET", confidence: 99, cropUri: "s3://evidence/pet.jpg" }),
    );
    expect(pet?.detail.picture?.cropUri).toBe("s3://evidence/crop.jpg");
    const [parcel] = publishedOf(
      alerts.detect({ label: "PACKAGE", confidence: 50, cropUri: "s3://evidence/p.jpg" }),
    );
    expect(parcel?.detail.picture?.cropUri).toBe("s3://evidence/p.jpg");
  });
});

describe("a cooldown", () => {
  test("keeps a rule from another alert of a label on the camera, until it is over", () => {
    const alerts = new Alerts();
    alerts.detect();
    const session = nextChain(alerts, 300 * SECOND_MS - 1);
    expect(alerts.decide({ sessionId: "session-2" }, session)).toBe("suppressed cooldown people");
    alerts.nowMs += 1;
    expect(alerts.decide({ sessionId: "session-2" }, session)).toBe("raised first-detection people");
  });

  test("never swallows a label that its alerts did not show", () => {
    const alerts = new Alerts();
    alerts.detect({ label: "PET" });
    const session = nextChain(alerts, 20 * SECOND_MS);
    expect(alerts.decide({ sessionId: "session-2" }, session)).toBe("raised first-detection people");
    expect(alerts.decide({ sessionId: "session-2", label: "PET" }, session)).toBe("merged new-label people");
  });

  test("of one label does not grow with an alert of another", () => {
    const alerts = new Alerts();
    alerts.detect();
    const second = nextChain(alerts, 290 * SECOND_MS);
    alerts.detect({ sessionId: "session-2", label: "PET" }, second);
    alerts.nowMs += 10 * SECOND_MS;
    const third = sessionOf(alerts.nowMs - 1, "session-3");
    expect(alerts.decide({ sessionId: "session-3" }, third)).toBe("raised first-detection people");
  });

  test("and the most alerts of an hour name the rule that they refuse", () => {
    const alerts = new Alerts();
    alerts.spent = ["people"];
    expect(alerts.decide()).toBe("suppressed max-per-hour people");
  });
});

describe("of two chains", () => {
  test("the earlier one's alert ends when the later one's is raised", () => {
    const alerts = alertsWith(ruleOf({ cooldownSeconds: 0 }));
    alerts.detect();
    alerts.nowMs += MINUTE_MS;
    const sent = alerts.detect({ sessionId: "session-2" }, sessionOf(alerts.nowMs - 1, "session-2"));
    expect(publishedOf(sent).map(({ type, detail }) => `${type} ${detail.alertId}`)).toEqual([
      `AlertEnded front-door-${CHAIN_MS}`,
      `AlertRaised front-door-${alerts.nowMs - 1}`,
    ]);
  });

  test("the earlier one's late alert is raised and ended at once", () => {
    const alerts = alertsWith(ruleOf({ cooldownSeconds: 0 }));
    alerts.nowMs += MINUTE_MS;
    const session = sessionOf(alerts.nowMs - 1, "session-2");
    alerts.detect({ sessionId: "session-2" }, session);
    const sent = publishedOf(alerts.detect({ detectedAtMs: NOW_MS, sessionStartedAtMs: CHAIN_MS }, session));
    expect(sent.map(({ type, detail }) => `${type} ${detail.alertId} ${detail.revision}`)).toEqual([
      `AlertRaised front-door-${CHAIN_MS} 1`,
      `AlertEnded front-door-${CHAIN_MS} 2`,
    ]);
    expect(alerts.record.alerts.map(({ chainStartMs }) => chainStartMs)).toEqual([
      CHAIN_MS,
      alerts.nowMs - 1,
    ]);
  });
});

describe("the end of a chain", () => {
  test("leaves no record of a camera that was removed with its alerts", () => {
    const alerts = new Alerts();
    alerts.camera = undefined;
    alerts.apply({ kind: "chain-ended", videoStartMs: CHAIN_MS, videoEndMs: NOW_MS });
    expect(alerts.record).toEqual(noAlerts("front-door"));
  });

  test("ends its alert once, however often it is reported", () => {
    const alerts = new Alerts();
    alerts.detect();
    const end = { kind: "chain-ended", videoStartMs: CHAIN_MS, videoEndMs: NOW_MS } as const;
    expect(publishedOf(alerts.apply(end))).toMatchObject([
      {
        type: "AlertEnded",
        detail: { revision: 2, silent: true, endedAt: new Date(NOW_MS).toISOString() },
        targets: [{ targetId: "phone", silent: true }],
      },
    ]);
    expect(alerts.apply(end)).toEqual([]);
  });

  test("ends an alert at once that is raised after it was reported", () => {
    const alerts = new Alerts();
    alerts.apply({ kind: "chain-ended", videoStartMs: CHAIN_MS, videoEndMs: NOW_MS });
    expect(publishedOf(alerts.detect()).map(({ type }) => type)).toEqual(["AlertRaised", "AlertEnded"]);
  });

  test("is at the latest where the next chain with an alert begins, and where its report says once it arrives", () => {
    const alerts = alertsWith(ruleOf({ cooldownSeconds: 0 }));
    alerts.detect();
    alerts.nowMs += MINUTE_MS;
    const nextMs = alerts.nowMs - 1;
    alerts.detect({ sessionId: "session-2" }, sessionOf(nextMs, "session-2"));
    expect(alerts.record.alerts.map(({ chainEndMs }) => chainEndMs)).toEqual([nextMs, undefined]);
    alerts.apply({ kind: "chain-ended", videoStartMs: CHAIN_MS, videoEndMs: NOW_MS + 1 });
    expect(alerts.record.alerts.map(({ chainEndMs }) => chainEndMs)).toEqual([NOW_MS + 1, undefined]);
  });

  test("does not keep what was detected before it out of the alert", () => {
    const alerts = new Alerts();
    alerts.detect();
    alerts.apply({ kind: "chain-ended", videoStartMs: CHAIN_MS, videoEndMs: NOW_MS + 1 });
    expect(publishedOf(alerts.detect({ label: "PET" })).map(({ type }) => type)).toEqual(["AlertUpdated"]);
  });
});

test("a record forgets alerts ten minutes after their end, and keeps at most 1,000 decided detections", () => {
  const alerts = alertsWith(ruleOf({ cooldownSeconds: 0 }));
  for (let chain = 0; chain < 30; chain++) {
    alerts.nowMs += MINUTE_MS;
    alerts.detect({ sessionId: `session-${chain}` }, sessionOf(alerts.nowMs - 1, `session-${chain}`));
  }
  expect(alerts.record.alerts).toHaveLength(11);
  const detections = Array.from({ length: 1200 }, (_, index) => ({
    ...detectionLike,
    eventId: `many-${index}`,
    detectedAtMs: alerts.nowMs,
  }));
  alerts.apply({ kind: "detected", detections, session: undefined });
  expect(alerts.record.decided).toHaveLength(1000);
  expect(alerts.record.decided.at(-1)?.id).toBe("many-1199/1");
});

const detectionLike = {
  labelId: "1",
  sessionId: "session-29",
  sessionStartedAtMs: null,
  label: "PERSON",
  confidence: 90,
  frameUri: "s3://evidence/frame.jpg",
  cropUri: null,
  isPictureStored: true,
};
