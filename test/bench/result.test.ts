import { globSync } from "node:fs";
import { basename } from "node:path";
import { expect, test } from "@jest/globals";
import { BENCHES } from "../../bench/benches.ts";
import { figure, resultOf, textOf } from "../../bench/result.ts";

test("every bench of the folder is in the list, and every name of the list is a bench", () => {
  const files = globSync("bench/*.bench.ts").map((file) => basename(file, ".bench.ts"));
  expect(files.toSorted()).toEqual(Object.keys(BENCHES).toSorted());
});

test("a goal is met up to its bound, and missed beyond it or without a value", () => {
  const { figures } = resultOf("upload", {
    figures: [
      figure("memory", 150, "MB", { atMost: 150 }),
      figure("memory", 150.1, "MB", { atMost: 150 }),
      figure("rate", 12.5, "MB/s", { atLeast: 12.5 }),
      figure("rate", 12.4, "MB/s", { atLeast: 12.5 }),
      figure("median of nothing", NaN, "ms", { atMost: 1 }),
      figure("files", 3, ""),
    ],
    sameWork: "all",
  });
  expect(figures.map(({ isMet }) => isMet)).toEqual([true, false, true, false, false, undefined]);
});

test("a result says each figure with its goal, the rival with its ratio, and what was asserted", () => {
  const result = resultOf("upload", {
    figures: [figure("time", 2, "s", { atMost: 1 })],
    rival: { name: "a copy", ratio: 3, ratioOf: "its time / ours", goal: { atLeast: 2 } },
    sameWork: "both wrote the same bytes",
    failures: ["a byte is missing"],
  });
  expect(textOf(result).split("\n").slice(1, -1)).toEqual([
    "  time  2 s  (goal: at most 1, missed)",
    "  beside a copy: its time / ours is 3  (goal: at least 2, met)",
    "  asserted: both wrote the same bytes",
    "  fail: a byte is missing",
  ]);
});
