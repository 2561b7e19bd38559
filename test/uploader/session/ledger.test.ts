import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { FragmentLedger } from "../../../uploader/session/ledger.ts";

const fragment = (index: number) => ({
  index,
  timecodeMs: index * 1000,
  sizeBytes: 10,
  startMs: index * 1000,
  endMs: (index + 1) * 1000,
});
const ack = (eventType: "RECEIVED" | "PERSISTED" | "BUFFERING" | "IDLE", index: number) => ({
  eventType,
  fragmentTimecode: index * 1000,
  fragmentNumber: `n${index}`,
});

describe("FragmentLedger", () => {
  test("resumes at the first fragment that is not safe, whatever came behind it", () => {
    const ledger = new FragmentLedger("PERSISTED");
    for (const index of [0, 1, 2, 3]) ledger.sent(fragment(index));
    for (const index of [0, 2, 3]) ledger.acknowledge(ack("PERSISTED", index));
    expect([ledger.resumeAt, ledger.isSettled(1), ledger.isSettled(2), ledger.isSettled(4)]).toEqual([
      1,
      false,
      true,
      false,
    ]);
    expect(ledger.stretches).toEqual([
      { fromMs: 0, toMs: 1000 },
      { fromMs: 2000, toMs: 4000 },
    ]);
    expect(ledger.inFlightBytes).toBe(10);
  });

  test("takes only PERSISTED for safe where the stream stores, and RECEIVED where it does not", () => {
    for (const [safeAs, resumeAt] of [
      ["PERSISTED", 0],
      ["RECEIVED", 1],
    ] as const) {
      const ledger = new FragmentLedger(safeAs);
      ledger.sent(fragment(0));
      ledger.acknowledge(ack("BUFFERING", 0));
      ledger.acknowledge(ack("RECEIVED", 0));
      expect(ledger.resumeAt).toBe(resumeAt);
    }
  });

  test("counts what its source no longer has as lost, once", () => {
    const ledger = new FragmentLedger("PERSISTED");
    ledger.sent(fragment(0));
    ledger.reconnect();
    expect(ledger.sent(fragment(3))).toBe(3);
    expect(ledger.sent(fragment(5))).toBe(1);
    ledger.reconnect();
    expect(ledger.sent(fragment(3))).toBe(0);
    expect(ledger.counts).toEqual({ sent: 2, received: 0, safe: 0, lost: 4 });
    ledger.acknowledge(ack("PERSISTED", 3));
    expect(ledger.resumeAt).toBe(5);
  });

  test("sends every fragment until it is safe, whatever is acknowledged and wherever connections break", () => {
    const event = fc.record({
      eventType: fc.constantFrom("RECEIVED", "PERSISTED", "BUFFERING", "IDLE"),
      index: fc.integer({ min: 0, max: 12 }),
    });
    // Each step either sends the next unsettled fragment, hears an acknowledgement, or breaks the connection.
    const step = fc.oneof(fc.constant("send" as const), event, fc.constant("break" as const));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const ledger = new FragmentLedger("PERSISTED");
        const [onTheWay, safe] = [new Set<number>(), new Set<number>()];
        let next = 0;
        for (const one of steps) {
          if (one === "break") {
            ledger.reconnect();
            onTheWay.clear();
            next = ledger.resumeAt;
          } else if (one === "send") {
            while (ledger.isSettled(next)) next++;
            expect(safe).not.toContain(next);
            expect(ledger.sent(fragment(next))).toBe(0);
            onTheWay.add(next++);
          } else {
            const made = ledger.acknowledge(ack(one.eventType, one.index));
            const isNew = one.eventType === "PERSISTED" && onTheWay.has(one.index);
            expect(made?.index).toBe(isNew ? one.index : undefined);
            if (isNew && onTheWay.delete(one.index)) safe.add(one.index);
          }
          let resumeAt = 0;
          while (safe.has(resumeAt)) resumeAt++;
          expect(ledger.resumeAt).toBe(resumeAt);
          expect(ledger.inFlightBytes).toBe(onTheWay.size * 10);
          expect(ledger.counts).toMatchObject({ safe: safe.size, lost: 0 });
          const seconds = ledger.stretches.flatMap(({ fromMs, toMs }) =>
            Array.from({ length: (toMs - fromMs) / 1000 }, (_, i) => fromMs / 1000 + i),
          );
          expect(seconds).toEqual([...safe].toSorted((a, b) => a - b));
        }
      }),
    );
  });
});
