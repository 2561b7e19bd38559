import { describe, expect, test } from "@jest/globals";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../base/durations.ts";
import { plan } from "../../../core/alerts/plan.ts";
import { Alerts, NOW_MS, publishedOf, sessionOf } from "./support.ts";

const CHAIN_MS = NOW_MS - 10_000;

/** The call that is due, after which the record waits for its result. */
function due(alerts: Alerts) {
  const { record, call } = plan(alerts.record, alerts.moment);
  alerts.record = record;
  return call;
}

/** A record without a picture, from which its alert is not published yet. */
function waiting(): Alerts {
  const alerts = new Alerts();
  expect(publishedOf(alerts.detect({ isPictureStored: false }))).toEqual([]);
  return alerts;
}

const checked = (alerts: Alerts, isStored: boolean) =>
  publishedOf(
    alerts.apply({ kind: "picture-checked", alertId: alerts.record.alerts[0]!.alertId, isStored }),
  ).map(
    ({ type, detail }) =>
      `${type} ${detail.revision} ${detail.picture ? "with" : "without"} ${detail.silent}`,
  );

describe("an alert whose picture is not stored yet", () => {
  test("is published with it as soon as a check finds it", () => {
    const alerts = waiting();
    alerts.nowMs += SECOND_MS;
    expect(due(alerts)).toEqual({
      kind: "check-picture",
      alertId: `front-door-${CHAIN_MS}`,
      uri: "s3://evidence/crop.jpg",
    });
    expect(checked(alerts, true)).toEqual(["AlertRaised 1 with false"]);
  });

  test("is published without it after five seconds, and updated silently once it is found", () => {
    const alerts = waiting();
    for (let second = 1; second < 5; second++) {
      alerts.nowMs += SECOND_MS;
      expect(due(alerts)?.kind).toBe("check-picture");
      expect(checked(alerts, false)).toEqual([]);
    }
    alerts.nowMs += SECOND_MS;
    expect(publishedOf(alerts.apply())).toMatchObject([{ type: "AlertRaised", detail: { silent: false } }]);
    expect(due(alerts)?.kind).toBe("check-picture");
    expect(checked(alerts, true)).toEqual(["AlertUpdated 2 with true"]);
  });

  test("is checked less and less often, and no more after two minutes", () => {
    const alerts = waiting();
    const checks: number[] = [];
    for (; alerts.nowMs < NOW_MS + 5 * MINUTE_MS; alerts.nowMs += SECOND_MS) {
      alerts.apply();
      if (due(alerts)?.kind !== "check-picture") continue;
      checks.push((alerts.nowMs - NOW_MS) / SECOND_MS);
      checked(alerts, false);
    }
    expect(checks).toEqual([1, 2, 3, 4, 5, 10, 20, 40, 80]);
  });

  test("repeats a check that has returned no result for 30 seconds", () => {
    const alerts = waiting();
    alerts.nowMs += SECOND_MS;
    expect(due(alerts)?.kind).toBe("check-picture");
    alerts.nowMs += 30 * SECOND_MS - 1;
    alerts.apply();
    expect(due(alerts)?.kind).not.toBe("check-picture");
    alerts.nowMs += 1;
    expect(due(alerts)?.kind).toBe("check-picture");
  });
});

describe("revisions", () => {
  test("of an alert wait until the one before is delivered", () => {
    const alerts = new Alerts();
    alerts.detect();
    const undelivered = { ...alerts.record, outbox: [] };
    const [alert] = undelivered.alerts;
    const changed = { ...undelivered, alerts: [{ ...alert!, revision: 2 }] };
    const first = plan(changed, alerts.moment).record;
    const second = plan({ ...first, alerts: [{ ...first.alerts[0]!, revision: 3 }] }, alerts.moment).record;
    expect(publishedOf(second.outbox).map(({ detail }) => detail.revision)).toEqual([2]);
    expect(publishedOf(plan({ ...second, outbox: [] }, alerts.moment).record.outbox)).toMatchObject([
      { detail: { revision: 3 } },
    ]);
  });

  test("of an alert that ended before it was published are two: it is raised, then ended", () => {
    const alerts = waiting();
    alerts.apply({ kind: "chain-ended", videoStartMs: CHAIN_MS, videoEndMs: NOW_MS });
    alerts.nowMs += 5 * SECOND_MS;
    expect(
      publishedOf(alerts.apply()).map(({ type, detail }) => [
        type,
        detail.revision,
        detail.endedAt !== undefined,
      ]),
    ).toEqual([
      ["AlertRaised", 1, false],
      ["AlertEnded", 2, true],
    ]);
  });
});

test("an alert without a detection for six hours is over, although its end was not reported", () => {
  const alerts = new Alerts();
  alerts.detect();
  alerts.nowMs += 5 * HOUR_MS;
  alerts.detect();
  alerts.nowMs += 6 * HOUR_MS - 1;
  expect(publishedOf(alerts.apply())).toEqual([]);
  alerts.nowMs += 1;
  expect(publishedOf(alerts.apply())).toMatchObject([{ type: "AlertEnded" }]);
  expect(due(alerts)).toBeUndefined();
});

describe("a wake-up", () => {
  test("is sent for what is due next, and for a quarter of an hour at most", () => {
    const alerts = waiting();
    expect(due(alerts)).toEqual({ kind: "wake", atMs: NOW_MS + SECOND_MS });
    const open = new Alerts();
    open.detect();
    expect(due(open)).toEqual({ kind: "wake", atMs: NOW_MS + 15 * MINUTE_MS });
  });

  test("is not sent while one is on its way that arrives in time", () => {
    const alerts = new Alerts();
    alerts.detect();
    const call = due(alerts);
    alerts.apply({ kind: "wake-up-sent", atMs: NOW_MS + 15 * MINUTE_MS });
    expect(call?.kind).toBe("wake");
    alerts.nowMs += MINUTE_MS;
    alerts.detect({ label: "PET" });
    expect(due(alerts)).toBeUndefined();
    alerts.nowMs += 1;
    alerts.detect({ sessionId: "2", isPictureStored: false, label: "CAR" }, sessionOf(alerts.nowMs, "2"));
    expect(due(alerts)).toEqual({ kind: "wake", atMs: alerts.nowMs + SECOND_MS });
  });

  test("that comes early sends the next one; a copy of it does not", () => {
    const alerts = new Alerts();
    alerts.detect();
    due(alerts);
    alerts.apply({ kind: "wake-up-sent", atMs: NOW_MS + 15 * MINUTE_MS });
    alerts.nowMs += 15 * MINUTE_MS;
    alerts.apply({ kind: "wake-up" });
    expect(due(alerts)).toEqual({ kind: "wake", atMs: NOW_MS + 30 * MINUTE_MS });
    alerts.apply({ kind: "wake-up-sent", atMs: NOW_MS + 30 * MINUTE_MS });
    alerts.apply({ kind: "wake-up" });
    expect(due(alerts)).toBeUndefined();
  });

  test("is sent again if its call has returned no result for 30 seconds", () => {
    const alerts = new Alerts();
    alerts.detect();
    expect(due(alerts)?.kind).toBe("wake");
    alerts.nowMs += 30 * SECOND_MS - 1;
    expect(due(alerts)).toBeUndefined();
    alerts.nowMs += 1;
    expect(due(alerts)?.kind).toBe("wake");
  });

  test("is not sent when nothing is due", () => {
    const alerts = new Alerts();
    alerts.detect();
    alerts.apply({ kind: "chain-ended", videoStartMs: CHAIN_MS, videoEndMs: NOW_MS });
    expect(due(alerts)).toBeUndefined();
  });
});
