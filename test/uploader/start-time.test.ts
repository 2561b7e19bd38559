import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { chooseStart, parseStart, type StartOptions } from "../../uploader/start-time.ts";
import { timesInZone } from "../../uploader/zone-time.ts";

describe("parseStart", () => {
  test.each([
    ["2025-11-21T04:40:00Z", 1_763_700_000_000],
    ["2025-11-21T05:40:00.5+01:00", 1_763_700_000_500],
    ["2025-11-21", 1_763_683_200_000],
    ["1763700000123", 1_763_700_000_123],
  ])("reads %s", (text, expected) => {
    expect(parseStart(text)).toBe(expected);
  });

  test.each([
    ["1763700000", "it looks like seconds: did you mean 1763700000000?"],
    ["1763700000.5", "it looks like seconds: did you mean 1763700000500?"],
    ["0", "the start 0 is not in epoch milliseconds"],
    ["1763700000123000", "the start 1763700000123000 is not in epoch milliseconds"],
    ["2025-11-21T04:40:00", "expected ISO 8601 such as 2025-11-21T04:40:00Z, or epoch milliseconds"],
    ["2025-13-21T04:40:00Z", "the start 2025-13-21T04:40:00Z is not a time"],
    ["yesterday", "the start yesterday is not a time"],
  ])("refuses %s", (text, message) => {
    expect(() => parseStart(text)).toThrow(message);
  });
});

describe("chooseStart", () => {
  const nowMs = Date.parse("2026-11-30T12:00:00Z");
  const recorded = (at: string) => ({ recordedAtMs: Date.parse(at), durationMs: 10_500.2 });
  const choose = (
    source: { recordedAtMs: number | undefined; durationMs: number | undefined },
    options: StartOptions = {},
    isRealtime = false,
  ) => {
    const { startMs, startFrom } = chooseStart(source, options, { nowMs, isRealtime });
    return [new Date(startMs).toISOString(), startFrom];
  };

  test("takes a given time, else the file's, else now, and says which", () => {
    const source = recorded("2026-11-30T09:00:00Z");
    expect(choose(source, { startMs: nowMs - 5 })).toEqual(["2026-11-30T11:59:59.995Z", "given"]);
    expect(choose(source)).toEqual(["2026-11-30T09:00:00.000Z", "file"]);
    expect(choose({ recordedAtMs: undefined, durationMs: undefined })).toEqual([
      "2026-11-30T12:00:00.000Z",
      "now",
    ]);
  });

  test("now means that the recording ends now, or in real time begins now: nothing lands in the future", () => {
    const source = recorded("2022-03-29T22:28:06Z");
    expect(choose(source, { startFrom: "now" })).toEqual(["2026-11-30T11:59:49.499Z", "now"]);
    expect(choose(source, { startFrom: "now" }, true)).toEqual(["2026-11-30T12:00:00.000Z", "now"]);
    expect(choose({ recordedAtMs: undefined, durationMs: 2000 })).toEqual([
      "2026-11-30T11:59:58.000Z",
      "now",
    ]);
  });

  test("refuses a creation time in the future or over a day ago, unless that time is requested", () => {
    expect(() => choose(recorded("2026-11-30T21:00:00Z"))).toThrow(
      "its creation time 2026-11-30T21:00:00.000Z lies in the future; if the camera writes its wall clock as UTC, " +
        "give its --zone, e.g. --zone Europe/Berlin; --start now sends it as if it had just been recorded",
    );
    expect(() => choose(recorded("2026-11-29T11:59:59Z"))).toThrow("lies over a day ago");
    expect(choose(recorded("2022-03-29T22:28:06Z"), { startFrom: "file" })).toEqual([
      "2022-03-29T22:28:06.000Z",
      "file",
    ]);
    expect(choose(recorded("2026-11-30T12:00:30Z"))).toEqual(["2026-11-30T12:00:30.000Z", "file"]);
    expect(() => choose(recorded("2026-11-30T21:00:00Z"), { startFrom: "file" })).toThrow(
      "lies in the future",
    );
    expect(choose({ recordedAtMs: undefined, durationMs: 1 }, { startFrom: "file" })[1]).toBe("now");
  });

  test("reads a camera's wall clock in its zone, and refuses a time that the zone has twice or never", () => {
    expect(choose(recorded("2026-11-30T20:30:00Z"), { zone: "Asia/Tokyo" })).toEqual([
      "2026-11-30T11:30:00.000Z",
      "file",
    ]);
    const old = { startFrom: "file", zone: "America/New_York" } as const;
    expect(() => choose(recorded("2026-11-01T01:30:00Z"), old)).toThrow(
      "its creation time 2026-11-01 01:30:00 occurs twice in America/New_York; " +
        "give --start 2026-11-01T05:30:00.000Z or 2026-11-01T06:30:00.000Z",
    );
    expect(() => choose(recorded("2026-03-08T02:30:00Z"), old)).toThrow("does not exist in America/New_York");
  });

  test("a time in a zone is one at which the zone's clocks show it", () => {
    const zones = fc.constantFrom(
      "Europe/Berlin",
      "Australia/Lord_Howe",
      "Pacific/Apia",
      "Asia/Kathmandu",
      "UTC",
    );
    const minutes = fc.integer({ min: Date.UTC(2009, 0) / 60_000, max: Date.UTC(2030, 0) / 60_000 });
    fc.assert(
      fc.property(minutes, zones, (minute, timeZone) => {
        const atMs = minute * 60_000;
        const shown = new Date(atMs).toLocaleString("sv-SE", { timeZone });
        const times = timesInZone(Date.parse(`${shown.replace(" ", "T")}Z`), timeZone);
        expect(times).toContain(atMs);
        for (const ms of times) expect(new Date(ms).toLocaleString("sv-SE", { timeZone })).toBe(shown);
      }),
    );
  });
});
