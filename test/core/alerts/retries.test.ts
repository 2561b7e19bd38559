import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../base/durations.ts";
import { readRetryAfter, RETRY_DELAYS_MS, retryDelayMs } from "../../../core/alerts/retries.ts";

const SENT_AT_MS = Date.parse("2026-11-30T12:00:00Z");
const MIDDLE = 0.5;

const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

/** The times of all attempts, milliseconds after the message was sent, of a target that never accepts it. */
function attempts(randomNumbers: () => number, retryAfterMs: () => number | undefined): number[] {
  const at = [0];
  for (;;) {
    const failure = { attempt: at.length, sentAtMs: SENT_AT_MS, retryAfterMs: retryAfterMs() };
    const delayMs = retryDelayMs(failure, SENT_AT_MS + at.at(-1)!, randomNumbers());
    if (delayMs === undefined) return at;
    at.push(at.at(-1)! + delayMs);
  }
}

describe("a message that is never accepted", () => {
  test("is sent again after 5 s, 30 s, 2, 10 and 30 min, 1, 2, 4 and 8 h, and for the last time after a day", () => {
    const at = attempts(
      () => MIDDLE,
      () => undefined,
    );
    const delays = at.slice(1).map((atMs, index) => atMs - at[index]!);
    expect(delays.slice(0, -1)).toEqual([...RETRY_DELAYS_MS, 8 * HOUR_MS].slice(0, delays.length - 1));
    expect(at.at(-1)).toBe(DAY_MS);
  });

  test("has at most 20 attempts, the last of them after a day, whatever the jitter and the Retry-After are", () => {
    const retryAfter = fc.option(fc.integer({ min: 0, max: 20 * HOUR_MS }), { nil: undefined });
    fc.assert(
      fc.property(fc.infiniteStream(random), fc.infiniteStream(retryAfter), (numbers, headers) => {
        const at = attempts(
          () => numbers.next().value!,
          () => headers.next().value,
        );
        expect(at.length).toBeLessThanOrEqual(20);
        expect(at.at(-1)).toBe(DAY_MS);
        for (const [index, atMs] of at.slice(1).entries()) {
          expect(atMs - at[index]!).toBeGreaterThan(0);
          expect(atMs - at[index]!).toBeLessThan(12 * HOUR_MS);
        }
      }),
    );
  });
});

describe("a delay", () => {
  test("is changed by a fifth at most, either way", () => {
    const failure = { attempt: 3, sentAtMs: SENT_AT_MS };
    fc.assert(
      fc.property(random, (number) => {
        const delayMs = retryDelayMs(failure, SENT_AT_MS, number)!;
        expect(delayMs).toBeGreaterThanOrEqual(0.8 * 2 * MINUTE_MS);
        expect(delayMs).toBeLessThanOrEqual(1.2 * 2 * MINUTE_MS);
      }),
    );
  });

  test("is as long as Retry-After says, if that is longer and less than 12 hours", () => {
    const after = (retryAfterMs: number) =>
      retryDelayMs({ attempt: 1, sentAtMs: SENT_AT_MS, retryAfterMs }, SENT_AT_MS, MIDDLE);
    expect([after(SECOND_MS), after(90 * SECOND_MS), after(20 * HOUR_MS)]).toEqual([
      5 * SECOND_MS,
      90 * SECOND_MS,
      12 * HOUR_MS - MINUTE_MS,
    ]);
  });
});

describe("Retry-After", () => {
  const read = (header: string | undefined) => readRetryAfter(header, SENT_AT_MS);

  test("is read as seconds and as a date of HTTP", () => {
    expect([
      read("120"),
      read(" 7 "),
      read("Mon, 30 Nov 2026 12:01:30 GMT"),
      read("Monday, 30-Nov-26 12:01:30 GMT"),
    ]).toEqual([120_000, 7000, 90_000, 90_000]);
  });

  test("counts for nothing if it is neither, or has passed", () => {
    const headers = [
      undefined,
      "",
      "0",
      "-1",
      "1.5",
      "soon",
      "1e3",
      "Mon, 30 Nov 2026 11:00:00 GMT",
      "Mon, x",
    ];
    expect(headers.map(read)).toEqual(headers.map(() => undefined));
  });

  test("is never anything but a positive number of milliseconds", () => {
    fc.assert(
      fc.property(fc.string(), (header) => {
        const delayMs = read(header);
        expect(delayMs === undefined || (Number.isFinite(delayMs) && delayMs > 0)).toBe(true);
      }),
    );
  });
});
