import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { admit, forget, type Webhook } from "../../../core/motion/admission.ts";
import { Problem } from "../../../core/problem.ts";
import { reduce, idle } from "../../../core/sessions/reduce.ts";
import { TOLERANCE_MS } from "../../../core/webhook.ts";
import type { Session } from "../../../schemas/session.ts";

/** 2026-11-21T12:00:00Z. */
const NOON_MS = 1_795_262_400_000;
const SECOND = 1000;

const webhook = (id: string, sentMs = NOON_MS): Webhook => ({ id, sentMs });

/** The record after the report, or the type of the problem that it was refused with. */
function admitted(record: Session, sent: Webhook | undefined, nowMs: number): Session | string {
  try {
    return admit(record, { webhook: sent }, nowMs);
  } catch (error) {
    if (error instanceof Problem) return error.type;
    throw error;
  }
}

/** Admits one request after another. @returns for each whether it was admitted, or why not */
function outcomes(reports: readonly { webhook?: Webhook; nowMs: number }[]): string[] {
  let record = idle("front-door");
  return reports.map((report) => {
    const next = admitted(record, report.webhook, report.nowMs);
    if (typeof next === "string") return next;
    record = next;
    return "taken";
  });
}

describe("a camera", () => {
  test("may report thirty times at once and once a second in the long run", () => {
    const atOnce = Array.from({ length: 32 }, () => ({ nowMs: NOON_MS }));
    const later = [500, 999, 1000, 1001, 3000, 3000, 3000].map((ms) => ({ nowMs: NOON_MS + ms }));
    expect(outcomes([...atOnce, ...later])).toEqual([
      ...Array.from({ length: 30 }, () => "taken"),
      "too-many-requests",
      "too-many-requests",
      "too-many-requests",
      "too-many-requests",
      "taken",
      "too-many-requests",
      "taken",
      "taken",
      "too-many-requests",
    ]);
  });

  test("that was refused for its rate may send the same webhook again", () => {
    const atOnce = Array.from({ length: 30 }, () => ({ nowMs: NOON_MS }));
    const same = webhook("msg_1");
    expect(
      outcomes([
        ...atOnce,
        { webhook: same, nowMs: NOON_MS },
        { webhook: same, nowMs: NOON_MS + SECOND },
      ]).slice(-2),
    ).toEqual(["too-many-requests", "taken"]);
  });
});

describe("a webhook", () => {
  test("acts once, also when it was sent by a clock that is ahead", () => {
    const ahead = webhook("msg_1", NOON_MS + TOLERANCE_MS);
    const times = [NOON_MS, NOON_MS + SECOND, NOON_MS + 2 * TOLERANCE_MS];
    expect(outcomes(times.map((nowMs) => ({ webhook: ahead, nowMs })))).toEqual([
      "taken",
      "unauthorized",
      "unauthorized",
    ]);
  });

  test("that could not be acted on may come again", () => {
    const record = admit(idle("front-door"), { webhook: webhook("msg_1") }, NOON_MS);
    expect(admitted(forget(record, "msg_1"), webhook("msg_1"), NOON_MS)).toMatchObject({
      webhooks: record.webhooks,
    });
    expect(forget(record, "msg_2")).toBe(record);
  });

  test("acts no more when it was sent before one that is forgotten, and does when it was sent after", () => {
    const sent = Array.from({ length: 70 }, (_, index) => webhook(`msg_${index}`, NOON_MS + index * SECOND));
    const nowMs = NOON_MS + 70 * SECOND;
    const reports = sent.map((one, index) => ({ webhook: one, nowMs: NOON_MS + index * SECOND }));
    const again = [0, 5, 6, 69].map((index) => ({ webhook: sent[index]!, nowMs }));
    const late = [webhook("late", NOON_MS + 5 * SECOND), webhook("in time", NOON_MS + 6 * SECOND)];
    expect(
      outcomes([...reports, ...again, ...late.map((one) => ({ webhook: one, nowMs }))]).slice(70),
    ).toEqual(["unauthorized", "unauthorized", "unauthorized", "unauthorized", "unauthorized", "taken"]);
  });

  test("never acts twice while it is fresh, and the record remembers at most 64", () => {
    const report = fc.record({
      id: fc.integer({ min: 0, max: 120 }),
      sentAgoMs: fc.integer({ min: -TOLERANCE_MS, max: TOLERANCE_MS }),
      afterMs: fc.integer({ min: 0, max: 3000 }),
    });
    fc.assert(
      fc.property(fc.array(report, { minLength: 1, maxLength: 200, size: "max" }), (reports) => {
        let record = idle("front-door");
        let nowMs = NOON_MS;
        const sentMsById = new Map<number, number>();
        const acted = new Set<number>();
        for (const { id, sentAgoMs, afterMs } of reports) {
          nowMs += afterMs;
          const sentMs = sentMsById.get(id) ?? nowMs - sentAgoMs;
          sentMsById.set(id, sentMs);
          if (Math.abs(nowMs - sentMs) > TOLERANCE_MS) continue;
          const next = admitted(record, webhook(String(id), sentMs), nowMs);
          if (typeof next === "string") continue;
          expect(acted.has(id)).toBe(false);
          acted.add(id);
          record = next;
          expect(record.webhooks.length).toBeLessThanOrEqual(64);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe("a report that a session hears", () => {
  const moment = { nowMs: NOON_MS, random: 0.5 };

  test("is counted in the same record as its motion", () => {
    const event = { kind: "motion-started", atMs: NOON_MS, timeoutSeconds: 60 } as const;
    const record = reduce(idle("front-door"), { ...event, request: { webhook: webhook("msg_1") } }, moment);
    expect(record).toMatchObject({
      wanted: [{ fromMs: NOON_MS, untilMs: NOON_MS + 60 * SECOND }],
      webhooks: [{ id: expect.stringMatching(/^[\w-]{22}$/), sentMs: NOON_MS }],
      allowanceFullAtMs: NOON_MS + SECOND,
      wakeAtMs: NOON_MS,
    });
  });

  test("schedules no wake-up for a query or a released webhook", () => {
    const queried = reduce(
      idle("front-door"),
      { kind: "session-queried", request: { webhook: webhook("msg_1") } },
      moment,
    );
    expect([queried.webhooks.length, queried.wakeAtMs]).toEqual([1, undefined]);
    const released = reduce(queried, { kind: "webhook-released", webhookId: "msg_1" }, moment);
    expect([released.webhooks, released.wakeAtMs]).toEqual([[], undefined]);
  });
});
