import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { firstFailedIndex } from "../../../local/lambda/kinesis-event.ts";
import { afterAttempt, withoutAged, type Batch } from "../../../local/lambda/shard-batches.ts";

const batchOf = (records: readonly number[], retries = 0): Batch<number> => ({ records, retries });
const settings = (bisects: boolean, maxRetries: number) => ({ bisects, maxRetries });

test("a batch that succeeds is passed as a whole", () => {
  expect(afterAttempt([batchOf([1, 2]), batchOf([3])], 2, settings(true, 0))).toEqual({
    pending: [batchOf([3])],
    passed: 2,
    waits: false,
  });
});

test("the records before the first failed one are passed, and the rest is retried", () => {
  expect(afterAttempt([batchOf([1, 2, 3], 1), batchOf([4])], 1, settings(true, 1))).toEqual({
    pending: [batchOf([2, 3]), batchOf([4])],
    passed: 1,
    waits: true,
  });
});

test("a batch that fails is split, which uses up no retry", () => {
  expect(afterAttempt([batchOf([1, 2, 3], 1)], 0, settings(true, 1))).toEqual({
    pending: [batchOf([1, 2], 1), batchOf([3], 1)],
    waits: false,
  });
});

test("a batch that fails without being split is retried, then discarded", () => {
  const once = afterAttempt([batchOf([1, 2])], 0, settings(false, 1));
  expect(once).toEqual({ pending: [batchOf([1, 2], 1)], waits: true });
  expect(afterAttempt(once.pending, 0, settings(false, 1))).toEqual({
    pending: [],
    passed: 2,
    discarded: batchOf([1, 2], 1),
    waits: false,
  });
});

test("records that are too old are discarded from the front", () => {
  expect(withoutAged([batchOf([1, 2, 3], 2)], (record) => record < 3)).toEqual({
    pending: [batchOf([3], 2)],
    passed: 2,
    discarded: batchOf([1, 2], 2),
  });
  expect(withoutAged([batchOf([1])], () => false)).toEqual({ pending: [batchOf([1])] });
});

/** A function that fails on some records: by throwing, by reporting the lowest one, or by reporting nothing of use. */
const failingFunction = fc.record({
  bad: fc.uniqueArray(fc.nat(19)),
  reports: fc.boolean(),
});

test("each record is handled or discarded exactly once, in order, and what is handled has no bad record in it", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      failingFunction,
      fc.boolean(),
      fc.nat(3),
      (count, { bad, reports }, bisects, maxRetries) => {
        const all = Array.from({ length: count }, (_, record) => record);
        const isBad = (record: number): boolean => bad.includes(record);
        let pending: readonly Batch<number>[] = [batchOf(all)];
        let checkpoint = -1;
        const handled: number[] = [];
        const discarded: number[] = [];
        const attempts = new Map<number, number>();
        while (pending.length > 0) {
          const { records } = pending[0]!;
          for (const record of records) attempts.set(record, (attempts.get(record) ?? 0) + 1);
          const lowest = records.findIndex(isBad);
          const firstFailed = lowest < 0 ? records.length : reports ? lowest : 0;
          const step = afterAttempt(pending, firstFailed, settings(bisects, maxRetries));
          // The model: the first pending records are done with, up to the one that is passed.
          const left = step.pending.flatMap((batch) => batch.records);
          expect([...all.slice(0, (step.passed ?? checkpoint) + 1), ...left]).toEqual(all);
          if (step.discarded) discarded.push(...step.discarded.records);
          else if (step.passed !== undefined) handled.push(...all.slice(checkpoint + 1, step.passed + 1));
          checkpoint = step.passed ?? checkpoint;
          pending = step.pending;
        }
        expect([...handled, ...discarded].toSorted((one, other) => one - other)).toEqual(all);
        expect(handled.filter(isBad)).toEqual([]);
        expect(checkpoint).toBe(count - 1);
        // Splitting leaves the bad records alone; without it, others go with them.
        if (bisects) expect(discarded).toEqual(all.filter(isBad));
        for (const record of all.filter(isBad))
          expect(attempts.get(record)!).toBeGreaterThanOrEqual(maxRetries + 1);
      },
    ),
  );
});

const numbers = ["10", "11", "12"];
test.each([
  ["nothing", undefined, 3],
  ["null", null, 3],
  ["an empty list", { batchItemFailures: [] }, 3],
  ["a null list", { batchItemFailures: null }, 3],
  ["one record", { batchItemFailures: [{ itemIdentifier: "11" }] }, 1],
  [
    "several records, out of order",
    { batchItemFailures: [{ itemIdentifier: "12" }, { itemIdentifier: "11" }] },
    1,
  ],
  ["an empty identifier", { batchItemFailures: [{ itemIdentifier: "" }] }, 0],
  ["a null identifier", { batchItemFailures: [{ itemIdentifier: null }] }, 0],
  ["another key", { batchItemFailures: [{ id: "12" }] }, 0],
  [
    "a number of another batch beside one of this",
    { batchItemFailures: [{ itemIdentifier: "12" }, { itemIdentifier: "9" }] },
    0,
  ],
  ["text in place of the list", { batchItemFailures: "12" }, 0],
])("a function that reports %s", (_, response, firstFailed) => {
  expect(firstFailedIndex(JSON.stringify(response ?? null), numbers)).toBe(firstFailed);
});
