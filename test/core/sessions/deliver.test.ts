import { describe, expect, test } from "@jest/globals";
import { idle } from "../../../core/sessions/reduce.ts";
import { deliverTo } from "../../../core/sessions/deliver.ts";
import { drive, type SessionRecords } from "../../../core/sessions/drive.ts";
import type { Outgoing } from "../../../schemas/outgoing.ts";
import type { Session } from "../../../schemas/session.ts";

const NOON_MS = 1_795_262_400_000;

const rowEntry = (number: number): Outgoing => ({
  to: "ledger",
  id: `row-${number}`,
  row: {
    type: "COVERAGE",
    eventId: `row-${number}`,
    cameraId: "porch",
    outcome: "gap",
    reason: "budget",
    fromMs: NOON_MS + number,
    untilMs: NOON_MS + number + 1,
  },
});
const eventEntry = (number: number): Outgoing => ({
  to: "bus",
  id: `event-${number}`,
  event: {
    type: "SessionStarted",
    detail: {
      eventId: `event-${number}`,
      cameraId: "porch",
      videoStartAt: "2026-11-21T12:00:00.000Z",
      maxDurationSeconds: 10,
    },
  },
});
const stopEntry: Outgoing = { to: "stops", id: "stop-1", processorName: "porch" };

/** Destinations that take everything, and what they were told. */
function destinations() {
  const told: string[] = [];
  return {
    told,
    takeAll: {
      enter: async (rows: readonly { eventId: string }[]) =>
        await Promise.resolve(rows.map(({ eventId }) => told.push(eventId) > 0)),
      put: async (events: readonly { detail: { eventId: string } }[]) =>
        await Promise.resolve(events.map(({ detail }) => told.push(detail.eventId) > 0)),
      stop: async (processorName: string) => await Promise.resolve(void told.push(`stop ${processorName}`)),
    },
  };
}

describe("what a record has to tell", () => {
  test("goes to the ledger, the bus and the stops, in its order", async () => {
    const { told, takeAll } = destinations();
    const entries = [eventEntry(1), rowEntry(1), stopEntry, rowEntry(2), eventEntry(2)];
    expect(await deliverTo(takeAll)(entries)).toEqual(["row-1", "row-2", "event-1", "event-2", "stop-1"]);
    expect(told.filter((one) => one.startsWith("row"))).toEqual(["row-1", "row-2"]);
    expect(told.filter((one) => one.startsWith("event"))).toEqual(["event-1", "event-2"]);
    expect(told).toContain("stop porch");
  });

  test("reaches the ledger and the stops while the bus is down", async () => {
    const { takeAll } = destinations();
    const put = async () => await Promise.reject(new Error("bus down"));
    const entries = [eventEntry(1), rowEntry(1), stopEntry];
    expect(await deliverTo({ ...takeAll, put })(entries)).toEqual(["row-1", "stop-1"]);
  });

  test("is not told when nobody takes anything: the reasons are thrown", async () => {
    const put = async () => await Promise.reject(new Error("bus down"));
    const enter = async () => await Promise.resolve([false]);
    const deliver = deliverTo({ ...destinations().takeAll, put, enter });
    await expect(deliver([eventEntry(1), rowEntry(1)])).rejects.toMatchObject({
      message: "none of 2 outbox entries was accepted; they are sent again",
      errors: [new Error("bus down")],
    });
  });

  test("stays in the record until it is taken, and is sent again with nothing else", async () => {
    let stored: Session = {
      ...idle("porch"),
      version: 1,
      outbox: [rowEntry(1), rowEntry(2), eventEntry(1)],
      wakeAtMs: NOON_MS,
    };
    const records: SessionRecords = {
      now: () => NOON_MS,
      random: () => 0.5,
      find: async () => await Promise.resolve(stored),
      put: async (record) => {
        stored = record;
        return await Promise.resolve(true);
      },
      wake: async () => await Promise.resolve(),
    };
    const engine = {
      start: async () => await Promise.reject(new Error("not asked for")),
      find: async () => await Promise.reject(new Error("not asked for")),
    };
    const sent: string[][] = [];
    const deliver = deliverTo({
      ...destinations().takeAll,
      enter: async (rows) => {
        sent.push(rows.map(({ eventId }) => eventId));
        return await Promise.resolve(rows.map(({ eventId }) => sent.length > 1 || eventId === "row-2"));
      },
    });
    await drive(records, engine, { record: stored, camera: undefined }, { deliver });
    expect(sent).toEqual([["row-1", "row-2"], ["row-1"]]);
    expect([stored.outbox, stored.wakeAtMs]).toEqual([[], undefined]);
  });
});
