import { describe, expect, test } from "@jest/globals";
import { dayOf, isArmed, nextArmedMs, nextDayMs } from "../../../core/sessions/schedule.ts";
import type { Schedule } from "../../../schemas/camera.ts";

const at = (iso: string): number => Date.parse(iso);
const iso = (ms: number | undefined) => ms && new Date(ms).toISOString();

/** Weekday nights from ten to six. */
const nights: Schedule = [
  { days: ["mon", "tue", "wed", "thu", "fri"], from: "22:00", until: "24:00" },
  { days: ["tue", "wed", "thu", "fri", "sat"], from: "00:00", until: "06:00" },
];

describe("a schedule", () => {
  test("arms by the wall clock of its zone", () => {
    // In Berlin it is an hour later than in UTC in winter, two in summer.
    expect(isArmed(nights, at("2026-11-20T20:59:59Z"), "Europe/Berlin")).toBe(false);
    expect(isArmed(nights, at("2026-11-20T21:00:00Z"), "Europe/Berlin")).toBe(true);
    expect(isArmed(nights, at("2026-11-21T04:59:59Z"), "Europe/Berlin")).toBe(true);
    expect(isArmed(nights, at("2026-11-21T05:00:00Z"), "Europe/Berlin")).toBe(false);
    expect(isArmed(nights, at("2026-07-17T20:00:00Z"), "Europe/Berlin")).toBe(true);
    expect(isArmed(nights, at("2026-07-17T20:00:00Z"), "UTC")).toBe(false);
  });

  test("that is absent always arms, and one that is empty never", () => {
    expect(isArmed(undefined, 0, "UTC")).toBe(true);
    expect(isArmed([], at("2026-11-21T12:00:00Z"), "UTC")).toBe(false);
  });

  test("says when it arms next, also over the night in which clocks change", () => {
    const week = at("2026-12-01T00:00:00Z");
    expect(iso(nextArmedMs(nights, at("2026-11-21T12:00:00Z"), week, "UTC"))).toBe(
      "2026-11-23T22:00:00.000Z",
    );
    const early: Schedule = [{ days: ["sun"], from: "05:00", until: "06:00" }];
    // Clocks in Berlin went back from 3:00 to 2:00 on 25 October 2026.
    expect(iso(nextArmedMs(early, at("2026-10-24T22:30:00Z"), week, "Europe/Berlin"))).toBe(
      "2026-10-25T04:00:00.000Z",
    );
    expect(
      nextArmedMs(nights, at("2026-11-21T12:00:00Z"), at("2026-11-21T13:00:00Z"), "UTC"),
    ).toBeUndefined();
  });
});

describe("a day", () => {
  test("is the zone's, and ends at its midnight, whether it has 23, 24 or 25 hours", () => {
    expect(dayOf(at("2026-11-21T23:30:00Z"), "UTC")).toBe("2026-11-21");
    expect(dayOf(at("2026-11-21T23:30:00Z"), "Asia/Kathmandu")).toBe("2026-11-22");
    expect(iso(nextDayMs(at("2026-11-21T23:30:00Z"), "UTC"))).toBe("2026-11-22T00:00:00.000Z");
    expect(iso(nextDayMs(at("2026-11-21T12:00:00Z"), "Asia/Kathmandu"))).toBe("2026-11-21T18:15:00.000Z");
    expect(iso(nextDayMs(at("2026-10-24T22:00:00Z"), "Europe/Berlin"))).toBe("2026-10-25T23:00:00.000Z");
    expect(iso(nextDayMs(at("2026-03-28T23:00:00Z"), "Europe/Berlin"))).toBe("2026-03-29T22:00:00.000Z");
  });
});
