import { expect, test } from "@jest/globals";
import { chunksOf } from "../../base/chunks.ts";

test.each([
  [[], []],
  [[1, 2, 3], [[1, 2, 3]]],
  [
    [1, 2, 3, 4, 5, 6, 7],
    [[1, 2, 3], [4, 5, 6], [7]],
  ],
])("%j in chunks of three are %j", (items, expected) => {
  expect(chunksOf<number>(items, 3)).toEqual(expected);
});
