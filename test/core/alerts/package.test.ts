import { describe, expect, test } from "@jest/globals";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../base/durations.ts";
import { plan } from "../../../core/alerts/plan.ts";
import type { Look } from "../../../core/alerts/package.ts";
import { Alerts, NOW_MS, publishedOf, ruleOf, sessionOf } from "./support.ts";

const CHAIN_MS = NOW_MS - 10_000;
const END_MS = NOW_MS + 20_000;

/** A camera that has detected a package, in a chain that is over. */
function detected(): Alerts {
  const alerts = new Alerts();
  alerts.rules = [ruleOf({ packageReminderMinutes: 30 })];
  alerts.detect({ label: "PACKAGE" });
  alerts.nowMs = END_MS;
  alerts.apply({ kind: "chain-ended", videoStartMs: CHAIN_MS, videoEndMs: END_MS });
  return alerts;
}

/** The look that is due, after which the record waits for its result. */
function due(alerts: Alerts): number | undefined {
  const { record, call } = plan(alerts.record, alerts.moment);
  alerts.record = record;
  return call?.kind === "look" ? call.fromMs : undefined;
}

/** What is published once the look that is due has a result. */
function look(alerts: Alerts, kind: Look["kind"], atMs = alerts.nowMs): string[] {
  const fromMs = due(alerts)!;
  const result: Look = kind === "unknown" ? { kind, reason: "no image" } : { kind, atMs };
  return publishedOf(alerts.apply({ kind: "looked", fromMs, look: result })).map(
    ({ type, detail, targets }) =>
      `${type} ${detail.package?.state} ${targets.every(({ silent }) => silent) ? "silent" : "loud"}`,
  );
}

function endOfNextChain(alerts: Alerts): void {
  alerts.nowMs += 10 * MINUTE_MS;
  alerts.apply({ kind: "chain-ended", videoStartMs: alerts.nowMs - 30_000, videoEndMs: alerts.nowMs });
  alerts.nowMs += 3 * SECOND_MS;
}

describe("a package", () => {
  test("is looked for in the last five seconds of its motion, once they have arrived", () => {
    const alerts = detected();
    expect(due(alerts)).toBeUndefined();
    alerts.nowMs += 3 * SECOND_MS;
    expect(due(alerts)).toBe(END_MS - 5 * SECOND_MS);
  });

  test("was left if that image shows it, and was not if it does not", () => {
    const left = detected();
    left.nowMs += 3 * SECOND_MS;
    expect(look(left, "package")).toEqual(["AlertUpdated left loud"]);
    const carried = detected();
    carried.nowMs += 3 * SECOND_MS;
    expect(look(carried, "no-package")).toEqual([]);
    expect(carried.record.watchedPackage).toBeUndefined();
  });

  test("is still there when the rule's reminder is due and a fresh image shows it", () => {
    const alerts = detected();
    alerts.nowMs += 3 * SECOND_MS;
    look(alerts, "package");
    alerts.nowMs = NOW_MS + 30 * MINUTE_MS;
    expect(look(alerts, "package")).toEqual(["AlertUpdated still-there loud"]);
    alerts.nowMs += HOUR_MS;
    expect(due(alerts)).toBeUndefined();
  });

  test("is gone when the image at the end of a later motion, or of the reminder, does not show it", () => {
    const alerts = detected();
    alerts.nowMs += 3 * SECOND_MS;
    look(alerts, "package");
    endOfNextChain(alerts);
    expect(look(alerts, "package")).toEqual([]);
    endOfNextChain(alerts);
    expect(look(alerts, "no-package")).toEqual(["AlertUpdated gone loud"]);
    expect(alerts.record.watchedPackage).toBeUndefined();
  });

  test("of which no image says anything is neither, and its reminder is not sent", () => {
    const alerts = detected();
    alerts.nowMs += 3 * SECOND_MS;
    expect(look(alerts, "unknown")).toEqual([]);
    alerts.nowMs = NOW_MS + 30 * MINUTE_MS;
    expect(look(alerts, "unknown")).toEqual([]);
    expect(due(alerts)).toBeUndefined();
    endOfNextChain(alerts);
    expect(look(alerts, "package")).toEqual(["AlertUpdated left loud"]);
  });

  test("is not judged by the result of a look that another has replaced", () => {
    const alerts = detected();
    alerts.nowMs += 3 * SECOND_MS;
    const fromMs = due(alerts)!;
    endOfNextChain(alerts);
    const atMs = alerts.nowMs;
    expect(alerts.apply({ kind: "looked", fromMs, look: { kind: "no-package", atMs } })).toEqual([]);
    expect(look(alerts, "package")).toEqual(["AlertUpdated left loud"]);
  });

  test("whose end no image has shown for a day is no longer watched", () => {
    const alerts = detected();
    alerts.nowMs = NOW_MS + 24 * HOUR_MS;
    endOfNextChain(alerts);
    expect(alerts.record.watchedPackage).toBeUndefined();
  });

  test("keeps the story of its first alert while later ones show it", () => {
    const alerts = detected();
    alerts.nowMs += 3 * SECOND_MS;
    look(alerts, "package");
    alerts.nowMs += 20 * MINUTE_MS;
    alerts.detect({ label: "PACKAGE", sessionId: "session-2" }, sessionOf(alerts.nowMs - 1, "session-2"));
    expect(alerts.record.watchedPackage?.alertId).toBe(`front-door-${CHAIN_MS}`);
    expect(alerts.record.alerts).toHaveLength(2);
  });
});
