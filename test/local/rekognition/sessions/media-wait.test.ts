import { describe, expect, test } from "@jest/globals";
import { TurnableClock } from "../../../../base/clock.ts";
import {
  chunksWhileMediaComes,
  silenceLimitMs,
  type MediaEnd,
} from "../../../../local/rekognition/sessions/media-wait.ts";

/** A source whose chunks the test gives. */
function source() {
  const waiting: PromiseWithResolvers<number | undefined>[] = [Promise.withResolvers()];
  let closed = false;
  async function* chunks() {
    try {
      for (let next = await waiting[0]!.promise; next !== undefined; next = await waiting[0]!.promise) {
        waiting.shift();
        yield Uint8Array.of(next);
      }
    } finally {
      closed = true;
    }
  }
  return {
    chunks: chunks(),
    give: (value: number | undefined) => {
      waiting.push(Promise.withResolvers());
      waiting.at(-2)!.resolve(value);
    },
    fail: (error: Error) => waiting.at(-1)!.reject(error),
    isClosed: () => closed,
  };
}

function watch({ chunks }: ReturnType<typeof source>) {
  const clock = new TurnableClock(0);
  const stop = new AbortController();
  const ends: MediaEnd[] = [];
  const passed = chunksWhileMediaComes(
    chunks,
    clock,
    () => 5000,
    stop.signal,
    (why) => void ends.push(why),
  );
  return { clock, stop, ends, passed };
}

describe("waiting for media", () => {
  test("yields chunks until the source ends", async () => {
    const media = source();
    const { passed, ends } = watch(media);
    media.give(7);
    expect(await passed.next()).toEqual({ done: false, value: Uint8Array.of(7) });
    media.give(undefined);
    expect(await passed.next()).toEqual({ done: true, value: undefined });
    expect(ends).toEqual(["stream-ended"]);
  });

  test("ends when none arrived for the limit, counted from when it was awaited", async () => {
    const media = source();
    const { passed, ends, clock } = watch(media);
    media.give(7);
    await passed.next();
    clock.turn(60_000);
    const next = passed.next();
    clock.turn(4999);
    media.give(8);
    expect(await next).toEqual({ done: false, value: Uint8Array.of(8) });
    const last = passed.next();
    clock.turn(5000);
    expect(await last).toEqual({ done: true, value: undefined });
    expect(ends).toEqual(["no-media"]);
  });

  test("ends at once when aborted, while waiting or before", async () => {
    const media = source();
    const { passed, ends, stop } = watch(media);
    const next = passed.next();
    stop.abort();
    expect(await next).toEqual({ done: true, value: undefined });
    expect(ends).toEqual(["aborted"]);

    const before = watch(source());
    before.stop.abort();
    expect(await before.passed.next()).toEqual({ done: true, value: undefined });
    expect(before.ends).toEqual(["aborted"]);
  });

  test("throws an error of the source, and ignores one after the end", async () => {
    const failing = source();
    const { passed } = watch(failing);
    failing.fail(new Error("connection lost"));
    await expect(passed.next()).rejects.toThrow("connection lost");

    const late = source();
    const { passed: ended, stop } = watch(late);
    const next = ended.next();
    stop.abort();
    await next;
    late.fail(new Error("aborted"));
    await new Promise((resolve) => setImmediate(resolve));
    expect(late.isClosed()).toBe(true);
  });
});

test("the limit is the duration of the last fragment plus 5 s; before the first, that of the longest possible fragment", () => {
  expect(silenceLimitMs(2000)).toBe(7000);
  expect(silenceLimitMs()).toBe(25_000);
});
