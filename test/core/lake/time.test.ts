import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { eventHourOf, isoTimestamp } from "../../../core/lake/time.ts";

describe("a timestamp", () => {
  test("is UTC to the millisecond", () => {
    expect(isoTimestamp(1_763_726_400_005)).toBe("2025-11-21T12:00:00.005Z");
    expect(isoTimestamp(1_763_769_599_999)).toBe("2025-11-21T23:59:59.999Z");
    expect(isoTimestamp(1_763_769_600_000)).toBe("2025-11-22T00:00:00.000Z");
    expect(isoTimestamp(1_709_208_001_000)).toBe("2024-02-29T12:00:01.000Z");
  });

  test("is what the platform writes, in whatever order days come", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 })), (times) => {
        expect(times.map(isoTimestamp)).toEqual(times.map((time) => new Date(time).toISOString()));
      }),
    );
  });
});

test("an event's partition is its UTC date and padded hour", () => {
  expect(eventHourOf(1_763_683_200_000)).toEqual({ dt: "2025-11-21", hour: "00" });
  expect(eventHourOf(1_763_715_599_999)).toEqual({ dt: "2025-11-21", hour: "08" });
  expect(eventHourOf(1_763_769_599_999)).toEqual({ dt: "2025-11-21", hour: "23" });
});
