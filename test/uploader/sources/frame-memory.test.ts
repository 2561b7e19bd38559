import { expect, test } from "@jest/globals";
import { FrameMemory } from "../../../uploader/sources/frame-memory.ts";

test("keeps copies in one buffer", () => {
  const shelf = new FrameMemory(10).forFragment();
  const data = Uint8Array.of(1, 2, 3);
  const [first, second] = [shelf.keep(data), shelf.keep(Uint8Array.of(4))];
  data.fill(9);
  expect([...first, ...second]).toEqual([1, 2, 3, 4]);
  expect(second.buffer).toBe(first.buffer);
});

test("returns data without room as it is", () => {
  const shelf = new FrameMemory(3).forFragment();
  shelf.keep(Uint8Array.of(1, 2));
  const data = Uint8Array.of(3, 4);
  expect(shelf.keep(data)).toBe(data);
});

test("reuses a fragment's memory when it is released, and never before", () => {
  const memory = new FrameMemory(3);
  const first = memory.forFragment();
  const kept = first.keep(Uint8Array.of(1, 2, 3));
  const second = memory.forFragment();
  expect(second.keep(Uint8Array.of(4)).buffer).not.toBe(kept.buffer);
  expect([...kept]).toEqual([1, 2, 3]);
  first.free();
  expect(memory.forFragment().keep(Uint8Array.of(5)).buffer).toBe(kept.buffer);
  expect([...kept]).toEqual([5, 2, 3]);
});
