import { describe, expect, test } from "@jest/globals";
import { idle } from "../../../core/sessions/reduce.ts";
import { deliverTo } from "../../../core/sessions/deliver.ts";
import { drive, type SessionRecords } from "../../../core/sessions/drive.ts";
import type { Outgoing, Stop } from "../../../schemas/outgoing.ts";
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
const stopEntry: Outgoing = {
  to: "stops",
  id: "stop-1",
  processorName: "porch",
  engine: "frames",
  videoEndMs: NOON_MS,
};

/** Destinations that accept everything, and what they received. */
function destinations() {
  const received: string[] = [];
  return {
    received,
    acceptAll: {
      enter: async (rows: readonly { eventId: string }[]) =>
        await Promise.resolve(rows.map(({ eventId }) => received.push(eventId) > 0)),
      put: async (events: readonly { detail: { eventId: string } }[]) =>
        await Promise.resolve(events.map(({ detail }) => received.push(detail.eventId) > 0)),
      stop: async ({ processorName, engine, videoEndMs }: Stop) =>
        await Promise.resolve(received.push(`stop ${engine} ${processorName} at ${videoEndMs}`)),
    },
  };
}

describe("the outbox of a record", () => {
  test("goes to the ledger, the bus and the stops, in its order", async () => {
    const { received, acceptAll } = destinations();
    const entries = [eventEntry(1), rowEntry(1), stopEntry, rowEntry(2), eventEntry(2)];
    expect(await deliverTo(acceptAll)(entries)).toEqual(["row-1", "row-2", "event-1", "event-2", "stop-1"]);
    expect(received.filter((one) => one.startsWith("row"))).toEqual(["row-1", "row-2"]);
    expect(received.filter((one) => one.startsWith("event"))).toEqual(["event-1", "event-2"]);
    expect(received).toContain(`stop frames porch at ${NOON_MS}`);
  });

  test("reaches the ledger and the stops while the bus is down", async () => {
    const { acceptAll } = destinations();
    const put = async () => await Promise.reject(new Error("bus down"));
    const entries = [eventEntry(1), rowEntry(1), stopEntry];
    expect(await deliverTo({ ...acceptAll, put })(entries)).toEqual(["row-1", "stop-1"]);
  });

  test("throws the reasons when no entry is accepted", async () => {
    const put = async () => await Promise.reject(new Error("bus down"));
    const enter = async () => await Promise.resolve([false]);
    const deliver = deliverTo({ ...destinations().acceptAll, put, enter });
    await expect(deliver([eventEntry(1), rowEntry(1)])).rejects.toMatchObject({
      message: "none of 2 outbox entries was accepted; they are sent again",
      errors: [new Error("bus down")],
    });
  });

  test("stays in the record until it is accepted, and only the rest is sent again", async () => {
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
      start: async () => await Promise.reject(new Error("unexpected call")),
      find: async () => await Promise.reject(new Error("unexpected call")),
    };
    const sent: string[][] = [];
    const deliver = deliverTo({
      ...destinations().acceptAll,
      enter: async (rows) => {
        sent.push(rows.map(({ eventId }) => eventId));
        return await Promise.resolve(rows.map(({ eventId }) => sent.length > 1 || eventId === "row-2"));
      },
    });
    await drive(
      records,
      { "stream-processor": engine, frames: engine, "face-search": engine },
      { record: stored, camera: undefined },
      { deliver },
    );
    expect(sent).toEqual([["row-1", "row-2"], ["row-1"]]);
    expect([stored.outbox, stored.wakeAtMs]).toEqual([[], undefined]);
  });
});
