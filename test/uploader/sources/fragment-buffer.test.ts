import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { FragmentBuffer } from "../../../uploader/sources/fragment-buffer.ts";
import { syntheticFragment } from "../synthetic-source.ts";

describe("FragmentBuffer", () => {
  test("never holds more than its limit, except one large fragment, and drops only the oldest", async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 150 }), { minLength: 1, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(sizes, async (sizesBytes) => {
        const buffer = new FragmentBuffer(100);
        for (const [index, sizeBytes] of sizesBytes.entries()) {
          buffer.push(syntheticFragment(index, sizeBytes));
          expect(buffer.sizeBytes).toBeLessThanOrEqual(Math.max(100, sizeBytes));
        }
        buffer.end();
        const left: number[] = [];
        for (let next = await buffer.take(0); next; next = await buffer.take(next.index + 1))
          left.push(next.index);
        const oldest = left[0]!;
        expect(left).toEqual(sizesBytes.map((_, index) => index).slice(oldest));
        const leftBytes = sizesBytes.slice(oldest).reduce((sum, size) => sum + size, 0);
        expect(buffer.sizeBytes).toBe(leftBytes);
        // One more would not have fitted.
        if (oldest > 0) expect(leftBytes + sizesBytes[oldest - 1]!).toBeGreaterThan(100);
      }),
    );
  });

  test("returns everything before the error that it ended with", async () => {
    const buffer = new FragmentBuffer(100);
    buffer.push(syntheticFragment(0));
    buffer.end(new Error("the camera is gone"));
    expect((await buffer.take(0))?.index).toBe(0);
    await expect(buffer.take(1)).rejects.toThrow("the camera is gone");
  });

  test("wakes a waiting caller at a fragment, a release, an end or an abort", async () => {
    const buffer = new FragmentBuffer(100);
    const waited = buffer.take(0);
    buffer.push(syntheticFragment(0));
    expect((await waited)?.index).toBe(0);
    const room = buffer.change();
    buffer.release(1);
    await room;
    const stop = new AbortController();
    const aborted = buffer.take(1, stop.signal);
    stop.abort();
    expect(await aborted).toBeUndefined();
    const ended = buffer.take(1);
    buffer.end();
    expect(await ended).toBeUndefined();
  });
});
