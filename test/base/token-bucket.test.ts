import { expect, test } from "@jest/globals";
import { TokenBucket } from "../../base/token-bucket.ts";

test("a bucket lets its burst through at once, and its rate after that", () => {
  const bucket = new TokenBucket(2, 0, 5);
  expect(bucket.isFull(0)).toBe(true);
  expect(bucket.take(5, 0)).toBe(0);
  expect(bucket.has(1, 499)).toBe(false);
  expect(bucket.has(1, 500)).toBe(true);
  expect(bucket.isFull(2_499)).toBe(false);
  expect(bucket.isFull(2_500)).toBe(true);
  expect(bucket.has(6, 1_000_000)).toBe(true);
});

test("the burst is a second's worth by default", () => {
  const bucket = new TokenBucket(2, 0);
  expect([bucket.take(2, 0), bucket.take(1, 0)]).toEqual([0, 500]);
});
