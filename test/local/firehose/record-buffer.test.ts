import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { nextTurn, TurnableClock } from "../../../base/clock.ts";
import { RecordBuffer } from "../../../local/firehose/buffers/record-buffer.ts";
import { RecordStore } from "../../../local/firehose/buffers/record-store.ts";

const LIMITS = { sizeBytes: 10, intervalMs: 60_000, maxRecords: 100, maxBatches: 1 };

describe("a buffer of records", () => {
  let folder: string;
  let store: RecordStore;
  let clock: TurnableClock;
  let emptied: string[][];
  let refusals: number;
  let retries: number[];
  let buffer: RecordBuffer;

  const newBuffer = (limits = LIMITS, done = async () => {}) =>
    new RecordBuffer({
      store,
      clock,
      stream: "s",
      name: "b",
      limits,
      empty: async (records) => {
        await done();
        if (refusals-- > 0) throw new Error("refused");
        return () => {
          emptied.push(records.map(({ data }) => String(data)));
          store.replace("s", "b", records.at(-1)!.sequence, [], clock.now());
        };
      },
      failed: (_error, retryAfterMs) => void retries.push(retryAfterMs),
    });

  const add = (...texts: string[]) => {
    const records = texts.map((text) => ({ buffer: "b", arrivedAtMs: clock.now(), data: Buffer.from(text) }));
    store.add("s", records, clock.now());
    for (const text of texts) buffer.added(text.length);
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "doorstep-buffer-"));
    store = new RecordStore(join(folder, "records.sqlite"));
    clock = new TurnableClock();
    [emptied, retries, refusals] = [[], [], 0];
    buffer = newBuffer();
    buffer.start();
  });
  afterEach(async () => {
    await buffer.stop();
    store.close();
    rmSync(folder, { recursive: true });
  });

  test("is emptied one interval after the first record, not after the last", async () => {
    add("a");
    clock.turn(50_000);
    add("b");
    await nextTurn();
    expect(emptied).toEqual([]);
    clock.turn(10_000);
    await nextTurn();
    expect(emptied).toEqual([["a", "b"]]);
    expect(buffer.isEmpty).toBe(true);
  });

  test("is emptied at once when full, at most its size at a time", async () => {
    add("12345", "67890", "x");
    await nextTurn();
    expect(emptied).toEqual([["12345", "67890"], ["x"]]);
  });

  test("processes a record that is larger than its size alone", async () => {
    add("a", "larger than ten bytes", "b");
    await nextTurn();
    expect(emptied).toEqual([["a"], ["larger than ten bytes"], ["b"]]);
  });

  test("with an interval of zero is emptied at once", async () => {
    buffer = newBuffer({ ...LIMITS, intervalMs: 0 });
    buffer.start();
    add("a");
    await nextTurn();
    expect(emptied).toEqual([["a"]]);
  });

  test("keeps refused records and retries with growing pauses, however many more arrive", async () => {
    refusals = 3;
    add("1234567890");
    await nextTurn();
    add("more than enough");
    clock.turn(5_000);
    await nextTurn();
    clock.turn(6_000);
    await nextTurn();
    expect(retries).toEqual([5_000, 10_000]);
    clock.turn(4_000);
    await nextTurn();
    expect(retries).toEqual([5_000, 10_000, 20_000]);
    clock.turn(20_000);
    await nextTurn();
    expect(emptied).toEqual([["1234567890"], ["more than enough"]]);
  });

  test("rejects a drain whose records were refused", async () => {
    refusals = 1;
    add("a");
    await expect(buffer.drain()).rejects.toThrow("refused");
    await buffer.drain();
    expect(emptied).toEqual([["a"]]);
  });

  test("keeps its records and their age for the next start", async () => {
    add("a");
    clock.turn(20_000);
    await buffer.stop();
    clock.turn(20_000);
    expect(emptied).toEqual([]);
    buffer = newBuffer();
    buffer.start();
    clock.turn(10_000);
    await nextTurn();
    expect(emptied).toEqual([]);
    clock.turn(10_000);
    await nextTurn();
    expect(emptied).toEqual([["a"]]);
  });

  test("processes every record exactly once and in order, whatever the sizes and pauses", async () => {
    const step = fc.oneof(
      fc.string({ minLength: 1, maxLength: 14, unit: fc.constantFrom("x", "y") }),
      fc.integer({ min: 1, max: 70_000 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        emptied = [];
        for (const step of steps) {
          if (typeof step === "string") add(step);
          else clock.turn(step);
          if (typeof step === "number" && step % 2) await nextTurn();
        }
        await buffer.drain();
        expect(emptied.flat()).toEqual(steps.filter((step) => typeof step === "string"));
      }),
      { numRuns: 50 },
    );
  });

  test("replaces every record once and in order, whichever batch is done first and whichever fails", async () => {
    const texts = fc.array(fc.string({ minLength: 1, maxLength: 14 }), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(
        texts,
        fc.integer({ min: 1, max: 3 }),
        fc.nat({ max: 3 }),
        fc.scheduler(),
        async (added, maxBatches, failures, scheduler) => {
          [emptied, refusals] = [[], failures];
          let inProgress = 0;
          let mostInProgress = 0;
          const several = newBuffer({ ...LIMITS, maxBatches }, async () => {
            mostInProgress = Math.max(mostInProgress, ++inProgress);
            await scheduler.schedule(Promise.resolve());
            inProgress--;
          });
          add(...added);
          several.start();
          const drain = async (): Promise<boolean> =>
            await several.drain().then(
              () => true,
              () => false,
            );
          while (!(await scheduler.waitFor(drain())));
          expect(emptied.flat()).toEqual(added);
          expect(mostInProgress).toBeLessThanOrEqual(maxBatches);
          await several.stop();
        },
      ),
      { numRuns: 50 },
    );
  });

  test("has as many batches in progress as it may", async () => {
    const open = Promise.withResolvers<void>();
    let begun = 0;
    buffer = newBuffer({ ...LIMITS, maxBatches: 2 }, async () => {
      begun++;
      await open.promise;
    });
    add("1234567890", "1234567890", "1234567890");
    const drained = buffer.drain();
    buffer.start();
    await nextTurn();
    expect(begun).toBe(2);
    open.resolve();
    await drained;
    expect(begun).toBe(3);
  });
});
