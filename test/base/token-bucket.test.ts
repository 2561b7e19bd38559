import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { TokenBucket } from "../../base/token-bucket.ts";

describe("TokenBucket", () => {
  test("admits its burst at once, and then at the rate", () => {
    const bucket = new TokenBucket(2, 0, 5);
    expect(bucket.isFull(0)).toBe(true);
    expect(bucket.take(5, 0)).toBe(0);
    expect(bucket.has(1, 499)).toBe(false);
    expect(bucket.has(1, 500)).toBe(true);
    expect(bucket.isFull(2_499)).toBe(false);
    expect(bucket.isFull(2_500)).toBe(true);
    expect(bucket.has(6, 1_000_000)).toBe(true);
  });

  test("admits a second's tokens at once, and then at the rate", () => {
    const bucket = new TokenBucket(5, 0);
    expect(bucket.has(5, 0)).toBe(true);
    expect(bucket.take(5, 0)).toBe(0);
    expect(bucket.has(1, 199)).toBe(false);
    expect(bucket.has(1, 200)).toBe(true);
    expect(bucket.take(2, 200)).toBe(200);
    expect(bucket.isFull(1399)).toBe(false);
    expect(bucket.isFull(1400)).toBe(true);
  });

  test("has a burst of a second's tokens by default", () => {
    const bucket = new TokenBucket(2, 0);
    expect([bucket.take(2, 0), bucket.take(1, 0)]).toEqual([0, 500]);
  });

  test("admits more than a second's tokens when it is full, and then makes callers wait for them", () => {
    const bucket = new TokenBucket(500, 0);
    expect(bucket.has(1000, 0)).toBe(true);
    expect(bucket.take(1000, 0)).toBe(1000);
    expect(bucket.has(1, 1000)).toBe(false);
    expect(bucket.has(500, 2000)).toBe(true);
  });

  test("never admits more than the rate and one second's tokens, whatever the clock does", () => {
    const steps = fc.array(fc.tuple(fc.integer({ min: -500, max: 900 }), fc.integer({ min: 1, max: 4 })));
    fc.assert(
      fc.property(steps, (all) => {
        let [now, forwardMs, taken] = [0, 0, 0];
        const bucket = new TokenBucket(4, 0);
        for (const [stepMs, count] of all) {
          now += stepMs;
          forwardMs += Math.max(0, stepMs);
          if (!bucket.has(count, now)) continue;
          bucket.take(count, now);
          taken += count;
        }
        expect(taken).toBeLessThanOrEqual(4 + forwardMs * 0.004 + 1e-6);
      }),
    );
  });
});
