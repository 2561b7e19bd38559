import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  RecordStore,
  type NewRecord,
  type StoredRecord,
} from "../../../local/firehose/buffers/record-store.ts";

const BUFFERS = ["source", 'data:{"dt":"2026-11-30"}'] as const;
const ALL = {
  maxBytes: Infinity,
  maxRecords: Infinity,
  afterSequence: 0,
  upToSequence: Number.MAX_SAFE_INTEGER,
};

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "doorstep-records-"));
  file = join(folder, "records.sqlite");
});
afterEach(() => rmSync(folder, { recursive: true }));

const plain = ({ arrivedAtMs, data }: Pick<StoredRecord, "arrivedAtMs" | "data">) =>
  `${arrivedAtMs} ${data.toString()}`;

const record = fc.record({
  buffer: fc.constantFrom(...BUFFERS),
  arrivedAtMs: fc.integer({ min: 0, max: 20 }),
  data: fc.string({ maxLength: 8 }).map((text) => Buffer.from(text)),
});
const step = fc.oneof(
  fc.record({ kind: fc.constant("add" as const), records: fc.array(record, { maxLength: 8 }) }),
  fc.record({
    kind: fc.constant("replace" as const),
    buffer: fc.constantFrom(...BUFFERS),
    count: fc.integer({ min: 1, max: 6 }),
    by: fc.array(record, { maxLength: 3 }),
  }),
  fc.record({
    kind: fc.constant("remove-older" as const),
    buffer: fc.constantFrom(...BUFFERS),
    beforeMs: fc.integer({ min: 0, max: 21 }),
  }),
  fc.record({ kind: fc.constant("restart" as const) }),
);

test("a store holds exactly what was added and not replaced, in order, over restarts", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 15 }), (steps) => {
      rmSync(file, { force: true });
      let store = new RecordStore(file);
      const model = new Map(BUFFERS.map((name) => [name as string, [] as NewRecord[]]));
      const sequences = new Set<number>();
      const add = (records: readonly NewRecord[]): void => {
        for (const one of records) model.get(one.buffer)!.push(one);
      };
      for (const one of steps) {
        if (one.kind === "add") {
          store.add("s", one.records, 0);
          add(one.records);
        } else if (one.kind === "replace") {
          const taken = store.take("s", one.buffer, { ...ALL, maxRecords: one.count });
          if (taken.length === 0) continue;
          for (const { sequence } of taken) {
            expect(sequences.has(sequence)).toBe(false);
            sequences.add(sequence);
          }
          store.replace("s", one.buffer, taken.at(-1)!.sequence, one.by, 0);
          model.get(one.buffer)!.splice(0, taken.length);
          add(one.by);
        } else if (one.kind === "remove-older") {
          const before = model.get(one.buffer)!;
          const kept = before.filter(({ arrivedAtMs }) => arrivedAtMs >= one.beforeMs);
          expect(store.removeOlder("s", one.buffer, one.beforeMs)).toBe(before.length - kept.length);
          model.set(one.buffer, kept);
        } else {
          store.close();
          store = new RecordStore(file);
        }
        for (const [buffer, records] of model) {
          const stored = store.take("s", buffer, ALL);
          expect(stored.map(plain)).toEqual(
            records.map((each) => plain({ ...each, data: Buffer.from(each.data) })),
          );
          const half = Math.floor(stored.length / 2);
          const afterSequence = stored[half]?.sequence ?? 0;
          expect(store.take("s", buffer, { ...ALL, afterSequence })).toEqual(stored.slice(half + 1));
          expect(store.measure("s", buffer)).toMatchObject({
            records: records.length,
            sizeBytes: records.reduce((sum, { data }) => sum + data.length, 0),
          });
          expect(stored.every(({ sequence }) => sequence <= store.lastSequence())).toBe(true);
        }
      }
      store.close();
    }),
    { numRuns: 60 },
  );
});

test("records that are added together are few rows, not one each", () => {
  const store = new RecordStore(file);
  const records = Array.from({ length: 500 }, () => ({
    buffer: "source",
    arrivedAtMs: 1,
    data: Buffer.alloc(1000),
  }));
  store.add("s", records, 1);
  store.close();
  const database = new DatabaseSync(file);
  expect(database.prepare("SELECT count(*) AS rows, sum(records) AS records FROM batches").get()).toEqual({
    rows: 2,
    records: 500,
  });
  database.close();
});

test("the records that an earlier version left are delivered, in order", () => {
  const database = new DatabaseSync(file);
  database.exec(`
    CREATE TABLE records (sequence INTEGER PRIMARY KEY AUTOINCREMENT, stream TEXT NOT NULL, buffer TEXT NOT NULL,
      arrived_at_ms INTEGER NOT NULL, buffered_at_ms INTEGER NOT NULL, data BLOB NOT NULL);
    INSERT INTO records (stream, buffer, arrived_at_ms, buffered_at_ms, data) VALUES
      ('s', 'source', 5, 7, CAST('first' AS BLOB)), ('other', 'source', 5, 7, CAST('its' AS BLOB)),
      ('s', 'source', 6, 8, CAST('second' AS BLOB));
  `);
  database.close();
  const store = new RecordStore(file);
  expect(store.take("s", "source", ALL).map(plain)).toEqual(["5 first", "6 second"]);
  expect(store.measure("s", "source")).toEqual({ records: 2, sizeBytes: 11, openedAtMs: 7 });
  store.close();
});
