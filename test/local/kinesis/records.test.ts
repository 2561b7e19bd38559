import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { Records } from "../../../local/kinesis/records.ts";
import { positionOf, sequenceNumber } from "../../../local/kinesis/sequence-number.ts";

const stream = { name: "porch", createdAtMs: 1_700_000_000_123 };
const record = (text: string) => ({ shardIndex: 0, partitionKey: "key", data: Buffer.from(text) });
const textsOf = (records: Records): string[] =>
  [...records.after(stream, 0, 0, 0)].map(({ data }) => Buffer.from(data).toString());

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "doorstep-records-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("records and their order survive a process that never closes the file", () => {
  const killed = new Records(folder);
  const first = killed.put(stream, [record("a"), record("b")], 1000);
  const next = new Records(folder);
  // The clock of the next process is behind.
  const second = next.put(stream, [record("c")], 500);
  expect(textsOf(next)).toEqual(["a", "b", "c"]);
  expect([...first, ...second]).toEqual([1_000_000, 1_000_001, 1_000_002]);
  killed.close();
  next.close();
});

test("positions go on growing after the newest record of a shard has expired", () => {
  const records = new Records(folder);
  const [old] = records.put(stream, [record("a")], 1000);
  records.delete(stream, 2000);
  const [young] = records.put(stream, [record("b")], 2000);
  expect(young).toBeGreaterThan(old!);
  expect(textsOf(records)).toEqual(["b"]);
  records.close();
});

test("a sequence number says its position, and refuses another shard or stream", () => {
  const number = sequenceNumber(stream, 3, {
    position: 1_700_000_000_123_004,
    arrivedAtMs: 1_700_000_000_123,
  });
  expect(number).toMatch(/^\d{56}$/);
  expect(positionOf(number, stream, 3)).toBe(1_700_000_000_123_004);
  expect(() => positionOf(number, stream, 2)).toThrow("did not come from this shard");
  expect(() => positionOf(number, { ...stream, createdAtMs: 0 }, 3)).toThrow("did not come from this shard");
  expect(() => positionOf("7", stream, 3)).toThrow("did not come from this shard");
});
