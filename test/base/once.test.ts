import { expect, test } from "@jest/globals";
import { oncePerKey } from "../../base/once.ts";

test("each key is read once, also by readers at the same time, and a failure stays", async () => {
  const reads: string[] = [];
  const read = oncePerKey(async (key: string) => {
    reads.push(key);
    if (key === "c") throw new Error("unreadable");
    return key.toUpperCase();
  });
  expect(await Promise.all([read("a"), read("b"), read("a")])).toEqual(["A", "B", "A"]);
  expect(await read("b")).toBe("B");
  await expect(read("c")).rejects.toThrow("unreadable");
  await expect(read("c")).rejects.toThrow("unreadable");
  expect(reads).toEqual(["a", "b", "c"]);
});
