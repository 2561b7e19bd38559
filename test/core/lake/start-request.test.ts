import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { readStartRequest } from "../../../core/lake/start-request.ts";

const bothKnown = { startedAtMs: 1_763_726_400_000, maxDurationSeconds: 30 };

describe("a start request", () => {
  test.each([
    [
      "camelCase",
      {
        startSelector: { kVSStreamStartSelector: { producerTimestamp: 1_763_726_400_000 } },
        stopSelector: { maxDurationInSeconds: 30 },
      },
    ],
    [
      "the API's own case",
      {
        StartSelector: { KVSStreamStartSelector: { ProducerTimestamp: 1_763_726_400_000 } },
        StopSelector: { MaxDurationInSeconds: 30 },
      },
    ],
    [
      "the guide's misplaced StopSelector and invented name",
      {
        startSelector: {
          KVSStreamStartSelector: { KVSProducerTimestamp: "1763726400000" },
          StopSelector: { MaxDurationInSeconds: "30" },
        },
      },
    ],
    ["epoch seconds", { producerTimestamp: 1_763_726_400, maxDurationInSeconds: 30 }],
  ])("is read in %s", (_, request) => {
    expect(readStartRequest(request)).toEqual(bothKnown);
  });

  test("returns null for what is absent or invalid", () => {
    const nothing = { startedAtMs: null, maxDurationSeconds: null };
    expect(readStartRequest(null)).toEqual(nothing);
    expect(readStartRequest("now")).toEqual(nothing);
    expect(readStartRequest({ producerTimestamp: "now", maxDurationInSeconds: 1.5 })).toEqual(nothing);
    expect(readStartRequest({ producerTimestamp: 0, maxDurationInSeconds: -1 })).toEqual(nothing);
    expect(
      readStartRequest({ startSelector: { kvsStreamStartSelector: { fragmentNumber: "123" } } }),
    ).toEqual(nothing);
  });

  test("is searched four levels deep and 64 keys far, no further", () => {
    const found = { maxDurationInSeconds: 30 };
    expect(readStartRequest({ a: { b: { c: found } } }).maxDurationSeconds).toBe(30);
    expect(readStartRequest({ a: { b: { c: { d: found } } } }).maxDurationSeconds).toBeNull();
    const keys = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, i]));
    expect(readStartRequest({ ...keys(63), ...found }).maxDurationSeconds).toBe(30);
    expect(readStartRequest({ ...keys(64), ...found }).maxDurationSeconds).toBeNull();
  });

  test("is never an error", () => {
    fc.assert(fc.property(fc.anything(), (request) => Object.keys(readStartRequest(request)).length === 2));
  });
});
