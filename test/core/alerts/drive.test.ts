import { describe, expect, test } from "@jest/globals";
import { driveAlerts, type AlertParts } from "../../../core/alerts/drive.ts";
import type { AlertEvent } from "../../../core/alerts/reduce.ts";
import type { AlertDecision } from "../../../schemas/alert-decision.ts";
import type { AlertDelivery } from "../../../schemas/alert-message.ts";
import type { AlertRecord } from "../../../schemas/alert-record.ts";
import { cameraOf, detectionOf, NOW_MS, ruleOf, sessionOf } from "./support.ts";

const CAMERA = "front-door";

/** Parts that work, with what they were called with. */
function partsOf(given: Partial<AlertParts> = {}) {
  const state = {
    record: undefined as AlertRecord | undefined,
    rows: [] as AlertDecision[],
    published: [] as string[],
    sent: [] as AlertDelivery[],
    wakes: [] as number[],
  };
  const parts: AlertParts = {
    now: () => NOW_MS,
    find: async () => state.record,
    put: async (record) => {
      if ((state.record?.version ?? 0) !== record.version - 1) return false;
      state.record = record;
      return true;
    },
    wake: async (_, delayMs) => void state.wakes.push(delayMs),
    take: async () => true,
    isStored: async () => true,
    look: async () => ({ kind: "unknown", reason: "no image" }),
    enter: async (decisions) => {
      state.rows.push(...decisions);
      return decisions.map(() => true);
    },
    publish: async (events) => {
      state.published.push(...events.map(({ type }) => type));
      return events.map(() => true);
    },
    send: async (deliveries) => {
      state.sent.push(...deliveries);
      return deliveries.map(() => true);
    },
    ...given,
  };
  return { state, parts };
}

const settings = { camera: cameraOf(), rules: [ruleOf()], snoozes: [] };
const detected = (...labels: string[]): AlertEvent => ({
  kind: "detected",
  detections: labels.map((label) => detectionOf({ label })),
  session: sessionOf(NOW_MS - 1000),
});

describe("an alert that is driven", () => {
  test("reaches the lake, the bus and its targets, and leaves an empty outbox and one wake-up", async () => {
    const { state, parts } = partsOf();
    const record = await driveAlerts(parts, CAMERA, settings, detected("PERSON"));
    expect(record).toEqual(state.record);
    expect(record.outbox).toEqual([]);
    expect(state.rows).toMatchObject([{ decision: "raised" }]);
    expect(state.published).toEqual(["AlertRaised"]);
    expect(state.sent).toMatchObject([{ targetId: "phone", type: "AlertRaised", atMs: NOW_MS }]);
    expect(state.wakes).toEqual([15 * 60_000]);
  });

  test("is sent again whole if its targets' queue refuses it, and its decision is not", async () => {
    let refusals = 1;
    const { state, parts } = partsOf({
      send: async (deliveries) => deliveries.map(() => refusals-- <= 0),
    });
    await driveAlerts(parts, CAMERA, settings, detected("PERSON"));
    expect(state.published).toEqual(["AlertRaised", "AlertRaised"]);
    expect(state.rows).toHaveLength(1);
    expect(state.record?.outbox).toEqual([]);
  });

  test("stays in the outbox if nothing accepts it, and the error says so", async () => {
    const { state, parts } = partsOf({
      enter: async () => Promise.reject(new Error("Firehose is down")),
      publish: async (events) => events.map(() => false),
    });
    const driven = driveAlerts(parts, CAMERA, settings, detected("PERSON"));
    await expect(driven).rejects.toThrow("none of 2 outbox entries was accepted; they are sent again");
    expect(state.record?.outbox).toHaveLength(2);
  });

  test("is counted for its rule before it is raised, also where the refusal of another one brings it about", async () => {
    const asked: string[] = [];
    const { state, parts } = partsOf({
      take: async (_, alertId) => {
        asked.push(alertId);
        return false;
      },
    });
    // Without an alert for the first session, the detection of the second one begins a chain of its own.
    const detections = [
      detectionOf({ sessionStartedAtMs: NOW_MS - 10_000, detectedAtMs: NOW_MS - 5000 }),
      detectionOf({ sessionStartedAtMs: NOW_MS - 4000 }),
    ];
    await driveAlerts(parts, CAMERA, settings, { kind: "detected", detections, session: undefined });
    expect(asked).toEqual([`front-door-${NOW_MS - 10_000}`, `front-door-${NOW_MS - 4000}`]);
    expect(state.published).toEqual([]);
    expect(state.rows).toMatchObject([{ reason: "max-per-hour" }, { reason: "max-per-hour" }]);
  });

  test("does not wait for a picture whose check fails", async () => {
    let nowMs = NOW_MS;
    const { state, parts } = partsOf({
      now: () => nowMs,
      isStored: async () => Promise.reject(new Error("S3 is down")),
    });
    const event: AlertEvent = {
      ...detected(),
      kind: "detected",
      detections: [detectionOf({ isPictureStored: false })],
      session: undefined,
    };
    await driveAlerts(parts, CAMERA, settings, event);
    expect(state.published).toEqual([]);
    nowMs += 5000;
    await driveAlerts(parts, CAMERA, settings);
    expect(state.published).toEqual(["AlertRaised"]);
  });
});

describe("a record", () => {
  test("that another caller has changed is read again, and the event applied to it", async () => {
    const { state, parts } = partsOf();
    let isFirst = true;
    const racing: AlertParts = {
      ...parts,
      put: async (record) => {
        if (isFirst) {
          isFirst = false;
          await driveAlerts(parts, CAMERA, settings, detected("PERSON"));
        }
        return await parts.put(record);
      },
    };
    await driveAlerts(racing, CAMERA, settings, detected("PET"));
    expect(state.rows.map(({ decision, label }) => `${label} ${decision}`)).toEqual([
      "PERSON raised",
      "PET merged",
    ]);
    expect(state.wakes).toHaveLength(1);
  });

  test("whose outbox is full takes no detection before it is delivered", async () => {
    const { state, parts } = partsOf({ enter: async (decisions) => decisions.map(() => false) });
    const labels = Array.from({ length: 250 }, (_, index) => `LABEL ${index}`);
    const rules = { ...settings, rules: [] };
    await expect(driveAlerts(parts, CAMERA, rules, detected(...labels))).rejects.toThrow("none of 250");
    await expect(driveAlerts(parts, CAMERA, rules, detected("PERSON"))).rejects.toThrow("none of 250");
    expect(state.record?.outbox).toHaveLength(250);
    const working = { ...parts, enter: partsOf().parts.enter };
    await driveAlerts(working, CAMERA, rules, detected("PERSON"));
    expect(state.record?.outbox).toEqual([]);
    expect(state.record?.decided).toHaveLength(251);
  });

  test("counts a rule's alert once, before it is raised", async () => {
    const taken: string[] = [];
    const { state, parts } = partsOf({
      take: async (rule, alertId) => {
        taken.push(`${rule.ruleId} ${alertId}`);
        return false;
      },
    });
    await driveAlerts(parts, CAMERA, settings, detected("PERSON", "PET"));
    expect(taken).toEqual([`people ${CAMERA}-${NOW_MS - 1000}`]);
    expect(state.rows.map(({ reason }) => reason)).toEqual(["max-per-hour", "max-per-hour"]);
  });

  test("that others change each time is given up after 50 turns", async () => {
    const { parts } = partsOf({ put: async () => false });
    await expect(driveAlerts(parts, CAMERA, settings, detected("PERSON"))).rejects.toThrow(
      "the alerts of front-door took more than 50 turns; the message is received again",
    );
  });
});
