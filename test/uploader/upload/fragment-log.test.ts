import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { FragmentLog } from "../../../uploader/upload/fragment-log.ts";

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

describe("FragmentLog", () => {
  test("resumes at the first fragment that is not safe, even if later ones are", () => {
    const log = new FragmentLog("PERSISTED");
    for (const index of [0, 1, 2, 3]) log.sent(fragment(index));
    for (const index of [0, 2, 3]) log.acknowledge(ack("PERSISTED", index));
    expect([log.resumeAt, log.isSettled(1), log.isSettled(2), log.isSettled(4)]).toEqual([
      1,
      false,
      true,
      false,
    ]);
    expect(log.safeIntervals).toEqual([
      { fromMs: 0, toMs: 1000 },
      { fromMs: 2000, toMs: 4000 },
    ]);
    expect(log.inFlightBytes).toBe(10);
  });

  test("counts only PERSISTED as safe where the stream stores, and RECEIVED where it does not", () => {
    for (const [safeAs, resumeAt] of [
      ["PERSISTED", 0],
      ["RECEIVED", 1],
    ] as const) {
      const log = new FragmentLog(safeAs);
      log.sent(fragment(0));
      log.acknowledge(ack("BUFFERING", 0));
      log.acknowledge(ack("RECEIVED", 0));
      expect(log.resumeAt).toBe(resumeAt);
    }
  });

  test("counts fragments that the source no longer has as lost, once", () => {
    const log = new FragmentLog("PERSISTED");
    log.sent(fragment(0));
    log.reconnect();
    expect(log.sent(fragment(3))).toBe(3);
    expect(log.sent(fragment(5))).toBe(1);
    log.reconnect();
    expect(log.sent(fragment(3))).toBe(0);
    expect(log.counts).toEqual({ sent: 2, received: 0, safe: 0, lost: 4 });
    log.acknowledge(ack("PERSISTED", 3));
    expect(log.resumeAt).toBe(5);
  });

  test("sends every fragment until it is safe, with any acknowledgements and broken connections", () => {
    const event = fc.record({
      eventType: fc.constantFrom("RECEIVED", "PERSISTED", "BUFFERING", "IDLE"),
      index: fc.integer({ min: 0, max: 12 }),
    });
    // Each step sends the next unsettled fragment, receives an acknowledgement, or breaks the connection.
    const step = fc.oneof(fc.constant("send" as const), event, fc.constant("break" as const));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const log = new FragmentLog("PERSISTED");
        const [inFlight, safe] = [new Set<number>(), new Set<number>()];
        let next = 0;
        for (const one of steps) {
          if (one === "break") {
            log.reconnect();
            inFlight.clear();
            next = log.resumeAt;
          } else if (one === "send") {
            while (log.isSettled(next)) next++;
            expect(safe).not.toContain(next);
            expect(log.sent(fragment(next))).toBe(0);
            inFlight.add(next++);
          } else {
            const acknowledged = log.acknowledge(ack(one.eventType, one.index));
            const isNew = one.eventType === "PERSISTED" && inFlight.has(one.index);
            expect(acknowledged?.index).toBe(isNew ? one.index : undefined);
            if (isNew && inFlight.delete(one.index)) safe.add(one.index);
          }
          let resumeAt = 0;
          while (safe.has(resumeAt)) resumeAt++;
          expect(log.resumeAt).toBe(resumeAt);
          expect(log.inFlightBytes).toBe(inFlight.size * 10);
          expect(log.counts).toMatchObject({ safe: safe.size, lost: 0 });
          const seconds = log.safeIntervals.flatMap(({ fromMs, toMs }) =>
            Array.from({ length: (toMs - fromMs) / 1000 }, (_, i) => fromMs / 1000 + i),
          );
          expect(seconds).toEqual([...safe].toSorted((a, b) => a - b));
        }
      }),
    );
  });
});
